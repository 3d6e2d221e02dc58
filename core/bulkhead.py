"""So many at once and so many waiting; the waiting take turns by caller and know their place."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.limits import LEFT, stop
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler
from imageway.core.turns import Turns

Answer = TypeVar("Answer")
Tell = Callable[[int, float | None], None]

# How much the latest attempt weighs in what an attempt usually takes.
LATEST = 0.3


@dataclass(slots=True, eq=False)
class Waiter:
    """Somebody in line; `tell` hears each change of place, from 1, and the seconds it may take.

    The owner is what the parts of one request have in common.
    """

    caller: str
    owner: object
    tell: Tell
    leaving: asyncio.Event
    admitted: asyncio.Event = field(default_factory=asyncio.Event)
    place: int = 0


@dataclass(slots=True, eq=False)
class Bulkhead:
    """One provider's slots and its line; it lives as long as the provider, across reloads."""

    name: str
    at_once: int = 4
    queue: int = 50
    clock: Callable[[], float] = monotonic
    usual_seconds: float | None = None
    _running: Counter[object] = field(default_factory=Counter[object])
    _lines: dict[str, deque[Waiter]] = field(default_factory=dict[str, deque[Waiter]])
    _turns: Turns = field(default_factory=Turns)

    @property
    def running(self) -> int:
        """How many attempts are under way."""
        return self._running.total()

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return sum(len(line) for line in self._lines.values())

    def adjust(self, at_once: int, queue: int) -> None:
        """Change the bounds: more slots let the next in at once, fewer take nobody's away."""
        self.at_once, self.queue = at_once, queue
        self._admit_next()

    async def ask(self, attempt: Callable[[], Awaitable[Answer]], waiter: Waiter) -> Answer:
        """Attempt in a slot of one's own; raises rate_limited when the line is full."""
        await self._enter(waiter)
        began = self.clock()
        try:
            answer = await attempt()
            self._learn(self.clock() - began)
            return answer
        finally:
            self._free(waiter)

    def _learn(self, seconds: float) -> None:
        """Remember how long an attempt usually takes; one that failed says nothing of that."""
        usual = seconds if self.usual_seconds is None else self.usual_seconds
        self.usual_seconds = usual + LATEST * (seconds - usual)

    async def _enter(self, waiter: Waiter) -> None:
        if self.running < self.at_once and not self._lines:
            self._begin(waiter)
            return
        self._refuse_if_full(waiter)
        self._lines.setdefault(waiter.caller, deque()).append(waiter)
        self._tell_places()
        try:
            await _either(waiter.admitted, waiter.leaving)
        except asyncio.CancelledError:
            self._leave(waiter)
            raise
        if not waiter.admitted.is_set():
            self._leave(waiter)
            raise ImagewayError.carrying(LEFT)

    def _refuse_if_full(self, waiter: Waiter) -> None:
        """The line is counted in requests: one that has been let in brings all of its parts.

        A full line still takes whoever has less than a fair share of it, so that nobody's many
        keep another's one out; nobody in line loses a place for that.
        """
        waiting = {each.owner: each.caller for line in self._lines.values() for each in line}
        if waiter.owner in waiting or waiter.owner in self._running:
            return
        outside = [who for owner, who in waiting.items() if owner not in self._running]
        share = min(self.queue, max(1, self.queue // len({*outside, waiter.caller})))
        if len(outside) < self.queue or outside.count(waiter.caller) < share:
            return
        raise ImagewayError(
            ErrorCode.RATE_LIMITED,
            f"{self.name} draws {self.running} at once and {len(waiting)} requests are waiting",
            hint="try again in a moment, or raise concurrency.queue",
            retry_after=max(1.0, round(self._seconds(1) or 5.0)),
        )

    def _free(self, waiter: Waiter) -> None:
        self._running[waiter.owner] -= 1
        if not self._running[waiter.owner]:
            del self._running[waiter.owner]
        self._admit_next()

    def _leave(self, waiter: Waiter) -> None:
        """Give up a place in line, or the slot that was just given."""
        if waiter.admitted.is_set():
            self._free(waiter)
            return
        line = self._lines[waiter.caller]
        line.remove(waiter)
        if not line:
            del self._lines[waiter.caller]
        self._tell_places()

    def _admit_next(self) -> None:
        while self._lines and self.running < self.at_once:
            line = self._lines[self._turns.next(self._lines, self.at_once)]
            waiter = line.popleft()
            if not line:
                del self._lines[waiter.caller]
            self._begin(waiter)
            waiter.admitted.set()
        self._tell_places()

    def _begin(self, waiter: Waiter) -> None:
        self._running[waiter.owner] += 1
        self._turns.take(waiter.caller, self.at_once)

    def _tell_places(self) -> None:
        for place, waiter in enumerate(self._in_order(), start=1):
            if waiter.place != place:
                waiter.place = place
                waiter.tell(place, self._seconds(place))

    def _seconds(self, place: int) -> float | None:
        """About how long this place waits, once it is known how long an attempt takes."""
        return None if self.usual_seconds is None else self.usual_seconds * place / self.at_once

    def _in_order(self) -> Iterator[Waiter]:
        """The order in which they will be admitted."""
        lines = {caller: iter(line) for caller, line in self._lines.items()}
        if len(lines) == 1:
            yield from next(iter(self._lines.values()))
            return
        waiting = {caller: len(line) for caller, line in self._lines.items()}
        for caller in self._turns.order(waiting, self.at_once):
            yield next(lines[caller])


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    waits = (asyncio.create_task(first.wait()), asyncio.create_task(second.wait()))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            await stop(wait)


def bulkhead(inner: Handler, slots: Bulkhead) -> Handler:
    """Wait for a slot, saying the position, then ask."""

    async def handler(request: ImageRequest, run: Run) -> None:
        waiter = Waiter(run.caller or "", run.ledger, run.queued, run.ledger.leaving)
        await slots.ask(lambda: inner(request, run), waiter)

    return handler
