"""One connection that is not waited for without end: slow headers, readers that stop, bad HTTP."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from imageway.serving.gate import Gate
from imageway.serving.problems import Problem, Refused
from imageway.serving.wall import Voice, http_refusal, request_id

KEEP_ALIVE_SECONDS = 75.0
LINGERING_SECONDS = 2.0

log = logging.getLogger("imageway")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until a whole header is here, and that a reader may take nothing."""

    header: float = 10.0
    reader: float = 60.0


class NoAccessLog(AbstractAccessLogger):
    """One line a run is enough; the run writes it."""

    @property
    def enabled(self) -> bool:
        """Never."""
        return False

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write nothing."""


class Connection(web.RequestHandler):
    """aiohttp's connection with the clocks that it lacks."""

    def __init__(self, server: web.Server, gate: Gate, patience: Patience, voice: Voice) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=KEEP_ALIVE_SECONDS,
            access_log_class=NoAccessLog,
            lingering_time=LINGERING_SECONDS,
            # A small compressed body may unpack to one that stalls the loop for a second.
            auto_decompress=False,
        )
        self._gate, self._patience, self._voice = gate, patience, voice
        self._header_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        self._unsent = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with the clock running for the first header."""
        super().connection_made(transport)
        if self._gate.admit(self):
            self._await_header()
        else:
            self._turn_away()

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that begin a header start the clock, the end of one stops it."""
        heard = self._request_count
        super().data_received(data)
        if self._request_count > heard:
            self._stop_header_timer()
            self._gate.work(self)
        elif data and self._waiter is not None:
            self._await_header()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; one that aiohttp made itself is put into our envelope first."""
        if isinstance(resp, web.HTTPException):
            resp = self._voice.envelope(request, http_refusal(request, resp))
        finished = await super().finish_response(request, resp, start_time)
        if not self._messages:
            self._gate.rest(self)
        return finished

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP, or what was thrown past the wall."""
        if request.writer.output_size > 0:
            raise ConnectionResetError("the answer had begun") from exc
        if status < 500:
            said = Problem(status, "bad_http", f"this is not HTTP that we read: {_short(message)}")
        else:
            log.error("internal error in %s", request_id(request), exc_info=exc)
            said = Problem(500, "internal_error", "a bug in the server", type="server_error")
        answer = self._voice.envelope(request, Refused(said))
        answer.force_close()
        return answer

    def pause_writing(self) -> None:
        """The reader is slower than we are; it must go on taking something."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """The reader has caught up."""
        self._stop_reader_timer()
        super().resume_writing()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End: no clock runs on, no place stays taken."""
        self._stop_header_timer()
        self._stop_reader_timer()
        self._gate.leave(self)
        super().connection_lost(exc)

    def drop(self) -> None:
        """Close at once; what was not sent yet is lost."""
        if self.transport is not None:
            self.transport.abort()

    def _turn_away(self) -> None:
        """Say in one write that we are full; no request of this connection is read."""
        busy = self._voice.busy
        if self.transport is not None:
            self.transport.write(
                b"HTTP/1.1 503 too many connections\r\nContent-Type: application/json\r\n"
                b"Retry-After: 1\r\nx-should-retry: true\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(busy), busy)
            )
        self.force_close()

    def _await_header(self) -> None:
        if self._header_timer is None:
            self._header_timer = self._loop.call_later(self._patience.header, self.drop)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _watch_reader(self) -> None:
        if self.transport is not None:
            self._unsent = self.transport.get_write_buffer_size()
            self._reader_timer = self._loop.call_later(self._patience.reader, self._check_reader)

    def _check_reader(self) -> None:
        if self.transport is None or self.transport.get_write_buffer_size() >= self._unsent:
            self.drop()
        else:
            self._watch_reader()

    def _stop_reader_timer(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None


def _short(message: str | None) -> str:
    return " ".join((message or "").split())[:200]
