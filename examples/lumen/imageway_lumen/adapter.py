"""Submit to Lumen, follow the job, fetch the picture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from imageway.core.capability import Capabilities
from imageway.core.door import LOST
from imageway.core.errors import ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import CallOptions
from imageway.core.picture import Picture
from imageway.core.powers import Health, Lost, ModelInfo
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway_lumen.config import CAPABILITIES, LumenConfig
from imageway_lumen.wire import Models, Order, Render, Ticket, explain, refused


class LumenAdapter:
    """Speaks Lumen's language."""

    Config = LumenConfig

    def __init__(self, config: LumenConfig, http: Http, memo: Memo) -> None:
        self._config, self._http = config, http

    async def describe(self, model: str) -> Capabilities:
        """All of Lumen's models take the same."""
        return CAPABILITIES if model.startswith("lumen-") else Capabilities.permissive()

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Submit, which costs, and follow, which does not."""
        paid: CallOptions = {**self._options(), "paid": run, "send": Order.of(request, run)}
        ticket = await self._http.json("POST", self._url("/renders"), Ticket, **paid)
        await run.accepted(ticket.render)
        await self._follow(ticket.render, run)

    async def resume(self, lost: Lost, run: Run) -> None:
        """Only its ticket finds a render again."""
        if lost.ticket is None:
            raise ImagewayError.carrying(LOST)
        await self._follow(lost.ticket, run)

    async def _follow(self, render: str, run: Run) -> None:
        url = self._url(f"/renders/{render}")

        async def look() -> Render | None:
            found = await self._http.json("GET", url, Render, **self._options())
            if found.problem is not None:
                raise refused(found.problem)
            run.progress(found.percent / 100, found.phase)
            return found if found.phase == "ready" else None

        try:
            done = await self._http.poll(look)
        except asyncio.CancelledError:
            await self._http.exchange("DELETE", url, **self._options())
            raise
        for index, link in enumerate(done.files):
            run.image(Picture.from_bytes(await self._http.download(link)), index)
        run.charge(done.credits, "credits")

    async def models(self) -> Sequence[ModelInfo]:
        """Lumen's list."""
        found = await self._http.json("GET", self._url("/models"), Models, **self._options())
        return [ModelInfo(name=name) for name in found.models]

    async def check(self) -> Health:
        """Well is whoever can list their models."""
        try:
            return Health(status="up", detail=f"{len(await self.models())} models")
        except ImagewayError as error:
            return Health(status="down", detail=error.info.message)

    def _options(self) -> CallOptions:
        key = self._config.api_key.get_secret_value()
        return {"headers": {"X-Lumen-Key": key}, "explain": explain}

    def _url(self, path: str) -> str:
        return f"{self._config.base_url}{path}"
