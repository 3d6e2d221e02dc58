"""An AVIF without EXIF and XMP: their bytes are blanked in place, so that no offset changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# An EXIF item with nothing in it: the offset of its TIFF header, then a directory of no entries.
NO_EXIF = b"\0\0\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"
WORDY = frozenset({b"Exif", b"mime"})
MOST_ITEMS = 4096


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the file: its kind, and where what it holds begins and ends."""

    kind: bytes
    start: int
    end: int


@dataclass(slots=True)
class Reader:
    """Reads numbers one after the other."""

    data: bytes
    place: int

    def number(self, size: int) -> int:
        """The next number of so many bytes."""
        if self.place + size > len(self.data):
            raise ValueError("a number runs over the end")
        self.place += size
        return int.from_bytes(self.data[self.place - size : self.place])


def without_words(data: bytes) -> bytes:
    """The same AVIF with blanks for words; raises ValueError where it cannot be read."""
    meta = next((box for box in _boxes(data, 0, len(data)) if box.kind == b"meta"), None)
    if meta is None:
        return data
    inner = {box.kind: box for box in _boxes(data, meta.start + 4, meta.end)}
    wordy = dict(_wordy_items(data, inner[b"iinf"]))
    found = [(wordy[item], place) for item, *place in _places(data, inner) if item in wordy]
    if not found:
        return data
    blanked = bytearray(data)
    for kind, (start, length) in found:
        blank = NO_EXIF if kind == b"Exif" and length >= len(NO_EXIF) else b""
        blanked[start : start + length] = blank.ljust(length, b"\0" if blank else b" ")
    return bytes(blanked)


def _boxes(data: bytes, place: int, end: int) -> Iterator[Box]:
    for _ in range(MOST_ITEMS):
        if place + 8 > end:
            return
        size, head = int.from_bytes(data[place : place + 4]), 8
        if size == 1:
            size, head = int.from_bytes(data[place + 8 : place + 16]), 16
        last = place + size if size else end
        if last > end or last < place + head:
            raise ValueError("a box runs over the end")
        yield Box(data[place + 4 : place + 8], place + head, last)
        place = last


def _wordy_items(data: bytes, items: Box) -> Iterator[tuple[int, bytes]]:
    """The numbers of the items that hold words; versions 2 and 3 of an entry name their kind."""
    wide = data[items.start] != 0
    for entry in _boxes(data, items.start + (8 if wide else 6), items.end):
        version = data[entry.start]
        if entry.kind != b"infe" or version < 2:
            continue
        size = 2 if version == 2 else 4
        number, kind = entry.start + 4, entry.start + 4 + size + 2
        if data[kind : kind + 4] in WORDY:
            yield int.from_bytes(data[number : number + size]), data[kind : kind + 4]


def _places(data: bytes, inner: dict[bytes, Box]) -> Iterator[tuple[int, int, int]]:
    """Item, place and length of every piece that lies in this file (ISO 14496-12, `iloc`)."""
    box = inner[b"iloc"]
    version = data[box.start]
    reader = Reader(data, box.start + 4)
    sizes = reader.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    inside = inner.get(b"idat")
    for _ in range(min(reader.number(2 if version < 2 else 4), MOST_ITEMS)):
        item = reader.number(2 if version < 2 else 4)
        method = reader.number(2) & 15 if version else 0
        reader.number(2)
        base = reader.number(base_size) + (inside.start if method == 1 and inside else 0)
        for _ in range(min(reader.number(2), MOST_ITEMS)):
            reader.number(index_size)
            start, length = base + reader.number(offset_size), reader.number(length_size)
            if start + length > len(data):
                raise ValueError("an item runs over the end")
            yield item, start, length
