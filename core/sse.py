"""Server-sent events: bytes in, fields out."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from dataclasses import dataclass

from imageway.core.errors import ErrorCode, ImagewayError

# Room for a 4K picture without compression (33 MB), as base64 (44 MB), inside JSON.
LARGEST_EVENT = 64 << 20
# More digits than this are no waiting time, and Python refuses to read very many.
LONGEST_RETRY = 15

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_ENDS = (b"\r", b"\n")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event; id and retry are the last the stream has named so far."""

    event: str
    data: bytes
    id: str | None = None
    retry: int | None = None


class EventParser:
    """Reads one stream by the rules of WHATWG's HTML standard (9.2.6), however it is cut up."""

    def __init__(self, limit: int = LARGEST_EVENT) -> None:
        self._limit = limit
        self._line = bytearray()
        self._data = bytearray()
        self._event = ""
        self._id: str | None = None
        self._retry: int | None = None
        self._at_start = True
        self._after_return = False

    @property
    def unfinished(self) -> bool:
        """Whether a line or an event has begun and not ended."""
        return bool(self._line or self._data or self._event)

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that end in this chunk; read all of them before feeding the next."""
        if not chunk:
            return
        if self._after_return:
            chunk = chunk.removeprefix(b"\n")
        self._after_return = chunk.endswith(b"\r")
        lines = chunk.splitlines()
        rest = b"" if not lines or chunk.endswith(LINE_ENDS) else lines.pop()
        for line in lines:
            self._extend(line)
            if event := self._end_line():
                yield event
        self._extend(rest)

    def close(self) -> ServerSentEvent | None:
        """Give the event that lacks its blank line; the standard drops it, the caller may judge."""
        if self._line:
            self._end_line()
        return self._dispatch()

    def _extend(self, part: bytes) -> None:
        self._line += part
        if len(self._data) + len(self._line) > self._limit:
            raise ImagewayError(
                ErrorCode.TOO_LARGE,
                f"an event of the stream is larger than {self._limit!r} bytes",
                details={"limit": self._limit},
            )

    def _end_line(self) -> ServerSentEvent | None:
        line, self._line = self._line, bytearray()
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(BYTE_ORDER_MARK)
        if not line:
            return self._dispatch()
        self._read_field(line)
        return None

    def _read_field(self, line: bytearray) -> None:
        colon = line.find(b":")
        end = len(line) if colon < 0 else colon
        start = end + (2 if line.startswith(b" ", end + 1) else 1)
        match bytes(line[:end]):
            case b"data":
                self._data += memoryview(line)[start:]
                self._data += b"\n"
            case b"event":
                self._event = line[start:].decode(errors="replace")
            case b"id" if b"\0" not in line:
                self._id = line[start:].decode(errors="replace")
            case b"retry" if line[start:].isdigit() and len(line) - start <= LONGEST_RETRY:
                self._retry = int(line[start:])
            case _:
                pass

    def _dispatch(self) -> ServerSentEvent | None:
        data, self._data = self._data, bytearray()
        event, self._event = self._event, ""
        if not data:
            return None
        data.pop()
        return ServerSentEvent(event or "message", bytes(data), self._id, self._retry)


async def events(
    chunks: AsyncIterable[bytes], parser: EventParser
) -> AsyncIterator[ServerSentEvent]:
    """Yield the events of a body as it comes, last the one that lacks its blank line."""
    async for chunk in chunks:
        for event in parser.feed(chunk):
            yield event
    if rest := parser.close():
        yield rest
