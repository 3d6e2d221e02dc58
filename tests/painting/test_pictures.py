"""Bytes in and out: formats, orientation, modes, and what is no picture."""

from __future__ import annotations

from io import BytesIO
from zlib import crc32

import pytest
from PIL import Image

from imageway.painting import Wish, decode, encode, finished, thumbnail

FORMATS = {name: name.upper() for name in ("png", "jpeg", "webp", "gif", "avif")} | {"jpg": "JPEG"}


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("transparent", [False, True])
def test_every_format_opens_again(name: str, transparent: bool) -> None:
    data = encode(finished(Wish("a red fox", 150, 90, transparent=transparent)), name)
    with Image.open(BytesIO(data)) as image:
        assert image.format == FORMATS[name]
        assert image.size == (150, 90)
        assert image.has_transparency_data == (transparent and FORMATS[name] != "JPEG")


def test_jpeg_puts_transparency_on_white() -> None:
    image = decode(encode(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "jpeg"))
    assert image.getpixel((4, 4)) == (255, 255, 255)


def test_quality_is_obeyed() -> None:
    image = finished(Wish("a cat in the forest", 200, 200))
    assert len(encode(image, "jpeg", 20)) < len(encode(image, "jpeg", 95))


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format: 'tga' is none of png, jpeg"):
        encode(Image.new("RGB", (1, 1)), "tga")


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_written_beside_the_pixels(name: str) -> None:
    image = Image.new("RGB", (9, 9))
    image.info.update(comment=b"secret words", exif=b"Exif\0\0secret", parameters="secret")
    assert b"secret" not in encode(image, name)


def test_a_thumbnail_is_a_small_jpeg() -> None:
    with Image.open(BytesIO(thumbnail(finished(Wish("a fox", 600, 300)), 100))) as image:
        assert (image.format, image.size) == ("JPEG", (100, 50))


def test_a_thumbnail_never_grows() -> None:
    assert decode(thumbnail(Image.new("RGB", (20, 10)), 100)).size == (20, 10)


def test_the_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(saved(Image.new("RGB", (40, 20)), "JPEG", exif=exif)).size == (20, 40)


@pytest.mark.parametrize(
    ("mode", "kind", "expected"),
    [
        ("L", "PNG", "RGB"),
        ("LA", "PNG", "RGBA"),
        ("P", "PNG", "RGB"),
        ("1", "PNG", "RGB"),
        ("CMYK", "JPEG", "RGB"),
        ("RGBA", "WEBP", "RGBA"),
        ("I;16", "PNG", "RGB"),
    ],
)
def test_every_mode_becomes_rgb(mode: str, kind: str, expected: str) -> None:
    assert decode(saved(Image.new(mode, (5, 4)), kind)).mode == expected


def test_sixteen_bits_keep_their_brightness() -> None:
    grey = Image.new("I;16", (4, 4), 0x8000)
    assert decode(saved(grey)).getpixel((1, 1)) == (128, 128, 128)


def test_the_first_frame_of_an_animation_is_taken() -> None:
    red, blue = Image.new("RGB", (6, 6), "red"), Image.new("RGB", (6, 6), "blue")
    data = saved(red, "GIF", save_all=True, append_images=[blue])
    assert decode(data).getpixel((3, 3)) == (255, 0, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a\xff\xff\xff\xff",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        saved(Image.effect_noise((64, 64), 90))[:900],
        saved(Image.new("RGB", (64, 64)), "JPEG")[:300],
        saved(Image.new("RGB", (64, 64)), "AVIF").replace(b"av01", b"av02"),
    ],
    ids=[
        "nothing",
        "words",
        "a bare png head",
        "a bare gif head",
        "a script",
        "half a png",
        "half a jpeg",
        "a strange avif",
    ],
)
def test_what_is_no_picture_is_a_readable_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="picture"):
        decode(data)


def claiming(edge: int) -> bytes:
    """A small PNG that says that it is very large."""
    data = bytearray(saved(Image.new("RGB", (10, 10))))
    data[16:24] = edge.to_bytes(4) * 2
    data[29:33] = crc32(data[12:29]).to_bytes(4)
    return bytes(data)


def test_too_many_pixels_are_refused_from_the_header() -> None:
    for edge in (8_000, 10_000, 60_000):
        with pytest.raises(ValueError, match="pixels"):
            decode(claiming(edge))
    with pytest.raises(ValueError, match="has 100 pixels, at most 99"):
        decode(saved(Image.new("RGB", (10, 10))), max_pixels=99)
