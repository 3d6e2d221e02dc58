"""Dates as CivitAI sends them: with seven digits, with three, as null, or not at all."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pydantic import JsonValue

# More than six digits of a second are more than Python takes.
FRACTION = re.compile(r"(\.\d{6})\d+")


class Unreadable(Exception):
    """A date that is none; the text says what stood there."""


def read_date(value: JsonValue) -> datetime | None:
    """A moment; none where none is given. Raises Unreadable with what stood there instead."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Unreadable(repr(value)[:60])
    try:
        found = datetime.fromisoformat(FRACTION.sub(r"\1", value.strip()))
    except ValueError:
        raise Unreadable(repr(value)[:60]) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def spoken(moment: datetime) -> str:
    """A moment for people."""
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
