"""An adapter without a wire, correct and broken: it paints on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from random import randrange

from pydantic import BaseModel, ConfigDict

from imageway.core.adapter import Adapter
from imageway.core.capability import Capabilities, SizeRule
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.options import Option
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.size import Size
from imageway.emulators.pictures import paint
from imageway.testing.subject import Subject

CAPABILITIES = Capabilities(
    options=frozenset({Option.SIZE, Option.SEED, Option.FORMAT}),
    allowed={Option.FORMAT: frozenset({"png", "gif"})},
    sizes=SizeRule(least_edge=16, most_edge=512, usual=Size(64, 64)),
    reports_progress=True,
)


class HomeConfig(BaseModel):
    """There is nothing to say."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HomeAdapter:
    """Paints in two steps."""

    Config = HomeConfig

    def __init__(self, config: HomeConfig, http: Http, memo: Memo) -> None:
        self.http = http

    async def describe(self, model: str) -> Capabilities:
        return CAPABILITIES if model == "home" else Capabilities.permissive()

    async def generate(self, request: ImageRequest, run: Run) -> None:
        if request.model != "home":
            raise ImagewayError(ErrorCode.NOT_FOUND, f"there is no model {request.model!r}")
        run.progress(0.5)
        await self.rest()
        size = request.size or CAPABILITIES.sizes.usual
        seed = self.seed(request, run)
        data = paint(size.width, size.height, request.format or "png", seed)
        run.image(Picture.from_bytes(data))

    async def rest(self) -> None:
        for _ in range(3):
            await asyncio.to_thread(int)

    def seed(self, request: ImageRequest, run: Run) -> int:
        return int(run.call_id[-6:], 16) if request.seed is None else request.seed


class HomeWillNotStop(HomeAdapter):
    async def rest(self) -> None:
        try:
            await super().rest()
        except asyncio.CancelledError:
            await asyncio.sleep(2.5)
            raise


class HomeThrowsDice(HomeAdapter):
    def seed(self, request: ImageRequest, run: Run) -> int:
        return randrange(1 << 20)


class HomeDropsTheSeed(HomeAdapter):
    def seed(self, request: ImageRequest, run: Run) -> int:
        return 7


class HomeDropsTheFormat(HomeAdapter):
    async def generate(self, request: ImageRequest, run: Run) -> None:
        await super().generate(request.having(format="png"), run)


class HomeDrawsWhatItDoesNotClaim(HomeAdapter):
    def seed(self, request: ImageRequest, run: Run) -> int:
        return super().seed(request, run) + (request.steps or 0)


class HomeHasAWire(HomeAdapter):
    async def rest(self) -> None:
        await self.http.exchange("GET", "http://127.0.0.1:9/")


BROKEN_AT_HOME: Mapping[type[HomeAdapter], frozenset[str]] = {
    HomeWillNotStop: frozenset({"cancelled_at_work"}),
    HomeThrowsDice: frozenset(
        {"the_same_asks_the_same", "seed_arrives", "size_arrives", "format_arrives"}
    ),
    HomeDropsTheSeed: frozenset({"seed_arrives", "four_pictures_have_four_seeds"}),
    HomeDropsTheFormat: frozenset({"format_arrives"}),
    HomeDrawsWhatItDoesNotClaim: frozenset({"unclaimed_stays_here"}),
}


def home(kind: Callable[[HomeConfig, Http, Memo], Adapter] = HomeAdapter) -> Subject:
    """The adapter as a subject of the kit."""
    return Subject("home", lambda url, http, memo: kind(HomeConfig(), http, memo), None, "home")
