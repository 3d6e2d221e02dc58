"""A GIF without its comments and XMP: blocks are left out, pictures stay as they are."""

from __future__ import annotations

HEADER = 13
EXTENSION, PICTURE, END = 0x21, 0x2C, 0x3B
COMMENT, PLAIN_TEXT, APPLICATION = 0xFE, 0x01, 0xFF
# Of all applications' blocks those that tell how often an animation is repeated.
LOOPS = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})
# C2PA lies in a block of its own (C2PA specification, "Embedding manifests into GIF").
PROVENANCE = b"C2PA_GIF"


def without_words(data: bytes) -> bytes:
    """The same GIF without words; raises ValueError or IndexError where it cannot be read."""
    view = memoryview(data)
    place = HEADER + _table(view[10])
    pieces = [view[:place]]
    while view[place] != END:
        end = _after(view, place)
        if not _is_wordy(view, place):
            pieces.append(view[place:end])
        place = end
    pieces.append(view[place : place + 1])
    return data if sum(map(len, pieces)) == len(data) else b"".join(pieces)


def _is_wordy(view: memoryview, place: int) -> bool:
    if view[place] != EXTENSION:
        return False
    if view[place + 1] == APPLICATION:
        name = bytes(view[place + 3 : place + 14])
        return name not in LOOPS and not name.startswith(PROVENANCE)
    return view[place + 1] == COMMENT


def _after(view: memoryview, place: int) -> int:
    """Where the block at this place ends."""
    match view[place]:
        case 0x21:
            return _after_pieces(view, place + 2)
        case 0x2C:
            return _after_pieces(view, place + 11 + _table(view[place + 9]))
        case other:
            raise ValueError(f"there is no block {other}")


def _after_pieces(view: memoryview, place: int) -> int:
    while view[place]:
        place += 1 + view[place]
    return place + 1


def _table(flags: int) -> int:
    """How many bytes of colours follow."""
    return 3 << (1 + (flags & 7)) if flags & 0x80 else 0
