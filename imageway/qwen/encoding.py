"""A picture as bytes: the format asked for, how it was made, and the mark of a machine's work."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from xml.sax.saxutils import quoteattr

import orjson
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydantic import JsonValue

from imageway.qwen.engine import Description
from imageway.qwen.failures import Made
from imageway.qwen.order import Format, Order

# What Pillow's encoders raise.
ENCODER_FAULTS = (OSError, ValueError, KeyError, SystemError, MemoryError)
PILLOW_BY_FORMAT: Mapping[Format, str] = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}
OPTIONS_BY_FORMAT: Mapping[Format, Mapping[str, int]] = {
    "png": {"compress_level": 3},
    "jpeg": {"quality": 92},
    "webp": {"quality": 90, "method": 2},
}
PREVIEW_QUALITY = 80
LONGEST_PREVIEW = 512
METADATA = "imageway"
# https://cv.iptc.org/newscodes/digitalsourcetype/ is where readers look these up.
SOURCE_BY_IS_AI: Mapping[bool, str] = {
    True: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    False: "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia",
}
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool={tool} '
    "Iptc4xmpExt:DigitalSourceType={source}/></rdf:RDF></x:xmpmeta>"
)


def encode(image: Image.Image, kind: Format, by: Description, about: bytes | None) -> bytes:
    """The picture with its mark, and in a PNG with what is told about it."""
    mark = XMP.format(tool=quoteattr(by.title), source=quoteattr(SOURCE_BY_IS_AI[by.is_ai]))
    target = BytesIO()
    if kind == "png":
        image.save(target, "PNG", pnginfo=_chunks(mark, about), **OPTIONS_BY_FORMAT[kind])
    else:
        options = OPTIONS_BY_FORMAT[kind]
        image.save(target, PILLOW_BY_FORMAT[kind], xmp=mark.encode(), **options)
    return target.getvalue()


def _chunks(mark: str, about: bytes | None) -> PngInfo:
    chunks = PngInfo()
    if about is not None:
        chunks.add_itxt(METADATA, about.decode())
    chunks.add_itxt("XML:com.adobe.xmp", mark)
    return chunks


def about(made: Made, order: Order, by: Description) -> bytes:
    """How a picture was made, as JSON; the same for the same picture, so no id and no time."""
    degraded: JsonValue = None
    if made.degraded is not None:
        degraded = {
            "reason": made.degraded.reason,
            "requested_steps": made.degraded.requested_steps,
            "requested_seed": made.degraded.requested_seed,
        }
    told: dict[str, JsonValue] = {
        "model": by.title,
        "prompt": order.prompt,
        "negative_prompt": order.negative_prompt,
        "seed": made.task.seed,
        "num_steps": made.task.steps,
        "cfg_scale": made.task.guidance,
        "width": order.width,
        "height": order.height,
        "degraded": degraded,
        "ai_generated": by.is_ai,
        "made_by": "AI-generated" if by.is_ai else "drawn by rules, not AI",
    }
    return orjson.dumps(told)


def preview(image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """A small JPEG and its size."""
    small = image.convert("RGB")
    small.thumbnail((LONGEST_PREVIEW, LONGEST_PREVIEW))
    target = BytesIO()
    small.save(target, "JPEG", quality=PREVIEW_QUALITY)
    return target.getvalue(), small.size


def transcode(data: bytes, kind: Format, by: Description) -> bytes:
    """A finished picture in another format."""
    with Image.open(BytesIO(data)) as image:
        return encode(image, kind, by, None)


def is_flat(image: Image.Image) -> bool:
    """Whether it is one colour all over, as pictures of overflown numbers are."""
    return all(least == most for least, most in _ranges(image))


def _ranges(image: Image.Image) -> list[tuple[float, float]]:
    return [
        (float(least), float(most))
        for least, most in (band.getextrema() for band in image.split())
        if isinstance(least, int | float) and isinstance(most, int | float)
    ]
