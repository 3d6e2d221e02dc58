"""What passes between an emulator and its server: a visit in, an answer out, and what it costs."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pydantic import JsonValue

from imageway.emulators.faults import Scripted
from imageway.emulators.heard import Heard

NO_HEADERS: Mapping[str, str] = {}

# Makes the pieces of a stream while they are sent.
Live = Callable[[], AsyncGenerator[bytes]]


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
    """A status, headers and a body, in one piece or streamed in several; seconds is the work.

    What is live comes instead of pieces, for streams that depend on what happens meanwhile.
    """

    pieces: tuple[bytes, ...]
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    streamed: bool = False
    seconds: float = 0.0
    charge: Charge | None = None
    live: Live | None = None

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
    def of_live(cls, live: Live) -> Answer:
        """Server-sent events that are made while they are sent."""
        return cls((), 200, "text/event-stream", streamed=True, live=live)

    @classmethod
    def of_html(cls, status: int) -> Answer:
        """The page that a proxy in front of a vendor makes."""
        page = f"<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1>"
        return cls((page.encode() + b"<hr>nginx</body></html>",), status, "text/html")

    def without_its_last(self) -> Answer:
        """The same stream, ending one piece early."""
        if self.live is None:
            return replace(self, pieces=self.pieces[:-1])
        return replace(self, live=_shortened(self.live))

    def breaking_off(self, after: int, last: bytes) -> Answer:
        """The same stream, ending after some pieces with this one."""
        if self.live is None:
            return replace(self, pieces=(*self.pieces[:after], last))
        return replace(self, live=_broken_off(self.live, after, last))

    def with_headers(self, more: Mapping[str, str]) -> Answer:
        """The same answer under more headers; its own come last and win."""
        return replace(self, headers={**more, **self.headers})


class Refusal(Exception):
    """Raised by a handler that answers with an error and makes nothing."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def _shortened(live: Live) -> Live:
    async def shorter() -> AsyncGenerator[bytes]:
        held: bytes | None = None
        async with aclosing(live()) as pieces:
            async for piece in pieces:
                if held is not None:
                    yield held
                held = piece

    return shorter


def _broken_off(live: Live, after: int, last: bytes) -> Live:
    async def other() -> AsyncGenerator[bytes]:
        sent = 0
        async with aclosing(live()) as pieces:
            while sent < after and (piece := await anext(pieces, None)) is not None:
                yield piece
                sent += 1
        yield last

    return other
