"""The servers behind one provider: which of them is asked, and which are left alone for a while."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote

from imageway.adapters.qwen.config import Common
from imageway.adapters.qwen.wire import Info, Queue
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo

INFO_SECONDS = 60.0
DEAD_SECONDS = 10.0
PROBE_SECONDS = 3.0
# What a picture takes where no server has told its average.
USUAL_SECONDS = 60.0

SILENT = ErrorInfo(code=ErrorCode.TIMEOUT, message="the Qwen server says nothing", origin="vendor")


@dataclass(frozen=True, slots=True)
class Server:
    """One server; without info it is of the published kind, which says nothing of itself."""

    url: str
    info: Info | None

    @property
    def draws_in_background(self) -> bool:
        """Whether a wish is accepted first and drawn then."""
        return self.info is not None and self.info.has("async")

    def request(self, request_id: str, rest: str = "") -> str:
        """The address of one request there."""
        return f"{self.url}/api/requests/{quote(request_id, safe='')}{rest}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What one server's line looks like just now, or why it cannot be asked."""

    url: str
    queue: Queue | None = None
    failure: ErrorInfo | None = None


class Instances:
    """Several servers alike, or one, which is asked without further questions."""

    def __init__(self, urls: Sequence[str], http: Http, memo: Memo, common: Common) -> None:
        self.urls = urls
        self._http = http
        self._memo = memo
        self._common = common
        self._on_their_way: Counter[str] = Counter()

    @asynccontextmanager
    async def chosen(self) -> AsyncGenerator[Server]:
        """The server that would begin first, while a wish is on its way there.

        So long it counts as one more in that line, which does not show it yet.
        """
        url = await self._first()
        self._on_their_way[url] += 1
        try:
            yield await self.server(url)
        finally:
            self._on_their_way[url] -= 1

    async def _first(self) -> str:
        """The address of that server; raises when none can be reached."""
        if len(self.urls) == 1:
            return self.urls[0]
        standings = await asyncio.gather(*map(self._standing, self.urls))
        living = [standing for standing in standings if standing.queue is not None]
        if not living:
            raise _none_left(standings)
        seconds = _seconds_a_picture(living)
        return min(living, key=lambda standing: self._rank(standing, seconds)).url

    async def server(self, url: str) -> Server:
        """A server with what it says of itself, which is asked for once a minute."""
        info = await self._memo.remember(("info", url), INFO_SECONDS, lambda: self._info(url))
        return Server(url, info)

    async def usual(self) -> Server:
        """Any server, for they are alike; it is looked for once a minute."""

        async def any_server() -> Server:
            return await self.server(await self._first())

        return await self._memo.remember("usual", INFO_SECONDS, any_server)

    async def bury(self, server: Server, failure: ErrorInfo) -> None:
        """Leave a server alone for a while that did not answer, where there are others."""

        async def dead() -> Standing:
            return Standing(server.url, failure=failure)

        self._memo.forget(("standing", server.url))
        await self._memo.remember(("standing", server.url), DEAD_SECONDS, dead)

    def _rank(self, standing: Standing, seconds: float) -> tuple[int, float]:
        """Those that can begin come first, then those that may soon; the shorter wait wins."""
        queue = standing.queue or Queue()
        wait = queue.estimated_wait_seconds + seconds * self._on_their_way[standing.url]
        if queue.status in {"idle", "busy"} and not queue.is_full:
            return 0, wait
        return (1 if queue.status in {"busy", "loading"} else 2), wait

    async def _standing(self, url: str) -> Standing:
        """Ask a server for its line; only its silence is remembered."""
        key = ("standing", url)
        standing = await self._memo.remember(key, DEAD_SECONDS, lambda: self._asked(url))
        if standing.failure is None:
            self._memo.forget(key)
        return standing

    async def _asked(self, url: str) -> Standing:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return Standing(url, await self.queue(url))
        except TimeoutError:
            return Standing(url, failure=SILENT)
        except ImagewayError as error:
            return Standing(url, failure=error.info)

    async def queue(self, url: str) -> Queue:
        """The line at one server."""
        return await self._http.json("GET", f"{url}/api/queue/status", Queue, **self._common())

    async def _info(self, url: str) -> Info | None:
        try:
            return await self._http.json("GET", f"{url}/api/info", Info, **self._common())
        except ImagewayError as error:
            if error.info.code is ErrorCode.NOT_FOUND:
                return None
            raise


def _seconds_a_picture(standings: Sequence[Standing]) -> float:
    """One average for all, or a server that has drawn nothing yet would seem the slowest."""
    told = [each.queue.avg_generate_seconds for each in standings if each.queue is not None]
    known = [seconds for seconds in told if seconds]
    return sum(known) / len(known) if known else USUAL_SECONDS


def _none_left(standings: Sequence[Standing]) -> ImagewayError:
    """The first server's failure, and that it was not the only one."""
    failures = [standing.failure for standing in standings if standing.failure is not None]
    first = failures[0]
    message = f"none of {len(standings)} Qwen servers can be asked; {first.message}"
    return ImagewayError.carrying(first.model_copy(update={"message": message}))
