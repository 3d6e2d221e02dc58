"""What a picture's file says beside its pixels, taken out without touching one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from imageway.server.metadata_avif import without_words as avif_without_words
from imageway.server.metadata_gif import without_words as gif_without_words

Pieces = list[memoryview | bytes]

PNG_START = 8
# Of a PNG's optional chunks those that colours, size, animation and provenance need (PNG 3rd
# edition; caBX holds C2PA). A prompt may hide in any other.
PNG_KEPT = frozenset(
    {b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"hIST"}
    | {b"tRNS", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT", b"caBX"}
)
# JFIF, colour profiles, JUMBF (which holds C2PA), and Adobe's word on the colour model.
JPEG_KEPT = frozenset({0xE0, 0xE2, 0xEB, 0xEE})
JPEG_APPLICATION = range(0xE0, 0xF0)
JPEG_COMMENT, JPEG_EXIF, JPEG_SCAN = 0xFE, 0xE1, 0xDA
WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"C2PA"})
# The bits of VP8X that promise EXIF and XMP.
WEBP_WORDS = 0x0C
ORIENTATION = 0x0112
UPRIGHT = 1


def strip(data: bytes, media_type: str) -> bytes:
    """The same picture without words; a file that needs no change, or has none we know, as is."""
    try:
        return STRIP_BY_TYPE[media_type](data)
    except (ValueError, IndexError, KeyError):
        return data


def _png(data: bytes) -> bytes:
    view = memoryview(data)
    pieces: Pieces = [view[:PNG_START]]
    place = PNG_START
    while place < len(data):
        end = place + 12 + int.from_bytes(view[place : place + 4])
        kind = bytes(view[place + 4 : place + 8])
        if end > len(data) or len(kind) < 4:
            raise ValueError("a chunk runs over the end")
        if _is_critical(kind) or kind in PNG_KEPT:
            pieces.append(view[place:end])
        place = end
        if kind == b"IEND":
            break
    return _joined(data, pieces)


def _is_critical(kind: bytes) -> bool:
    """A chunk that no reader may pass over; the case of its first letter says so."""
    return not kind[0] & 0x20


def _jpeg(data: bytes) -> bytes:
    view = memoryview(data)
    pieces: Pieces = [view[:2]]
    place = 2
    for marker, end in _segments(view):
        if marker == JPEG_EXIF and (turned := _orientation(view[place + 4 : end])):
            pieces.append(_only_orientation(turned))
        elif marker in JPEG_KEPT or not (marker in JPEG_APPLICATION or marker == JPEG_COMMENT):
            pieces.append(view[place:end])
        place = end
    pieces.append(view[place:])
    return _joined(data, pieces)


def _segments(view: memoryview) -> Iterator[tuple[int, int]]:
    """Each marker before the pixels, and where its segment ends; fill bytes count to the next."""
    place = 2
    while True:
        start = place
        while view[start] == 0xFF and view[start + 1] == 0xFF:
            start += 1
        if view[start] != 0xFF:
            raise ValueError("there is no marker where one must be")
        marker = view[start + 1]
        if marker == JPEG_SCAN:
            return
        place = start + 2 + int.from_bytes(view[start + 2 : start + 4])
        if place > len(view):
            raise ValueError("a segment runs over the end")
        yield marker, place


def _orientation(segment: memoryview) -> int | None:
    """How EXIF says the picture must be turned, if it must."""
    if bytes(segment[:6]) != b"Exif\0\0":
        return None
    tiff = segment[6:]
    order: Literal["little", "big"] = "little" if bytes(tiff[:2]) == b"II" else "big"
    first = int.from_bytes(tiff[4:8], order)
    for entry in range(int.from_bytes(tiff[first : first + 2], order)):
        start = first + 2 + 12 * entry
        if int.from_bytes(tiff[start : start + 2], order) == ORIENTATION:
            value = int.from_bytes(tiff[start + 8 : start + 10], order)
            return value if UPRIGHT < value <= 8 else None
    return None


def _only_orientation(value: int) -> bytes:
    """An EXIF segment that says nothing else, so that the picture is not shown lying down."""
    entry = ORIENTATION.to_bytes(2) + b"\0\3\0\0\0\1" + value.to_bytes(2) + b"\0\0"
    body = b"Exif\0\0MM\0*\0\0\0\x08" + b"\0\1" + entry + b"\0\0\0\0"
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body


def _webp(data: bytes) -> bytes:
    view = memoryview(data)
    pieces: Pieces = []
    place = 12
    while place + 8 <= len(data):
        kind = bytes(view[place : place + 4])
        length = int.from_bytes(view[place + 4 : place + 8], "little")
        end = place + 8 + length + length % 2
        if place + 8 + length > len(data):
            raise ValueError("a chunk runs over the end")
        if kind in WEBP_KEPT:
            as_is = kind != b"VP8X"
            pieces.append(view[place:end] if as_is else _promising_nothing(view, place, end))
        place = end
    body = b"".join(pieces)
    if len(body) + 12 == len(data):
        return data
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


def _promising_nothing(view: memoryview, place: int, end: int) -> bytes:
    flags = view[place + 8] & ~WEBP_WORDS
    return bytes(view[place : place + 8]) + bytes((flags,)) + bytes(view[place + 9 : end])


def _joined(data: bytes, pieces: Pieces) -> bytes:
    """The pieces as one, or the very same bytes where nothing was left out."""
    return data if sum(map(len, pieces)) == len(data) else b"".join(pieces)


STRIP_BY_TYPE: Mapping[str, Callable[[bytes], bytes]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
    "image/gif": gif_without_words,
    "image/avif": avif_without_words,
}
