"""One page of a list as we read it: items in the vendor's words, and where the list goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from pydantic import JsonValue

from imageway.adapters.civitai.gallery_cursor import Place
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.reply import Reply

Item = dict[str, JsonValue]

LONGEST_CURSOR = 500
A_PAGE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
MAY_BE_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page's items, and the place behind them; None at the end."""

    items: tuple[Item, ...]
    then: Place | None


def read_leaf(reply: Reply, source: int = 0) -> Leaf:
    """Read a page; raises bad_answer, also for a page for people that came with status 200."""
    if "html" in reply.headers.get("Content-Type", "").lower() or reply.body.lstrip()[:1] == b"<":
        raise _bad("CivitAI answered with a page for people where a list was asked for")
    found = _loaded(reply.body)
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(items, list):
        raise _bad("CivitAI's answer holds no list")
    read = [item for item in items if isinstance(item, dict)]
    if len(read) < len(items):
        raise _bad("CivitAI's list holds something that is no item")
    metadata = found.get("metadata")
    then = _then(metadata, source) if isinstance(metadata, dict) else None
    return Leaf(tuple(read), then)


def _loaded(body: bytes) -> JsonValue:
    """JSON whose texts may hold raw control characters; half characters become a mark."""
    try:
        found: JsonValue = json.loads(body, strict=False, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _bad("CivitAI's answer cannot be read") from None
    return _whole(found) if MAY_BE_HALF.search(body) else found


def _no_number(word: str) -> None:
    raise ValueError(word)


def _whole(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return HALF_A_CHARACTER.sub("\ufffd", value)
        case list():
            return [_whole(each) for each in value]
        case dict():
            return {HALF_A_CHARACTER.sub("\ufffd", k): _whole(v) for k, v in value.items()}
        case _:
            return value


def _then(metadata: Mapping[str, JsonValue], source: int) -> Place | None:
    """The next cursor, whatever its type; where only a link is told, what the link says."""
    cursor, link = metadata.get("nextCursor"), metadata.get("nextPage")
    text = str(cursor) if _is_cursor(cursor) else ""
    said = _parameters(link) if isinstance(link, str) and not text else {}
    text = text or said.get("cursor", "")
    if len(text) > LONGEST_CURSOR:
        raise _bad(f"CivitAI's cursor is longer than {LONGEST_CURSOR} characters")
    if text:
        return Place(text, "cursor", source)
    page = said.get("page", "")
    return Place(page, "page", source) if A_PAGE.fullmatch(page) else None


def _is_cursor(value: JsonValue) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _parameters(link: str) -> dict[str, str]:
    try:
        found = parse_qs(urlsplit(link).query, max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in found.items()}


def named(item: Item, wanted: str | None) -> Item:
    """The same item with its user's name as text, for a name of digits comes as a number.

    Its leading noughts are lost on the way, unless they are what was asked for.
    """
    name = item.get("username")
    if isinstance(name, bool) or not isinstance(name, int | float):
        return item
    digits = str(name)
    meant = wanted if wanted and wanted.isdecimal() and wanted.lstrip("0") == digits else None
    return {**item, "username": meant or digits}


def _bad(message: str) -> ImagewayError:
    return ImagewayError(
        ErrorCode.BAD_ANSWER, message, origin="vendor", hint="it may be under repair; ask later"
    )
