"""So many at once and so many waiting; the waiting take turns by caller and know their place."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.limits import LEFT, stop
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler

Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class Waiter:
    """Somebody in line; `tell` hears each change of place, counted from 1."""

    caller: str
    tell: Callable[[int], None]
    admitted: asyncio.Event = field(default_factory=asyncio.Event)
    place: int = 0


@dataclass(slots=True, eq=False)
class Bulkhead:
    """One provider's slots and its line; it lives as long as the provider, across reloads."""

    name: str
    at_once: int = 4
    queue: int = 50
    running: int = 0
    _lines: dict[str, deque[Waiter]] = field(default_factory=dict[str, deque[Waiter]])

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return sum(len(line) for line in self._lines.values())

    async def ask(
        self,
        attempt: Callable[[], Awaitable[Answer]],
        caller: str,
        tell: Callable[[int], None],
        leaving: asyncio.Event,
    ) -> Answer:
        """Attempt in a slot of one's own; raises rate_limited when the line is full."""
        await self._enter(Waiter(caller, tell), leaving)
        try:
            return await attempt()
        finally:
            self.running -= 1
            self._admit_next()

    async def _enter(self, waiter: Waiter, leaving: asyncio.Event) -> None:
        if self.running < self.at_once and not self._lines:
            self.running += 1
            return
        if self.waiting >= self.queue:
            raise ImagewayError(
                ErrorCode.RATE_LIMITED,
                f"{self.name} draws {self.running} at once and {self.waiting} are waiting",
                hint="try again in a moment, or raise concurrency.queue",
                retry_after=5,
            )
        self._lines.setdefault(waiter.caller, deque()).append(waiter)
        self._tell_places()
        try:
            await _either(waiter.admitted, leaving)
        except asyncio.CancelledError:
            self._leave(waiter)
            raise
        if not waiter.admitted.is_set():
            self._leave(waiter)
            raise ImagewayError.carrying(LEFT)

    def _leave(self, waiter: Waiter) -> None:
        """Give up a place in line, or the slot that was just given."""
        if waiter.admitted.is_set():
            self.running -= 1
            self._admit_next()
            return
        line = self._lines[waiter.caller]
        line.remove(waiter)
        if not line:
            del self._lines[waiter.caller]
        self._tell_places()

    def _admit_next(self) -> None:
        while self._lines and self.running < self.at_once:
            caller, line = next(iter(self._lines.items()))
            waiter = line.popleft()
            # The caller goes to the end of the round, so that nobody's many hold up another's one.
            del self._lines[caller]
            if line:
                self._lines[caller] = line
            self.running += 1
            waiter.admitted.set()
        self._tell_places()

    def _tell_places(self) -> None:
        for place, waiter in enumerate(self._in_order(), start=1):
            if waiter.place != place:
                waiter.place = place
                waiter.tell(place)

    def _in_order(self) -> Iterator[Waiter]:
        """The order in which they will be admitted: one of each caller, round after round."""
        longest = max((len(line) for line in self._lines.values()), default=0)
        for turn in range(longest):
            yield from (line[turn] for line in self._lines.values() if turn < len(line))


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
        await slots.ask(
            lambda: inner(request, run), run.caller or "", run.queued, run.ledger.leaving
        )

    return handler
