"""The pictures of an edit: what OpenAI takes of them, and how they go into the form."""

from __future__ import annotations

from collections.abc import Iterator

from imageway.adapters.openai.profiles import Profile
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.outgoing import FormPart
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest

TAKEN = frozenset({"png", "jpeg", "webp"})
MOST_REFERENCES = 16
LARGEST_REFERENCE = 50_000_000
LARGEST_MASK = 4_000_000

# PNG, ISO/IEC 15948: the colour type is the tenth byte of IHDR; 4 and 6 have an alpha channel.
COLOUR_TYPE = 25
WITH_ALPHA = frozenset({4, 6})
FIRST_CHUNK = 8


async def files(request: ImageRequest, profile: Profile) -> list[FormPart]:
    """The references in their order, then the mask; raises where OpenAI would refuse one."""
    pictures = [each.picture for each in request.references]
    _check_references(pictures)
    name = profile.image_field if len(pictures) == 1 else profile.images_field
    parts = [
        await _file(name, f"image-{place}", picture) for place, picture in enumerate(pictures, 1)
    ]
    if request.mask is not None:
        await _check_mask(request.mask.picture, pictures[0])
        parts.append(await _file("mask", "mask", request.mask.picture))
    return parts


async def _file(name: str, stem: str, picture: Picture) -> FormPart:
    return FormPart(name, await picture.read(), f"{stem}.{picture.format}", picture.media_type)


def _check_references(pictures: list[Picture]) -> None:
    if len(pictures) > MOST_REFERENCES:
        raise invalid(
            "references", f"references: at most {MOST_REFERENCES}, got {len(pictures)} pictures"
        )
    for place, picture in enumerate(pictures, 1):
        if picture.format not in TAKEN:
            raise invalid(
                "references",
                f"references: picture {place} is {picture.media_type}, which is not taken here",
                "send PNG, JPEG or WebP",
            )
        if picture.length >= LARGEST_REFERENCE:
            raise _too_large("references", f"picture {place}", picture, LARGEST_REFERENCE)


async def _check_mask(mask: Picture, first: Picture) -> None:
    if mask.format != "png":
        raise invalid("mask", f"mask: must be a PNG, got {mask.media_type}")
    if mask.length >= LARGEST_MASK:
        raise _too_large("mask", "the mask", mask, LARGEST_MASK)
    if (mask.width, mask.height) != (first.width, first.height):
        raise invalid(
            "mask",
            f"mask: must be as large as the first reference, {first.width}x{first.height}, "
            f"got {mask.width}x{mask.height}",
        )
    if not has_alpha(await mask.read()):
        raise invalid(
            "mask",
            "mask: has no transparency, so nothing would be changed",
            "make transparent what may be changed",
        )


def _too_large(param: str, what: str, picture: Picture, limit: int) -> ImagewayError:
    return ImagewayError(
        ErrorCode.TOO_LARGE,
        f"{param}: {what} has {picture.length} bytes, it must be below {limit}",
        hint="send a smaller one",
        details={"param": param},
    )


def has_alpha(png: bytes) -> bool:
    """Whether a PNG can be transparent anywhere: by its colours, or by a chunk tRNS."""
    return png[COLOUR_TYPE] in WITH_ALPHA or b"tRNS" in _kinds(png)


def _kinds(png: bytes) -> Iterator[bytes]:
    """The kinds of the chunks before the pixels."""
    place = FIRST_CHUNK
    while place + 8 <= len(png) and (kind := png[place + 4 : place + 8]) != b"IDAT":
        yield kind
        place += 12 + int.from_bytes(png[place : place + 4])
