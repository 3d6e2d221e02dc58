"""The pictures of an OpenAI edit, from a form or from JSON, and what is wrong with them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError
from pydantic import JsonValue

from imageway.emulators.answer import Refusal
from imageway.emulators.heard import Heard, Part
from imageway.emulators.openai_errors import invalid, invalid_file, invalid_value
from imageway.emulators.openai_parameters import missing

MOST_IMAGES = 16
LARGEST_IMAGE = 50 << 20
LARGEST_MASK = 4 << 20
LONGEST_URL = 20_971_520
FORMATS = ("PNG", "JPEG", "WEBP")
MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/webp"})


@dataclass(frozen=True, slots=True)
class Uploads:
    """What an edit works on; None stands for a picture that is kept elsewhere."""

    images: tuple[bytes | None, ...] = ()
    mask: bytes | None = None
    markup: bytes | None = None


def from_form(heard: Heard, *, reads_media_types: bool) -> Uploads:
    """The files of a form, checked."""
    single, several = heard.files("image"), heard.files("image[]")
    if len(single) > 1:
        message = "Duplicate parameter: 'image'. To send several, name each of them 'image[]'."
        raise invalid("image", message)
    for part in (*single, *several):
        if reads_media_types and part.content_type not in MEDIA_TYPES:
            raise invalid_file(f"Unsupported media type '{part.content_type}'.")
    images = tuple(part.content for part in (*single, *several))
    mask, markup = _only(heard.files("mask")), _only(heard.files("markup"))
    return _checked(Uploads(images, mask, markup))


def from_json(fields: dict[str, JsonValue]) -> Uploads:
    """The `images` and the `mask` of a JSON body, checked."""
    images = fields.get("images")
    if not isinstance(images, list):
        raise missing("images")
    contents = tuple(_reference(f"images[{place}]", each) for place, each in enumerate(images))
    mask = fields.get("mask")
    return _checked(Uploads(contents, None if mask is None else _reference("mask", mask)))


def _only(parts: tuple[Part, ...]) -> bytes | None:
    if len(parts) > 1:
        raise invalid(parts[0].name, f"Duplicate parameter: '{parts[0].name}'.")
    return parts[0].content if parts else None


def _reference(name: str, value: JsonValue) -> bytes | None:
    match value:
        case {"file_id": str(stored), **others} if not others and stored.startswith("file-"):
            return None
        case {"image_url": str(url), **others} if not others and len(url) <= LONGEST_URL:
            return _fetched(name, url)
        case _:
            raise invalid_value(name, value, "an object with either 'image_url' or 'file_id'.")


def _fetched(name: str, url: str) -> bytes | None:
    """The content of a data URL; what lies on the web is not fetched, but believed."""
    if url.startswith("https://"):
        return None
    head, _, text = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64")):
        raise invalid_value(name, url[:60], "https URLs and base64 data URLs.")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise invalid_file(f"Invalid base64 in {name}.") from error


def _checked(uploads: Uploads) -> Uploads:
    if not uploads.images:
        raise missing("image")
    if len(uploads.images) > MOST_IMAGES:
        raise invalid("image", f"Expected at most {MOST_IMAGES} images, got {len(uploads.images)}.")
    if uploads.mask and uploads.markup:
        raise invalid("markup", "'markup' cannot be combined with 'mask'.")
    opened = [_image(content, place) for place, content in enumerate(uploads.images, 1)]
    for name, overlay in (("mask", uploads.mask), ("markup", uploads.markup)):
        _check_overlay(name, overlay, opened[0])
    return uploads


def _image(content: bytes | None, place: int) -> Image.Image | None:
    if content is None:
        return None
    if len(content) >= LARGEST_IMAGE:
        raise invalid_file(f"Image {place} is larger than 50 MB.")
    return _opened(content, f"image {place}")


def _opened(content: bytes, what: str) -> Image.Image:
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
        image.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise _unusable(what) from error
    return image


def _unusable(what: str) -> Refusal:
    message = f"Invalid image file or mode for {what}, please check your image file."
    return invalid_file(message)


def _check_overlay(name: str, content: bytes | None, first: Image.Image | None) -> None:
    if content is None:
        return
    if name == "mask" and len(content) >= LARGEST_MASK:
        raise invalid_file("The mask is larger than 4 MB.")
    overlay = _opened(content, name)
    if overlay.format != "PNG" or not overlay.has_transparency_data:
        raise _unusable(name)
    if first is not None and overlay.size != first.size:
        raise invalid_file(f"The {name} is {overlay.size}, but the first image {first.size}.")
