"""What every handler of the gateway shares."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field

from aiohttp import web

from imageway.client import Imageway
from imageway.providers.config import Gateway as Settings
from imageway.providers.reloading.reload import Reloader
from imageway.server.files import FileStore
from imageway.server.logins import Logins
from imageway.server.metrics import Metrics
from imageway.server.recent import Recent
from imageway.server.signing import Signer
from imageway.serving.problems import Problem, Refused

DRAINING = Problem(
    503,
    "overloaded",
    "the gateway is shutting down",
    type="server_error",
    hint="ask again in a few seconds",
    again=True,
    retry_after=5,
)


@dataclass(slots=True, eq=False)
class Gateway:
    """One running gateway: the library behind it, its numbers, and the files it hands out."""

    way: Imageway
    metrics: Metrics
    reloader: Reloader
    files: FileStore
    signer: Signer
    recent: Recent = field(default_factory=Recent)
    logins: Logins = field(default_factory=Logins)
    started: int = field(default_factory=lambda: int(time.time()))
    draining: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    @property
    def settings(self) -> Settings:
        """The table [gateway] that is in force."""
        return self.way.snapshot.source.config.gateway

    def refuse_new_work(self) -> None:
        """Raise when the gateway is about to end."""
        if self.draining:
            raise Refused(DRAINING)

    def own(self, work: Coroutine[object, object, None]) -> None:
        """Run something beside the requests, until the gateway ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait for what runs beside the requests; the jobs it watches have ended by now."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


GATEWAY = web.AppKey("gateway", Gateway)


def gateway_of(request: web.Request) -> Gateway:
    """The gateway that this request came to."""
    return request.app[GATEWAY]
