"""The references of a request: what Google takes of them, and how they travel."""

from __future__ import annotations

from collections.abc import Sequence

from imageway.adapters.gemini.models import Model
from imageway.adapters.gemini.uploads import Uploads
from imageway.adapters.gemini.wire import Blob, Part
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest

TAKEN = frozenset({"png", "jpeg", "webp"})
# Google documents 100 MB for a whole body in base64, and 20 MB did for all clients once; above
# this the largest references go through the Files API, which is there for the Gemini API alone.
MOST_INLINE = 15_000_000
MOST_INLINE_ON_VERTEX = 70_000_000


def check(request: ImageRequest, model: Model) -> None:
    """Refuse what Google would only refuse after it has been sent."""
    pictures = [each.picture for each in request.references]
    if len(pictures) > model.references:
        raise ImagewayError(
            ErrorCode.UNSUPPORTED,
            f"{request.model!r} takes at most {model.references} references, got {len(pictures)}",
            hint="send fewer, or choose another model",
            details={"param": "references"},
        )
    for place, picture in enumerate(pictures, 1):
        if picture.format not in TAKEN:
            raise invalid(
                "references",
                f"references: picture {place} is {picture.media_type}, which is not taken here",
                "send PNG, JPEG or WebP",
            )


async def parts(request: ImageRequest, uploads: Uploads | None) -> list[Part]:
    """The references in their order, small ones inside, large ones by name."""
    pictures = [each.picture for each in request.references]
    if uploads is None:
        _check_total(pictures)
    outside = _too_large_for_inside(pictures) if uploads is not None else frozenset[int]()
    found: list[Part] = []
    for place, picture in enumerate(pictures):
        if uploads is not None and place in outside:
            found.append(Part(file_data=await uploads.bring(picture)))
        else:
            text = await picture.text()
            found.append(Part(inline_data=Blob(mime_type=picture.media_type, data=text)))
    return found


def _too_large_for_inside(pictures: Sequence[Picture]) -> frozenset[int]:
    """The fewest pictures without which the others fit into the body: the largest ones."""
    by_size = sorted(range(len(pictures)), key=lambda place: pictures[place].length)
    inside, total = set[int](), 0
    for place in by_size:
        total += pictures[place].length
        if total <= MOST_INLINE:
            inside.add(place)
    return frozenset(range(len(pictures))) - inside


def _check_total(pictures: Sequence[Picture]) -> None:
    total = sum(picture.length for picture in pictures)
    if total > MOST_INLINE_ON_VERTEX:
        raise ImagewayError(
            ErrorCode.TOO_LARGE,
            f"references: together they have {total} bytes, which is more than"
            f" {MOST_INLINE_ON_VERTEX}",
            hint="send smaller pictures",
            details={"param": "references"},
        )
