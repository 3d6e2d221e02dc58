"""Our cursors: where a list goes on, bound to the query whose answer they came with."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from imageway.core.errors import invalid

Way = Literal["cursor", "page"]

# A digest of the query and of the rest; which source and which way; the vendor's own cursor.
A_CURSOR = re.compile(r"(?P<digest>[\w-]{8})(?P<mark>[a-d])(?P<rest>[\w-]{1,700})", re.ASCII)
MARKS: tuple[tuple[int, Way], ...] = ((0, "cursor"), (0, "page"), (1, "cursor"), (1, "page"))
LETTERS = "abcd"


@dataclass(frozen=True, slots=True)
class Place:
    """The vendor's cursor or the number of a page, and the source that gave it."""

    text: str
    way: Way = "cursor"
    source: int = 0


def cursor_of(place: Place, query: str) -> str:
    """The same place as one word for outside."""
    mark = LETTERS[MARKS.index((place.source, place.way))]
    rest = urlsafe_b64encode(place.text.encode("utf-8", "replace")).decode().rstrip("=")
    return f"{_digest(query, mark, rest)}{mark}{rest}"


def place_of(cursor: str, query: str) -> Place:
    """Where to go on; raises invalid_request for a cursor that belongs to another query."""
    found = A_CURSOR.fullmatch(cursor)
    if found is None or found["digest"] != _digest(query, found["mark"], found["rest"]):
        raise invalid(
            "cursor",
            f"cursor: {cursor[:40]!r} does not belong to this query",
            "send it with the very query whose answer it came with, or begin without a cursor",
        )
    source, way = MARKS[LETTERS.index(found["mark"])]
    try:
        text = urlsafe_b64decode(found["rest"] + "=" * (-len(found["rest"]) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise invalid("cursor", "cursor: it is damaged", "begin without a cursor") from None
    return Place(text, way, source)


def _digest(query: str, mark: str, rest: str) -> str:
    whole = f"{query}\n{mark}\n{rest}".encode()
    return urlsafe_b64encode(sha256(whole).digest()[:6]).decode()
