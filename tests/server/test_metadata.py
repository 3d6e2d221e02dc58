"""Words go out of a picture's file; its pixels, its colours and the marks of its maker stay."""

from __future__ import annotations

from io import BytesIO
from zlib import crc32

import pytest
from PIL import Image, PngImagePlugin

from imageway.server.metadata import strip

SECRET = "a red fox, masterpiece"
PARAMETERS = f"{SECRET}\nSteps: 20"
C2PA = b"jumb c2pa manifest"


def image() -> Image.Image:
    return Image.effect_noise((24, 16), 90).convert("RGB")


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x010E] = SECRET
    made[0x0112] = orientation
    return made


def saved(kind: str, **options: object) -> bytes:
    data = BytesIO()
    image().save(data, kind, **options)
    return data.getvalue()


def xmp() -> bytes:
    return f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + crc32(kind + body).to_bytes(4)


def wordy_png() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("parameters", PARAMETERS)
    words.add_text("prompt", PARAMETERS, zip=False)
    words.add_itxt("XML:com.adobe.xmp", xmp().decode())
    plain = saved("png", pnginfo=words, exif=exif(), dpi=(72, 72), icc_profile=b"a profile")
    extra = png_chunk(b"prVt", SECRET.encode()) + png_chunk(b"caBX", C2PA)
    return plain[:-12] + extra + plain[-12:] + SECRET.encode()


def wordy_jpeg() -> bytes:
    plain = saved("jpeg", exif=exif(6), comment=SECRET, icc_profile=b"a profile", xmp=xmp())
    jumbf = b"\xff\xeb" + (len(C2PA) + 2).to_bytes(2) + C2PA
    iptc = b"\xff\xed" + (len(SECRET) + 2).to_bytes(2) + SECRET.encode()
    return plain[:2] + jumbf + iptc + plain[2:]


def wordy_webp() -> bytes:
    plain = saved("webp", exif=exif().tobytes(), xmp=xmp(), icc_profile=b"a profile", lossless=True)
    body = plain[12:] + b"C2PA" + len(C2PA).to_bytes(4, "little") + C2PA
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


def wordy_gif() -> bytes:
    plain = saved("gif", comment=SECRET.encode(), loop=0)
    words = b"\x21\xff\x0bXMP DataXMP" + bytes((len(xmp()),)) + xmp() + b"\0"
    provenance = b"\x21\xff\x0bC2PA_GIF\1\0\0" + bytes((len(C2PA),)) + C2PA + b"\0"
    return plain[:-1] + words + provenance + plain[-1:]


def wordy_avif() -> bytes:
    return saved("avif", exif=exif().tobytes(), xmp=xmp(), icc_profile=b"a profile")


WORDY = {
    "image/png": wordy_png,
    "image/jpeg": wordy_jpeg,
    "image/webp": wordy_webp,
    "image/gif": wordy_gif,
    "image/avif": wordy_avif,
}
KINDS = sorted(WORDY)


def opened(data: bytes) -> Image.Image:
    made = Image.open(BytesIO(data))
    made.load()
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_are_gone_and_the_pixels_are_not(kind: str) -> None:
    data = WORDY[kind]()
    assert SECRET.encode() in data
    bare = strip(data, kind)
    assert SECRET.encode() not in bare
    assert opened(bare).tobytes() == opened(data).tobytes()


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"image/avif"}))
def test_the_makers_mark_stays(kind: str) -> None:
    assert C2PA in strip(WORDY[kind](), kind)


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"image/gif"}))
def test_the_colours_stay(kind: str) -> None:
    assert opened(strip(WORDY[kind](), kind)).info["icc_profile"] == b"a profile"


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_words_is_the_very_same(kind: str) -> None:
    bare = strip(WORDY[kind](), kind)
    assert strip(bare, kind) == bare
    plain = saved(kind.removeprefix("image/"))
    assert strip(plain, kind) is plain


def test_a_picture_that_lies_on_its_side_keeps_that_word_alone() -> None:
    found = opened(strip(wordy_jpeg(), "image/jpeg")).getexif()
    assert dict(found) == {0x0112: 6}


def test_an_animation_stays_one() -> None:
    data = saved("gif", save_all=True, append_images=[Image.new("RGB", (24, 16), "red")], loop=3)
    bare = opened(strip(data, "image/gif"))
    assert (getattr(bare, "n_frames", 0), bare.info["loop"]) == (2, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_harms_nobody(kind: str) -> None:
    data = WORDY[kind]()
    for length in range(0, len(data), 7):
        assert isinstance(strip(data[:length], kind), bytes)


def test_a_type_without_a_rule_stays_as_it_is() -> None:
    assert strip(b"BM....", "image/bmp") == b"BM...."
