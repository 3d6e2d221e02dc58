"""What passes between an emulator and its server: a visit in, an answer out, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pydantic import JsonValue

from imageway.emulators.faults import Scripted
from imageway.emulators.heard import Heard

NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Charge:
    """What the vendor writes on its bill for one answer."""

    what: str
    pictures: int
    amount: Decimal
    unit: str = "USD"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, the variable parts of its path, where it came to, and what shall go wrong.

    Files that an answer points to lie under `files`, which need not be the same host.
    """

    heard: Heard
    path: Mapping[str, str]
    origin: str
    scripted: Scripted | None = None
    files: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers and a body, in one piece or streamed in several; seconds is the work."""

    pieces: tuple[bytes, ...]
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    streamed: bool = False
    seconds: float = 0.0
    charge: Charge | None = None

    @classmethod
    def of_json(
        cls,
        value: JsonValue,
        status: int = 200,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        seconds: float = 0.0,
        charge: Charge | None = None,
    ) -> Answer:
        """A JSON document."""
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls((body,), status, headers=headers, seconds=seconds, charge=charge)

    @classmethod
    def of_events(
        cls, events: Iterable[bytes], *, seconds: float = 0.0, charge: Charge | None = None
    ) -> Answer:
        """Server-sent events, one piece each."""
        media_type = "text/event-stream"
        pieces = tuple(events)
        return cls(pieces, 200, media_type, streamed=True, seconds=seconds, charge=charge)

    @classmethod
    def of_html(cls, status: int) -> Answer:
        """The page that a proxy in front of a vendor makes."""
        page = f"<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1>"
        return cls((page.encode() + b"<hr>nginx</body></html>",), status, "text/html")

    def with_headers(self, more: Mapping[str, str]) -> Answer:
        """The same answer under more headers; its own come last and win."""
        return replace(self, headers={**more, **self.headers})


class Refusal(Exception):
    """Raised by a handler that answers with an error and makes nothing."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer
