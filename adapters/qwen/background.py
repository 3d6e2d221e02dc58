"""A wish that is accepted first and drawn then: submitted, followed, fetched, or taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from imageway.adapters.qwen.config import Common
from imageway.adapters.qwen.errors import is_forgotten
from imageway.adapters.qwen.following import Following, tell_place
from imageway.adapters.qwen.instances import Server
from imageway.adapters.qwen.picture import deliver
from imageway.adapters.qwen.wire import Accepted, Wish
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.limits import stop
from imageway.core.outgoing import CallOptions
from imageway.core.reply import Reply
from imageway.core.run import Run

# How long a caller who has gone is kept for the server to be told so; to him it is at once.
FAREWELL_SECONDS = 0.8


@dataclass(frozen=True, slots=True)
class Background:
    """How such wishes are played; `common` makes what every call has."""

    http: Http
    common: Common

    async def submit(self, server: Server, wish: Wish, key: str, run: Run) -> str:
        """Hand a wish in, and return its id there once that is written down.

        A caller who goes meanwhile has it taken back, for which its id must be waited for.
        """
        sending = asyncio.create_task(self._posted(server, wish, key, run))
        try:
            accepted = await asyncio.shield(sending)
        except asyncio.CancelledError:
            await self._take_back(server, sending)
            raise
        async with self._taken_back_if_left(server, accepted.request_id):
            await run.accepted(accepted.request_id)
        if accepted.queue_position:
            tell_place(run, accepted.queue_position, accepted.estimated_wait_seconds)
        return accepted.request_id

    async def bring(
        self, server: Server, request_id: str, run: Run, *, previews: int, seed: int
    ) -> None:
        """Follow it to its end, and fetch what came of it."""
        address = server.request(request_id)
        async with self._taken_back_if_left(server, request_id):
            ended = await Following(self.http, address, self.common, run, previews).end()
            if ended.failure is None:
                reply = await self._fetched(f"{address}/image")
                deliver(reply, run, seed, ended)
                return
        raise ImagewayError.carrying(ended.failure)

    async def _posted(self, server: Server, wish: Wish, key: str, run: Run) -> Accepted:
        options: CallOptions = {**self.common(), "send": wish, "paid": run}
        options["headers"] = {**options.get("headers", {}), "Idempotency-Key": key}
        return await self.http.json("POST", f"{server.url}/api/generate", Accepted, **options)

    async def _fetched(self, address: str) -> Reply:
        """The picture; a cut is asked again, for it costs nothing."""

        async def fetch() -> Reply:
            try:
                return await self.http.exchange("GET", address, **self.common())
            except ImagewayError as error:
                raise (_gone(error) if is_forgotten(error) else error) from None

        return await self.http.poll(fetch, every=0.5, most=2.0)

    @asynccontextmanager
    async def _taken_back_if_left(self, server: Server, request_id: str) -> AsyncGenerator[None]:
        """Free the server of a request that nobody will fetch any more."""
        try:
            yield
        except (asyncio.CancelledError, ImagewayError):
            await self._cancel(server, request_id)
            raise

    async def _take_back(self, server: Server, sending: asyncio.Task[Accepted]) -> None:
        """Wait a moment for the id, without which nothing can be cancelled."""
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                accepted = await sending
                await self._cancel(server, accepted.request_id)
        except (TimeoutError, ImagewayError):
            await stop(sending)

    async def _cancel(self, server: Server, request_id: str) -> None:
        """Say that it is not wanted any more; a server that does not hear it draws for nothing."""
        with suppress(TimeoutError, ImagewayError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.http.exchange("DELETE", server.request(request_id), **self.common())


def _gone(error: ImagewayError) -> ImagewayError:
    """A picture that was drawn and is not there: waiting for it would be in vain."""
    message = "the Qwen server drew the picture and does not have it any more"
    told = {"code": ErrorCode.BAD_ANSWER, "message": message}
    return ImagewayError.carrying(error.info.model_copy(update=told))
