"""What Google's models take: the two layers of checks, and the pictures that come along."""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from imageway.emulators.answer import Refusal
from imageway.emulators.gemini_endings import UNSIGNED, Ending
from imageway.emulators.gemini_errors import bad_request, unknown_fields
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_files import Files
from imageway.emulators.gemini_models import ALL, SCALE_BY_SIZE, Model
from imageway.emulators.gemini_order import Order
from imageway.emulators.gemini_reading import no_such_field
from imageway.emulators.gemini_schema import (
    ONLY_ON_VERTEX,
    Content,
    Generate,
    GenerationConfig,
    ImageConfig,
    Part,
)

REQUEST = "GenerateContentRequest"
RATIO = f"* {REQUEST}.generation_config.image_config.aspect_ratio: aspect_ratio must be one of "
SIZES = "Unsupported image_size '{size}'. Supported values are: 1K, 2K, 4K, 512, 512P, 512PX."
# Nobody here can decode these, and the service can.
BELIEVED = frozenset({"image/heic", "image/heif"})
FORMATS = ("PNG", "JPEG", "WEBP")
CANNOT_READ = (
    "Unable to process input image. Please retry or report in"
    " https://developers.generativeai.google/guide/troubleshooting"
)


def read_order(
    name: str, model: Model, body: Generate, files: Files, facts: Facts, *, is_vertex: bool
) -> Order:
    """The order that a body is; raises a refusal where the service would refuse."""
    config = body.generation_config or GenerationConfig()
    image = config.image_config or ImageConfig()
    if not is_vertex:
        _check_fields(body, image)
    contents = tuple(body.contents or [])
    if not any(content.parts for content in contents):
        raise bad_request(f"* {REQUEST}.contents: contents is not specified\n")
    if (config.candidate_count or 1) > 1:
        raise bad_request("Multiple candidates is not enabled for this model")
    images = tuple(_images(contents, files, is_vertex=is_vertex))
    ratio = _ratio(image, model, images)
    size = _size(image, name, model, facts)
    wide = facts.wide_is_1408
    return Order(name, model, contents, config, images, ratio, size, is_vertex, wide)


def ending_of(order: Order, facts: Facts) -> Ending | None:
    """Why there will be no picture, where what was asked tells it."""
    if not order.prompt and not order.images:
        return Ending("NO_IMAGE")
    if facts.wants_signatures and order.model.thinks and _lacks_signature(order):
        return UNSIGNED
    return None


def _check_fields(body: Generate, image: ImageConfig) -> None:
    """What only Vertex knows is no field at all elsewhere."""
    known = type(image).model_fields
    place = "generation_config.image_config"
    wrong = [
        no_such_field(known[name].alias or name, place)
        for name in sorted(ONLY_ON_VERTEX & image.model_fields_set)
    ]
    if "labels" in body.model_fields_set:
        wrong.append(no_such_field("labels", ""))
    if wrong:
        raise unknown_fields(wrong)


def _ratio(image: ImageConfig, model: Model, images: tuple[Image.Image | None, ...]) -> str:
    ratio = image.aspect_ratio
    if not ratio:
        return _like(images[0], model) if images else "1:1"
    if ratio not in ALL:
        listed = ", ".join(f"'{each}'" for each in ALL)
        raise bad_request(RATIO + listed)
    if ratio not in model.ratios:
        raise bad_request(f"Aspect ratio {ratio} is not supported for this model")
    return ratio


def _like(first: Image.Image | None, model: Model) -> str:
    """The ratio nearest to that of the picture that came along."""
    if first is None:
        return "1:1"
    wanted = math.log(first.width / first.height)

    def distance(ratio: str) -> float:
        width, height = model.pixels[ratio]
        return abs(math.log(width / height) - wanted)

    return min(model.ratios, key=distance)


def _size(image: ImageConfig, name: str, model: Model, facts: Facts) -> str:
    asked = image.image_size or "1K"
    if model.fixed_size:
        return "1K"
    size = "512" if asked in {"512", "512P", "512PX"} else asked
    if size not in SCALE_BY_SIZE:
        raise bad_request(SIZES.format(size=asked))
    takes = size in model.tokens_by_size and (size != "512" or name in facts.half_k_models)
    if not takes:
        raise bad_request(f"Image size {asked} is not supported for this model")
    return size


def _images(
    contents: tuple[Content, ...], files: Files, *, is_vertex: bool
) -> Iterator[Image.Image | None]:
    for content in contents:
        for part in content.parts or []:
            if part.inline_data is not None:
                yield _opened(part.inline_data.data, part.inline_data.mime_type)
            elif part.file_data is not None:
                yield _fetched(part, files, is_vertex=is_vertex)


def _fetched(part: Part, files: Files, *, is_vertex: bool) -> Image.Image | None:
    uri = part.file_data.file_uri if part.file_data else ""
    if is_vertex:
        if not uri.startswith(("gs://", "https://")):
            raise bad_request(f"Unsupported file URI type: {uri}")
        return None
    place, found, name = uri.rpartition("/files/")
    if not found or not place:
        return None
    stored = files.find(f"files/{name}")
    if stored.looks:
        raise bad_request(f"The File {name} is not in an ACTIVE state and usage is not allowed.")
    return _opened(stored.content, stored.media_type)


def _opened(content: bytes, media_type: str) -> Image.Image | None:
    if media_type in BELIEVED:
        return None
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
        image.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise _unreadable() from error
    return image


def _unreadable() -> Refusal:
    return bad_request(CANNOT_READ)


def _lacks_signature(order: Order) -> bool:
    """A thinking model wants its own turns back as they were."""
    return any(
        part.inline_data is not None and not part.thought and not part.thought_signature
        for content in order.contents
        if content.role == "model"
        for part in content.parts or []
    )
