"""The JSON objects of a stream, in whichever of Google's framings they come.

Server-sent events with or without a blank, one JSON array that comes piece by piece, an error in
bare JSON over several lines: each is objects with little between them, and so they are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from imageway.core.errors import ErrorCode, ImagewayError

# Where something changes inside an object, but for its strings, which may hold any of these.
MARK = re.compile(rb'["{}]')
# More than a real answer ever has; each costs a step of ours.
MOST_MARKS = 400_000
# What an event's line may hold before its object, and where it ends without one.
OBJECT_OR_END = re.compile(rb"[{\r\n]")
END_OF_LINE = re.compile(rb"[\r\n]")
PUNCTUATION = b" \t\r\n[],\xef\xbb\xbf"
LOOK_BACK = 200


class Place(Enum):
    """Where the end of what has come stands."""

    BETWEEN = "between two objects"
    DATA = "in an event's line, before its object"
    SKIPPED = "in a line without an object: a comment, a name, an id"
    OBJECT = "in an object"
    STRING = "in a string of an object"


INSIDE = frozenset({Place.OBJECT, Place.STRING})


class Documents:
    """Cuts a stream into its JSON objects, however it is cut up itself."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._place = Place.BETWEEN
        self._at = 0
        self._depth = 0
        self._marks = 0

    def between(self) -> bool:
        """Whether no object has begun that has not ended."""
        return self._place not in INSIDE

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the objects that end in this chunk; read all of them before feeding the next."""
        self._held += chunk
        while self._held:
            if self._place not in INSIDE and not self._begins():
                return
            end = self._end()
            if end is None:
                return
            yield bytes(memoryview(self._held)[:end])
            self._forget(end)

    def _forget(self, end: int) -> None:
        del self._held[:end]
        self._place, self._at, self._depth, self._marks = Place.BETWEEN, 0, 0, 0

    def _begins(self) -> bool:
        """Drop what stands before an object; whether there is one."""
        while self._held:
            if self._place is Place.SKIPPED:
                self._drop_up_to(END_OF_LINE)
            elif self._place is Place.DATA:
                self._drop_up_to(OBJECT_OR_END)
            elif self._held.startswith(b"{"):
                self._place, self._at = Place.OBJECT, 0
                return True
            elif self._held[:1] in PUNCTUATION:
                del self._held[: len(self._held) - len(self._held.lstrip(PUNCTUATION))]
            else:
                is_data = self._held.startswith(b"d")
                self._place = Place.DATA if is_data else Place.SKIPPED
        return False

    def _drop_up_to(self, mark: re.Pattern[bytes]) -> None:
        found = mark.search(self._held)
        del self._held[: len(self._held) if found is None else found.start()]
        if found is not None:
            self._place = Place.BETWEEN

    def _end(self) -> int | None:
        """Behind the object's last brace; None when it has not come yet."""
        while self._at < len(self._held):
            if self._place is Place.STRING:
                self._leave_string()
                continue
            found = MARK.search(self._held, self._at)
            self._at = len(self._held) if found is None else found.end()
            if found is not None and self._closes(found[0]):
                return self._at
        return None

    def _count(self) -> None:
        self._marks += 1
        if self._marks > MOST_MARKS:
            raise ImagewayError(
                ErrorCode.BAD_ANSWER,
                f"an object of the stream has more than {MOST_MARKS!r} parts",
                origin="vendor",
            )

    def _closes(self, mark: bytes) -> bool:
        self._count()
        if mark == b'"':
            self._place = Place.STRING
            return False
        self._depth += 1 if mark == b"{" else -1
        return self._depth == 0

    def _leave_string(self) -> None:
        """A quote behind an odd number of backslashes belongs to its string."""
        self._count()
        quote = self._held.find(b'"', self._at)
        self._at = len(self._held) if quote < 0 else quote + 1
        if quote >= 0 and self._backslashes(quote) % 2 == 0:
            self._place = Place.OBJECT

    def _backslashes(self, end: int) -> int:
        piece = bytes(memoryview(self._held)[max(0, end - LOOK_BACK) : end])
        if len(piece) == LOOK_BACK == piece.count(b"\\"):
            piece = bytes(memoryview(self._held)[:end])
        return len(piece) - len(piece.rstrip(b"\\"))
