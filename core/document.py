"""A vendor's JSON, read into a shape; what could be read in two ways is not read at all."""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecoder
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)

# Counted by commas. Each part that does not fit costs pydantic about 400 bytes of complaint, so
# that without a bound ten megabytes of nonsense would cost us gigabytes.
MOST_PARTS = 100_000
# Bytes beside the pictures.
LARGEST_REST = 16 << 20
# More complaints than this are only counted, for each one told costs a kilobyte more.
MOST_TOLD = 20
SHOWN_PLACES = 5
LONGEST_PLACE = 60
# Pictures are much longer, and names never are.
LONG = 200


class Unreadable(ValueError):
    """A document that is no JSON, is ambiguous, or has another shape; says where, not what."""


def read(model: type[Model], body: bytes) -> Model:
    """Read a document; raises Unreadable."""
    if _has_more(body, b",", MOST_PARTS):
        raise Unreadable(f"it has more than {MOST_PARTS!r} parts")
    try:
        found = model.model_validate_json(body)
        STRICT.decode(_without_pictures(body))
    except ValidationError as error:
        raise Unreadable(_places(error)) from None
    except ValueError as error:
        raise Unreadable(str(error)) from None
    return found


def _has_more(body: bytes, mark: bytes, most: int) -> bool:
    at = -1
    for _ in range(most + 1):
        at = body.find(mark, at + 1)
        if at < 0:
            return False
    return True


def _places(error: ValidationError) -> str:
    if error.error_count() > MOST_TOLD:
        return f"{error.error_count()} places"
    told = error.errors(include_url=False, include_context=False, include_input=False)
    places = {".".join(map(str, each["loc"]))[:LONGEST_PLACE] for each in told}
    return repr(sorted(places)[:SHOWN_PLACES])


def _without_pictures(body: bytes) -> str:
    """The same document, short where it has pictures, on which Python's own parser is slow."""
    has_mostly_short_strings = _has_more(body, b'"', len(body) // LONG)
    pieces = [memoryview(body)] if has_mostly_short_strings else list(_without_long_strings(body))
    if sum(map(len, pieces)) > LARGEST_REST:
        raise Unreadable(f"it is larger than {LARGEST_REST!r} bytes without its pictures")
    return b"".join(pieces).decode()


def _without_long_strings(body: bytes) -> Iterator[bytes | memoryview]:
    """The same document with a number in each long string; its pieces are no copies."""
    whole, start, inside = memoryview(body), 0, False
    while (end := body.find(b'"', start)) >= 0:
        # A quote behind an odd number of backslashes belongs to its string.
        is_escaped = inside and _backslashes(body, start, end) % 2 == 1
        if inside and end - start > LONG:
            yield str(start).encode() + b"\\" * is_escaped
        else:
            yield whole[start:end]
        yield b'"'
        start, inside = end + 1, is_escaped or not inside
    yield whole[start:]


def _backslashes(body: bytes, start: int, end: int) -> int:
    """How many stand there at the end."""
    piece = body[max(start, end - LONG) : end]
    if len(piece) == LONG == piece.count(b"\\"):
        piece = body[start:end]
    return len(piece) - len(piece.rstrip(b"\\"))


def _each_name_once(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("it has the same name twice in one object")


def _no_number(word: str) -> None:
    raise ValueError(f"it holds {word!r}, which is no JSON")


STRICT = JSONDecoder(object_pairs_hook=_each_name_once, parse_constant=_no_number)
