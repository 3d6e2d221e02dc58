"""A vendor that seems to fail: the policy behind [chaos], and what is ordered of it now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from random import random
from time import time

from pydantic import BaseModel, ConfigDict, Field

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import NoteKind
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler
from imageway.providers.loading import Source, nearest
from imageway.providers.tables.chaos import Chaos, Trouble

logger = logging.getLogger("imageway.chaos")

KIND: NoteKind = "rehearsed"
# Of what is begun by hand, in seconds: nobody shall find it still there after a weekend.
LONGEST = 86_400.0
LOST = "the provider hung up before its answer was complete"


@dataclass(frozen=True, slots=True)
class Order:
    """A trouble, and when it ends, in seconds since 1970."""

    trouble: Trouble
    until: float

    def __str__(self) -> str:
        """For people."""
        return f"{self.trouble}, until {datetime.fromtimestamp(self.until, UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(slots=True, eq=False)
class Rehearsal:
    """What one provider rehearses; it lives as long as the provider's name, across reloads."""

    name: str
    now: Callable[[], float] = time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random
    allowed: bool = False
    _begun: Order | None = None
    _filed: Order | None = None

    @property
    def order(self) -> Order | None:
        """What is to be suffered now."""
        order = self._begun
        if order is None or not self.allowed or order.until <= self.now():
            return None
        return order

    def adjust(self, chaos: Chaos) -> None:
        """Go by the file; a table that is as it was changes nothing that was begun or ended."""
        self.allowed = chaos.enabled
        filed = _filed(chaos, self.name)
        if filed != self._filed:
            self._filed = self._begun = filed

    def begin(self, trouble: Trouble, seconds: float) -> None:
        """Suffer for so long; raises forbidden where the file does not allow any of it."""
        if not self.allowed:
            raise ImagewayError(
                ErrorCode.FORBIDDEN,
                "this gateway's file allows no rehearsal",
                hint="write enabled = true under [chaos] in plugins.toml and save it",
            )
        self._begun = Order(trouble, self.now() + seconds)
        self.tell()

    def end(self) -> None:
        """Suffer no more, whoever began it."""
        if self.order is not None:
            logger.warning("chaos: %s rehearses no more", self.name)
        self._begun = None

    def tell(self) -> None:
        """Say in the log what is suffered, if anything is."""
        if self.order is not None:
            logger.warning("chaos: %s only rehearses: %s", self.name, self.order)


class Beginning(BaseModel):
    """What the owner of a gateway lets a provider suffer, and for how many seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trouble: Trouble
    seconds: float = Field(gt=0, le=LONGEST)


class Rehearsals(BaseModel):
    """Who rehearses what now, in words."""

    model_config = ConfigDict(frozen=True)

    providers: Mapping[str, str]


def check_chaos(source: Source) -> None:
    """Refuse a rehearsal of a provider that there is not."""
    known = source.config.providers
    for name in source.config.chaos.providers:
        if name not in known:
            hint = nearest(name, known)
            words = f"there is no provider {name!r}"
            raise source.mistake(("chaos", "providers", name), words, hint)


def _filed(chaos: Chaos, name: str) -> Order | None:
    trouble = chaos.providers.get(name)
    if trouble is None or chaos.until is None:
        return None
    return Order(trouble, chaos.until.timestamp())


def rehearsed(inner: Handler, rehearsal: Rehearsal) -> Handler:
    """Let an order suffer what is rehearsed; it stands where the vendor itself would fail."""

    async def handler(request: ImageRequest, run: Run) -> None:
        order = rehearsal.order
        if order is None or not _is_struck(order.trouble, rehearsal.chance):
            await inner(request, run)
            return
        run.note(KIND, f"{rehearsal.name} only rehearses a failure: {order}")
        await _suffering(inner, order.trouble, rehearsal.sleep)(request, run)

    return handler


def _is_struck(trouble: Trouble, chance: Callable[[], float]) -> bool:
    return trouble.ratio == 1 or chance() < trouble.ratio


def _suffering(
    inner: Handler, trouble: Trouble, sleep: Callable[[float], Awaitable[None]]
) -> Handler:
    if trouble.code is not None:
        inner = _refusing(trouble.code, trouble.retry_after)
    if trouble.drip:
        inner = _dripping(inner, trouble.drip, sleep)
    if trouble.cut is not None:
        inner = _cutting(inner, trouble.cut)
    return _late(inner, trouble.latency, sleep) if trouble.latency else inner


def _refusing(code: ErrorCode, retry_after: float | None) -> Handler:
    async def handler(request: ImageRequest, run: Run) -> None:
        raise _failure(code, "the provider failed", retry_after)

    return handler


def _late(inner: Handler, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> Handler:
    async def handler(request: ImageRequest, run: Run) -> None:
        await sleep(seconds)
        await inner(request, run)

    return handler


def _cutting(inner: Handler, pictures: int) -> Handler:
    """Ask for no more than will come, so that nothing is paid for and then lost."""

    async def handler(request: ImageRequest, run: Run) -> None:
        few = run.indices[:pictures]
        if few:
            await inner(request.having(count=len(few)), replace(run, indices=few))
        if few != run.indices:
            # What a cut means depends on whether the call could have cost money.
            code = ErrorCode.NETWORK if run.hooks.free else ErrorCode.OUTCOME_UNKNOWN
            raise _failure(code, LOST)

    return handler


def _dripping(inner: Handler, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> Handler:
    async def handler(request: ImageRequest, run: Run) -> None:
        # By name, so that a view never lacks what a run has learned to hold.
        held = Held(**{each.name: getattr(run, each.name) for each in fields(Run)})
        try:
            await inner(request, held)
            while held.pictures:
                await sleep(seconds)
                run.image(*held.next())
        finally:
            # Whatever ended it: what was made is not lost.
            while held.pictures:
                run.image(*held.next())

    return handler


@dataclass(slots=True, eq=False)
class Held(Run):
    """The same view, from which pictures are not passed on yet."""

    pictures: dict[int, Picture] = field(default_factory=dict[int, Picture])

    def image(self, picture: Picture, index: int | None = None) -> None:
        """Keep a picture; without an index it is for the next that is open and has none."""
        place = self._next_free if index is None else index
        if place is not None:
            self.pictures.setdefault(place, picture)

    def failed(self, error: ErrorInfo, index: int | None = None) -> None:
        """Record a verdict at once."""
        place = self._next_free if index is None else index
        if place is not None:
            Run.failed(self, error, place)

    @property
    def _next_free(self) -> int | None:
        """The next place that is open and for which no picture is kept."""
        places = (self.indices.index(each) for each in self.open)
        return next((place for place in places if place not in self.pictures), None)

    def next(self) -> tuple[Picture, int]:
        """Take the picture that came first."""
        index = next(iter(self.pictures))
        return self.pictures.pop(index), index


def _failure(code: ErrorCode, message: str, retry_after: float | None = None) -> ImagewayError:
    return ImagewayError(
        code,
        f"{message}, or so it is rehearsed",
        hint="an operator plays this failure, and the vendor may be well; ask again later",
        origin="vendor",
        retry_after=retry_after,
        details={"rehearsed": True},
    )
