"""An answer that is coming in: judged by its status, read up to a limit, settled at its end."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import TypeVar

from aiohttp import ClientResponse
from pydantic import BaseModel
from yarl import URL

from imageway.core import document, sse
from imageway.core.bill import Bill
from imageway.core.document import Unreadable
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.outgoing import Outgoing
from imageway.core.patience import Patience
from imageway.core.reply import Reply, retry_after
from imageway.core.sending import FAULTS, translate
from imageway.core.sse import EventParser, ServerSentEvent
from imageway.core.veil import secrets, veiled, veiled_error

logger = logging.getLogger(__name__)

Model = TypeVar("Model", bound=BaseModel)

LARGEST_REFUSAL = 256 << 10
SAMPLE = 200


def _never() -> bool:
    return False


class Answer:
    """One response while its connection is held."""

    def __init__(
        self, response: ClientResponse, call: Outgoing, bill: Bill, patience: Patience
    ) -> None:
        self._response = response
        self._call = call
        self._bill = bill
        self._patience = patience

    @property
    def location(self) -> str | None:
        """Where a redirect leads; None when this is none."""
        if 300 <= self._response.status < 400:
            return self._response.headers.get("Location", "")
        return None

    async def reply(self) -> Reply:
        """Read it whole; raises what the vendor's refusal means."""
        await self._raise_for_status()
        body = await self._body()
        self._bill.paid()
        return Reply(self._response.status, self._response.headers, body)

    async def refusal(self) -> ImagewayError:
        """What it means where no answer of this kind was asked for at all."""
        try:
            reply = await self.reply()
        except ImagewayError as error:
            return error
        return self._explained(reply.body)

    async def parsed(self, model: type[Model]) -> Model:
        """Read it as JSON of this shape."""
        body = (await self.reply()).body
        try:
            return document.read(model, body)
        except Unreadable as error:
            _log_sample(body, secrets(self._call))
            raise self._unreadable(f"the provider's JSON cannot be read: {error}") from None

    async def events(self) -> AsyncGenerator[ServerSentEvent]:
        """Read it as a stream of events; an answer in another shape is a refusal."""
        await self._raise_for_status()
        if self._response.content_type != "text/event-stream":
            raise await self.refusal()
        parser = EventParser(self._call.limit)
        chunks = self._chunks(lambda: not parser.unfinished)
        try:
            async for event in sse.events(chunks, parser):
                yield event
        except ImagewayError as error:
            if error.info.code is not ErrorCode.TOO_LARGE:
                raise
            raise self._too_large() from None
        if self._tells_its_end():
            self._bill.paid()

    def _tells_its_end(self) -> bool:
        """Whether an end is told from a cut; without a length or chunks both look the same."""
        headers = self._response.headers
        return "Content-Length" in headers or "Transfer-Encoding" in headers

    async def chunks(self, is_between: Callable[[], bool]) -> AsyncGenerator[bytes]:
        """Read it as it comes, for whoever frames it alone; between two parts a vendor thinks."""
        await self._raise_for_status()
        size = 0
        async for chunk in self._chunks(is_between, thinks=True):
            size += len(chunk)
            if size > self._call.limit:
                raise self._too_large()
            yield chunk
        self._bill.paid()

    async def _raise_for_status(self) -> None:
        status = self._response.status
        if 200 <= status < 300:
            return
        if self.location is not None:
            raise self._unreadable(f"the provider redirects to {_host(self.location)!r}")
        # Settled before the body is read: the status is proof enough, and more may never come.
        if status in self._call.refusals:
            self._bill.not_charged()
        raise self._explained(await self._some_body())

    def _explained(self, body: bytes) -> ImagewayError:
        hidden = secrets(self._call)
        _log_sample(body, hidden)
        headers = self._response.headers
        info = self._call.explain(self._response.status, headers, body).info
        after = retry_after(headers) if info.retry_after is None else info.retry_after
        info = info.model_copy(update={"origin": "vendor", "retry_after": after})
        info = veiled_error(info, hidden)
        return self._bill.stamped(ImagewayError.carrying(info))

    def _unreadable(self, message: str) -> ImagewayError:
        return self._bill.stamped(ImagewayError(ErrorCode.BAD_ANSWER, message, origin="vendor"))

    async def _some_body(self) -> bytes:
        """What can be had of a refusal's body."""
        found = bytearray()
        try:
            async for chunk in self._chunks():
                found += chunk
                if len(found) >= LARGEST_REFUSAL:
                    break
        except ImagewayError:
            logger.debug("a refusal was cut after %d bytes", len(found))
        return bytes(found[:LARGEST_REFUSAL])

    async def _body(self) -> bytes:
        # An answer without a body, to HEAD for one, may announce a length nevertheless.
        announced = 0 if self._response.content.at_eof() else self._response.content_length
        if (announced or 0) > self._call.limit:
            raise self._too_large()
        chunks: list[bytes] = []
        size = 0

        # Blanks before JSON are how some vendors say that they are still at work.
        def are_blank() -> bool:
            return all(chunk.isspace() for chunk in chunks)

        async for chunk in self._chunks(are_blank):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._call.limit:
                # The error's trace would keep them for as long as somebody keeps the error.
                chunks.clear()
                raise self._too_large()
        return b"".join(chunks)

    def _too_large(self) -> ImagewayError:
        # The vendor has done its work; that we do not take it makes it no cheaper.
        self._bill.paid()
        return self._bill.stamped(
            ImagewayError(
                ErrorCode.TOO_LARGE,
                f"the provider's answer is larger than {self._call.limit!r} bytes",
                origin="vendor",
                details={"limit": self._call.limit},
            )
        )

    async def _chunks(
        self, is_resting: Callable[[], bool] = _never, *, thinks: bool = False
    ) -> AsyncIterator[bytes]:
        """What comes, until it ends or comes too slowly; nothing is slow while it rests.

        Where it `thinks`, a rest may be as long as the silence before the first byte.
        """
        # Some vendors send their headers at once and think afterwards, so idling begins later.
        seconds = self._patience.times.first_byte
        pace = self._patience.pace()
        while chunk := await self._next_chunk(seconds):
            if not pace.keeps_up(len(chunk)):
                raise self._bill.lost(ErrorCode.TIMEOUT, "the provider's answer came too slowly")
            yield chunk
            resting = is_resting()
            if resting:
                pace.rest()
            times = self._patience.times
            seconds = times.first_byte if thinks and resting else times.idle

    async def _next_chunk(self, seconds: float) -> bytes:
        try:
            async with self._patience.within(seconds):
                return await self._response.content.readany()
        except FAULTS as error:
            raise translate(error, self._bill) from None


def _log_sample(body: bytes, hidden: Sequence[str]) -> None:
    # Veiled before it is cut, or half a key would be left.
    text = veiled(body[: SAMPLE * 20].decode(errors="replace"), hidden)
    logger.debug("the answer begins with %r", text[:SAMPLE])


def _host(location: str) -> str:
    try:
        return URL(location).host or "itself"
    except ValueError:
        return "nowhere"
