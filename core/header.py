"""What the first and the last bytes say of an image: its format, its size, whether it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

# Bytes that must be there before a format is even guessed.
SHORTEST = 24
# JPEG and AVIF may hold a profile or EXIF data before the size; beyond this we stop looking.
DEEPEST = 1 << 20
# More pieces than any real file has before its pixels; a hostile one must not keep us walking.
MOST_PIECES = 4096

Pixels = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Header:
    """A recognised image; width and height are pixels as stored, before EXIF rotation."""

    media_type: str
    width: int
    height: int


class NeedMore(Exception):
    """The answer lies behind the bytes that are here."""


@dataclass(frozen=True, slots=True)
class ImageFormat:
    """How one format is recognised, measured and seen to be complete."""

    media_type: str
    starts: Callable[[bytes], bool]
    measure: Callable[[bytes], Pixels]
    is_whole: Callable[[bytes, bytes, int], bool]


def recognise(head: bytes) -> ImageFormat | None:
    """Find the format by its magic number."""
    return next((each for each in FORMATS if each.starts(head)), None)


def describe_other(head: bytes) -> str:
    """Say in words what something is that is no image we take."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    for start, name in OTHERS:
        if text.startswith(start):
            return name
    return "an unknown format"


OTHERS = (
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG document"),
    (b"%pdf", "a PDF document"),
    (b"{", "JSON text"),
    (b"[", "JSON text"),
    (b"mz", "a program"),
    (b"bm", "a BMP bitmap"),
    (b"ii*\x00", "a TIFF image"),
    (b"mm\x00*", "a TIFF image"),
)


def _png_size(head: bytes) -> Pixels:
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def _gif_size(head: bytes) -> Pixels:
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def _webp_size(head: bytes) -> Pixels:
    if len(head) < 30:
        raise NeedMore
    match head[12:16]:
        case b"VP8X":
            return (
                1 + int.from_bytes(head[24:27], "little"),
                1 + int.from_bytes(head[27:30], "little"),
            )
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = head[26:28], head[28:30]
            return (
                int.from_bytes(width, "little") & 0x3FFF,
                int.from_bytes(height, "little") & 0x3FFF,
            )
        case _:
            return 0, 0


# Start-of-frame markers: C0 to CF but for DHT (C4), JPG (C8) and DAC (CC).
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg_size(head: bytes) -> Pixels:
    place = 2
    for _ in range(MOST_PIECES):
        if place + 9 > len(head):
            raise NeedMore
        if head[place] != 0xFF:
            return 0, 0
        marker = head[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in JPEG_FRAMES:
            height, width = head[place + 5 : place + 7], head[place + 7 : place + 9]
            return int.from_bytes(width), int.from_bytes(height)
        else:
            place += 2 + int.from_bytes(head[place + 2 : place + 4])
    return 0, 0


@dataclass(frozen=True, slots=True)
class Box:
    """One outer box of an AVIF file; a box without an end runs to the end of the file."""

    kind: bytes
    start: int
    end: int | None


def _boxes(head: bytes) -> Iterator[Box]:
    """Walk the outer boxes whose beginnings are here."""
    place: int | None = 0
    for _ in range(MOST_PIECES):
        if place is None or place + 16 > len(head):
            return
        size = int.from_bytes(head[place : place + 4])
        if size == 1:
            size = int.from_bytes(head[place + 8 : place + 16])
        end = place + max(size, 8) if size else None
        yield Box(head[place + 4 : place + 8], place, end)
        place = end


def _avif_size(head: bytes) -> Pixels:
    """Take the largest `ispe` box: tiles and thumbnails have smaller ones of their own."""
    meta = next((box for box in _boxes(head) if box.kind == b"meta"), None)
    if meta is None or meta.end is None or meta.end > len(head):
        raise NeedMore
    sizes: list[Pixels] = [(0, 0)]
    place = head.find(b"ispe", meta.start, meta.end - 12)
    while place >= 0:
        width, height = head[place + 8 : place + 12], head[place + 12 : place + 16]
        sizes.append((int.from_bytes(width), int.from_bytes(height)))
        place = head.find(b"ispe", place + 4, meta.end - 12)
    return max(sizes, key=lambda size: size[0] * size[1])


def _boxes_are_whole(head: bytes, tail: bytes, length: int) -> bool:
    boxes = list(_boxes(head))
    if not any(box.kind == b"mdat" for box in boxes):
        raise NeedMore
    return all(box.end is None or box.end <= length for box in boxes)


def _riff_is_whole(head: bytes, tail: bytes, length: int) -> bool:
    return length >= int.from_bytes(head[4:8], "little") + 8


def _gif_is_whole(head: bytes, tail: bytes, length: int) -> bool:
    """The last block ends with a zero and the file with a semicolon; some writers pad behind it."""
    return tail.rstrip(b"\x00\r\n").endswith(b"\x00;")


FORMATS = (
    ImageFormat(
        "image/png",
        lambda head: head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR",
        _png_size,
        lambda head, tail, length: b"IEND\xaeB`\x82" in tail,
    ),
    ImageFormat(
        "image/jpeg",
        lambda head: head.startswith(b"\xff\xd8\xff"),
        _jpeg_size,
        lambda head, tail, length: b"\xff\xd9" in tail,
    ),
    ImageFormat(
        "image/webp",
        lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
        _webp_size,
        _riff_is_whole,
    ),
    ImageFormat(
        "image/avif",
        lambda head: head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis"},
        _avif_size,
        _boxes_are_whole,
    ),
    ImageFormat(
        "image/gif",
        lambda head: head[:6] in {b"GIF87a", b"GIF89a"},
        _gif_size,
        _gif_is_whole,
    ),
)
