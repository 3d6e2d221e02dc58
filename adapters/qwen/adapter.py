"""The steps of a picture at a Qwen service: choose a server, ask, wait, and hand over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from imageway.adapters.qwen.background import Background
from imageway.adapters.qwen.config import QwenConfig
from imageway.adapters.qwen.describing import capabilities, names
from imageway.adapters.qwen.errors import UNKNOWN_REQUEST, is_forgotten
from imageway.adapters.qwen.health import by_queue, down, explain_illness, together
from imageway.adapters.qwen.instances import Instances, Server
from imageway.adapters.qwen.picture import deliver
from imageway.adapters.qwen.wire import State, Wish
from imageway.adapters.qwen.wishing import seed_for, wish_for
from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import CallOptions
from imageway.core.powers import Health, Lost, ModelInfo
from imageway.core.request import ImageRequest
from imageway.core.run import Run

SILENCE = frozenset({ErrorCode.NETWORK, ErrorCode.TIMEOUT, ErrorCode.OUTCOME_UNKNOWN})


class QwenAdapter:
    """Has one model, under the name `qwen-image-2512` and under its server's own."""

    Config = QwenConfig

    def __init__(self, config: QwenConfig, http: Http, memo: Memo) -> None:
        self._http = http
        self._common = config.common
        self._instances = Instances(config.urls, http, memo, self._common)
        self._background = Background(http, self._common)

    async def describe(self, model: str) -> Capabilities:
        """What the servers say, for they are alike; of silent ones nothing is known."""
        try:
            info = (await self._instances.usual()).info
        except ImagewayError:
            return Capabilities.permissive()
        return capabilities(info) if model in names(info) else Capabilities.permissive()

    async def models(self) -> Sequence[ModelInfo]:
        """The one model, by its usual name and by the server's own."""
        info = (await self._instances.usual()).info
        return [ModelInfo(name=name, title=info and info.title) for name in names(info)]

    async def check(self) -> Health:
        """Up when every server can draw, degraded when not all can."""
        urls = self._instances.urls
        return together(urls, await asyncio.gather(*map(self._health, urls)))

    async def _health(self, url: str) -> Health:
        options: CallOptions = {**self._common(), "explain": explain_illness}
        try:
            await self._http.exchange("GET", f"{url}/api/health", **options)
            return by_queue(await self._instances.queue(url))
        except ImagewayError as error:
            return down(error.info)

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Draw one picture at the server that would begin first."""
        async with self._instances.chosen() as server:
            _check_name(request.model, server)
            wish = wish_for(request, server, run, run.call_id)
            try:
                request_id = await self._ask(server, wish, run)
            except ImagewayError as error:
                await self._leave_alone_if_silent(server, error)
                raise
        if request_id is not None:
            previews = request.previews or 0
            await self._background.bring(server, request_id, run, previews=previews, seed=wish.seed)

    async def _ask(self, server: Server, wish: Wish, run: Run) -> str | None:
        """Hand a wish in; returns its id, or none where the answer was the picture itself."""
        if server.draws_in_background:
            return await self._background.submit(server, wish, run.call_id, run)
        options: CallOptions = {**self._common(), "send": wish, "paid": run}
        reply = await self._http.exchange("POST", f"{server.url}/api/generate", **options)
        deliver(reply, run, wish.seed)
        return None

    async def _leave_alone_if_silent(self, server: Server, error: ImagewayError) -> None:
        if error.info.code in SILENCE:
            await self._instances.bury(server, error.info)

    async def resume(self, lost: Lost, run: Run) -> None:
        """Fetch what a lost call made, by its id at whichever server knows it."""
        if lost.ticket is None:
            # Its key finds it too, but a server that was restarted would draw it once more.
            raise _untraceable()
        server, seed = await self._holder(lost.ticket), seed_for(lost.request, lost.call_id)
        await self._background.bring(server, lost.ticket, run, previews=0, seed=seed)

    async def _holder(self, request_id: str) -> Server:
        """The server that knows a request; one that is silent may be it."""
        silent: ImagewayError | None = None
        for url in self._instances.urls:
            try:
                if server := await self._knowing(url, request_id):
                    return server
            except ImagewayError as error:
                silent = error
        raise silent or ImagewayError(
            ErrorCode.FAILED,
            f"no Qwen server knows the request {request_id!r} any more",
            hint="ask for the picture again",
            origin="vendor",
            vendor_code=UNKNOWN_REQUEST,
        )

    async def _knowing(self, url: str, request_id: str) -> Server | None:
        server = await self._instances.server(url)
        if not server.draws_in_background:
            return None
        try:
            await self._http.json("GET", server.request(request_id), State, **self._common())
        except ImagewayError as error:
            if is_forgotten(error):
                return None
            raise
        return server


def _check_name(model: str, server: Server) -> None:
    known = names(server.info)
    if model not in known:
        raise ImagewayError(
            ErrorCode.NOT_FOUND,
            f"the Qwen server has no model {model!r}",
            hint=f"it has {' and '.join(map(repr, known))}",
        )


def _untraceable() -> ImagewayError:
    return ImagewayError(
        ErrorCode.OUTCOME_UNKNOWN,
        "the lost call got no id, and a Qwen server can be asked for nothing else",
        hint="ask for the picture again",
    )
