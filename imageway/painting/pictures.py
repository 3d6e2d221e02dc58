"""Pictures in and out: bytes to a plain RGB picture, and a picture to bytes."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from imageway.painting.pixels import stretched

READ_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP")
PILLOW_BY_FORMAT = {
    "png": "PNG",
    "jpeg": "JPEG",
    "jpg": "JPEG",
    "webp": "WEBP",
    "gif": "GIF",
    "avif": "AVIF",
}
# Measured on a picture of 1024 x 1024: the quick settings cost a third of the usual time.
OPTIONS_BY_FORMAT: dict[str, dict[str, int]] = {
    "PNG": {"compress_level": 3},
    "JPEG": {"quality": 90},
    "WEBP": {"quality": 88, "method": 1},
    "GIF": {},
    "AVIF": {"quality": 80, "speed": 9},
}
WITH_QUALITY = frozenset({"JPEG", "WEBP", "AVIF"})
SIXTEEN_BIT = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
# What Pillow's readers raise over damaged bytes; AVIF's has only RuntimeError.
DAMAGE = (
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


def encode(image: Image.Image, format: str = "png", quality: int | None = None) -> bytes:  # noqa: A002
    """The picture in a format, with nothing beside its pixels."""
    kind = PILLOW_BY_FORMAT.get(format.lower())
    if kind is None:
        raise ValueError(f"format: {format!r} is none of {', '.join(PILLOW_BY_FORMAT)}")
    plain = flattened(image) if kind == "JPEG" else image.copy()
    plain.info.clear()
    options = OPTIONS_BY_FORMAT[kind]
    if quality is not None and kind in WITH_QUALITY:
        options = {**options, "quality": min(max(quality, 1), 100)}
    target = BytesIO()
    plain.save(target, kind, **options)
    return target.getvalue()


def thumbnail(image: Image.Image, longest: int = 256) -> bytes:
    """A small JPEG for previews."""
    scale = min(longest / max(image.size), 1)
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    return encode(stretched(image, size, resample=Image.Resampling.BOX), "jpeg", 80)


def decode(data: bytes, max_pixels: int = 50_000_000) -> Image.Image:
    """The first picture in the bytes, upright, as RGB or RGBA; a ValueError says why not."""
    try:
        with Image.open(BytesIO(data), formats=READ_FORMATS) as image:
            pixels = image.width * image.height
            if pixels > max_pixels:
                raise ValueError(f"the picture has {pixels} pixels, at most {max_pixels} are read")
            return _plain(ImageOps.exif_transpose(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(
            f"the picture has too many pixels, at most {max_pixels} are read"
        ) from error
    except UnidentifiedImageError as error:
        raise ValueError(f"no picture in {len(data)} bytes that begin {data[:8]!r}") from error
    except DAMAGE as error:
        raise ValueError(f"the picture cannot be read: {error}") from error


def flattened(image: Image.Image) -> Image.Image:
    """The picture on white, without transparency."""
    if image.mode == "RGB":
        return image.copy()
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image.convert("RGBA"))
    return page.convert("RGB")


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in SIXTEEN_BIT:
        # The upper byte of each value; Pillow's own conversion would cut at 255.
        image = Image.frombytes("L", image.size, image.convert("I;16").tobytes()[1::2])
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.info.clear()
    return plain
