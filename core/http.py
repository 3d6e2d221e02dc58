"""The door to the network that an adapter is handed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from pydantic import BaseModel

from imageway.core.bill import Bill
from imageway.core.outgoing import LARGEST_ANSWER, LARGEST_TALK, CallOptions, Outgoing, Times
from imageway.core.polling import Sleep, poll
from imageway.core.reply import Reply
from imageway.core.sse import ServerSentEvent

# Half of the time of `import imageway` would go here, and the demo never opens a connection.
if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession
    from yarl import URL

    from imageway.core.answer import Answer
    from imageway.core.websocket import Websocket

Model = TypeVar("Model", bound=BaseModel)
Found = TypeVar("Found")

USUAL_TIMES = Times()


class Http:
    """One provider's connections, opened with the first call and closed with the provider.

    Whatever goes wrong is an ImagewayError that carries what the call may have cost.
    """

    def __init__(
        self, private: bool = False, times: Times = USUAL_TIMES, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._private = private
        self._times = times
        self._sleep = sleep
        self._free: ClientSession | None = None
        self._paid: ClientSession | None = None
        self._answers: set[ClientResponse] = set()

    @property
    def session(self) -> ClientSession:
        """The connection pool; made inside the running loop the first time it is needed."""
        if self._free is None:
            self._free = self._open(reuse=True)
        return self._free

    @property
    def _paid_session(self) -> ClientSession:
        # Each paid call has a fresh connection: an old one may be closed by the vendor just when
        # it is used again, and then nobody would know whether the call was read.
        if self._paid is None:
            self._paid = self._open(reuse=False)
        return self._paid

    def _open(self, *, reuse: bool) -> ClientSession:
        from imageway.core.sending import open_session

        return open_session(self._times, private=self._private, reuse=reuse)

    async def exchange(self, method: str, url: str, **options: Unpack[CallOptions]) -> Reply:
        """Send a call and read its answer whole; a redirect is not followed."""
        async with self._answer(Outgoing(method, url, **options)) as answer:
            return await answer.reply()

    async def json(
        self, method: str, url: str, answer: type[Model], **options: Unpack[CallOptions]
    ) -> Model:
        """Send a call and read its answer as JSON of this shape."""
        call = Outgoing(method, url, **options).accepting("application/json")
        async with self._answer(call) as coming:
            return await coming.parsed(answer)

    async def events(
        self, method: str, url: str, **options: Unpack[CallOptions]
    ) -> AsyncGenerator[ServerSentEvent]:
        """Send a call and read its answer as events; read to the end, or the charge stays open."""
        call = Outgoing(method, url, **options).accepting("text/event-stream")
        async with self._answer(call) as answer:
            async for event in answer.events():
                yield event

    async def chunks(
        self, method: str, url: str, is_between: Callable[[], bool], **options: Unpack[CallOptions]
    ) -> AsyncGenerator[bytes]:
        """Send a call and read its answer as it comes, whatever its type; read to the end."""
        async with self._answer(Outgoing(method, url, **options)) as answer:
            async for chunk in answer.chunks(is_between):
                yield chunk

    def websocket(
        self, url: str, *, most: int = LARGEST_TALK, **options: Unpack[CallOptions]
    ) -> AbstractAsyncContextManager[Websocket]:
        """Listen while the block lasts; a message has `limit` bytes, all together have `most`."""
        from imageway.core.patience import Patience
        from imageway.core.websocket import opened

        return opened(self.session, Outgoing("GET", url, **options), most, Patience(self._times))

    async def poll(
        self,
        ask: Callable[[], Awaitable[Found | None]],
        *,
        every: float = 1.0,
        most: float = 10.0,
    ) -> Found:
        """Ask until it gives something; `every` and `most` are the first and the longest wait."""
        return await poll(ask, every=every, most=most, sleep=self._sleep)

    async def download(
        self, url: str, *, limit: int = LARGEST_ANSWER, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Fetch what an answer points to; the headers go to that URL's own host only."""
        from imageway.core.download import download, explain_download

        async def fetch(target: URL, own: Mapping[str, str]) -> bytes | str:
            call = Outgoing("GET", str(target), headers=own, explain=explain_download, limit=limit)
            async with self._answer(call) as answer:
                found = answer.location
                return (await answer.reply()).body if found is None else found

        return await download(url, headers or {}, fetch, self._sleep)

    @asynccontextmanager
    async def _answer(self, call: Outgoing) -> AsyncGenerator[Answer]:
        from imageway.core.answer import Answer
        from imageway.core.patience import Patience
        from imageway.core.sending import sent

        session = self.session if call.paid is None else self._paid_session
        bill, patience = Bill(call.paid), Patience(self._times)
        async with sent(session, call, bill, patience) as response:
            self._answers.add(response)
            try:
                yield Answer(response, call, bill, patience)
            finally:
                self._answers.discard(response)

    async def close(self) -> None:
        """Close every connection, and end what is still read; closing twice does no harm."""
        # Closing the pool alone would leave its readers waiting until their time is over.
        for response in self._answers:
            response.close()
        sessions, self._free, self._paid = (self._free, self._paid), None, None
        for session in filter(None, sessions):
            await session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
