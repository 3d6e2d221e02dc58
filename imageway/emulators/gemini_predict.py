"""Imagen's predict: what it takes, what it draws, and how it tells of pictures that it filtered."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from decimal import Decimal
from io import BytesIO
from zlib import crc32

from PIL import Image, UnidentifiedImageError
from pydantic import JsonValue

from imageway.emulators.answer import Answer, Charge
from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.gemini_errors import Row, bad_request, told, unknown_fields
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_imagen import (
    ONLY_ON_VERTEX,
    Instance,
    Parameters,
    Picture,
    Predict,
)
from imageway.emulators.gemini_models import (
    EDITING,
    FIVE,
    IMAGEN_BY_NAME,
    IMAGEN_PIXELS,
    UPSCALING,
    Imagen,
    Pixels,
)
from imageway.emulators.gemini_reading import no_such_field
from imageway.emulators.pictures import paint

SOME = (
    "Your current safety filter threshold filtered out {count} generated images. You will not be"
    " charged for blocked images. Try rephrasing the prompt. If you think this was an error, send"
    " feedback."
)
EVERY = (
    "Unable to show generated images. All images were filtered out because they violated Vertex"
    " AI's usage guidelines. You will not be charged for blocked images. Try rephrasing the"
    " prompt. If you think this was an error, send feedback. Support codes: 39322892, 29310472"
)
PROMPT_BLOCKED = Row(
    400,
    "INVALID_ARGUMENT",
    "Image generation failed with the following error: The prompt could not be submitted. This"
    " prompt contains sensitive words that violate Google's Responsible AI practices. Try"
    " rephrasing the prompt. If you think this was an error, send feedback. Support codes:"
    " 42876398",
)


@dataclass(frozen=True, slots=True)
class Work:
    """One request that was found right."""

    name: str
    model: Imagen
    instance: Instance
    parameters: Parameters
    pixels: Pixels

    @property
    def format(self) -> str:
        """The format of the pictures."""
        options = self.parameters.output_options
        return ((options and options.mime_type) or "image/png").removeprefix("image/")


def read_work(name: str, body: Predict, *, is_vertex: bool) -> Work:
    """The work that a body asks for; raises a refusal where the service would refuse."""
    model, parameters = IMAGEN_BY_NAME[name], body.parameters
    if not is_vertex:
        _check_fields(body)
    if len(body.instances) != 1:
        raise bad_request("Exactly one instance is supported.")
    instance = body.instances[0]
    if name != UPSCALING and not instance.prompt:
        raise bad_request("Text prompt is required.")
    if parameters.aspect_ratio not in FIVE:
        raise bad_request(f"Aspect ratio {parameters.aspect_ratio} is not supported.")
    size = parameters.sample_image_size or parameters.image_size or "1K"
    if size not in model.sizes:
        raise bad_request(f"Image size {size} is not supported for this model")
    if parameters.seed is not None and parameters.add_watermark and name != EDITING:
        raise bad_request("Seed is not supported when watermark is enabled.")
    return Work(name, model, instance, parameters, _pixels(name, instance, parameters, size))


def _check_fields(body: Predict) -> None:
    known = Parameters.model_fields
    wrong = [
        no_such_field(known[name].alias or name, "parameters")
        for name in sorted(ONLY_ON_VERTEX & body.parameters.model_fields_set)
    ]
    if body.labels is not None:
        wrong.append(no_such_field("labels", ""))
    if wrong:
        raise unknown_fields(wrong)


def _pixels(name: str, instance: Instance, parameters: Parameters, size: str) -> Pixels:
    scale = 2 if size == "2K" else 1
    if name == UPSCALING:
        width, height = _measured(instance.image)
        factor = parameters.upscale_config
        scale = int(factor.upscale_factor[1:]) if factor else 2
    elif name == EDITING and instance.reference_images:
        width, height = _measured(instance.reference_images[0].reference_image)
    else:
        width, height = IMAGEN_PIXELS[parameters.aspect_ratio]
    return width * scale, height * scale


def _measured(picture: Picture | None) -> Pixels:
    if picture is None or picture.bytes_base64_encoded is None:
        raise bad_request("Image is required.")
    try:
        image = Image.open(BytesIO(picture.bytes_base64_encoded))
        image.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise bad_request("Failed to decode image.") from error
    return image.size


def predicted(work: Work, scripted: Scripted | None, seconds: float, facts: Facts) -> Answer:
    """The answer: pictures, and one entry for all that were filtered if reasons are wanted."""
    count = work.parameters.sample_count
    made = _made(count, scripted)
    entries = [_entry(work, number) for number in range(made)]
    if scripted is not None and scripted.fault is Fault.NOT_A_PICTURE:
        entries = [{**each, "bytesBase64Encoded": "PGh0bWw+"} for each in entries]
    if made < count and work.parameters.include_rai_reason:
        entries.append({"raiFilteredReason": SOME.format(count=count - made) if made else EVERY})
    if work.parameters.include_safety_attributes:
        attributes: JsonValue = {"categories": ["Death, Harm & Tragedy"], "scores": [0.2]}
        entries.append({"contentType": "Positive Prompt", "safetyAttributes": attributes})
    is_empty = not entries and facts.empty_predictions == "absent"
    answer = told({} if is_empty else {"predictions": [*entries]})
    price = Charge(work.name, made, work.model.price * made)
    charge = price if price.amount > Decimal(0) else None
    return replace(answer, seconds=seconds * count, charge=charge)


def _made(count: int, scripted: Scripted | None) -> int:
    match scripted:
        case Scripted(fault=Fault.NO_IMAGE):
            return 0
        case Scripted(fault=Fault.FEWER_IMAGES, keep=keep):
            return min(keep or count - 1, count)
        case _:
            return count


def _entry(work: Work, number: int) -> dict[str, JsonValue]:
    parameters = work.parameters
    media_type = f"image/{work.format}"
    if parameters.storage_uri:
        where = f"{parameters.storage_uri.rstrip('/')}/sample_{number}.{work.format}"
        return {"mimeType": media_type, "gcsUri": where}
    first = crc32((work.instance.prompt or "").encode()) + (parameters.seed or 0)
    content = base64.b64encode(paint(*work.pixels, work.format, first + number)).decode()
    entry: dict[str, JsonValue] = {"mimeType": media_type, "bytesBase64Encoded": content}
    if parameters.enhance_prompt:
        entry["prompt"] = f"{work.instance.prompt}, in detail"
    if parameters.include_safety_attributes and number == 0:
        entry["safetyAttributes"] = {"categories": ["Violence"], "scores": [0.1]}
    return entry
