"""An event loop whose clock can be moved on, so that no time-out is ever waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import ContextVar
from time import monotonic, sleep, time
from typing import Any, TypeVar
from weakref import WeakSet

Outcome = TypeVar("Outcome")

# What an adapter is asked runs with a number of its own, and so does every task it starts.
asking: ContextVar[int] = ContextVar("asking", default=0)
STEP = 60.0
# A tick of real time, in which what lies on the wire can arrive.
TICK = 0.001
A_WHILE = 0.03


class Clockwork(asyncio.SelectorEventLoop):
    """Time passes as everywhere, and faster when asked to; tasks are known by who started them."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._askings = 0
        self._begun: dict[int, WeakSet[asyncio.Task[Any]]] = {}  # tasks end in anything
        super().__init__()

    def time(self) -> float:
        """Seconds by this loop's clock."""
        return super().time() + self._ahead

    def date(self) -> float:
        """The time of day, moved on as far as this loop's clock."""
        return time() + self._ahead

    def travel(self, seconds: float) -> None:
        """Move the clock on."""
        self._ahead += seconds

    def next_asking(self) -> int:
        """A number for one asking."""
        self._askings += 1
        return self._askings

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:  # as typeshed has it
        """Remember the task with the asking that it belongs to."""
        task = super().create_task(coro, **options)
        if number := asking.get():
            self._begun.setdefault(number, WeakSet()).add(task)
        return task

    def left_behind(self, number: int) -> list[asyncio.Task[Any]]:
        """The tasks of one asking that have not ended."""
        return [task for task in self._begun.get(number, ()) if not task.done()]


class Bell:
    """Rings whenever anything happens; those who wait look whether it was what they wait for."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake those who wait."""
        self._rung.set()

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is true."""
        while not happened():
            self._rung.clear()
            await self._rung.wait()


class Sleeper:
    """Stands in for asyncio.sleep: moves the clock on instead, or holds whoever sleeps."""

    def __init__(self, clock: Clockwork, bell: Bell) -> None:
        self.naps: list[float] = []
        self.held = 0
        self._clock = clock
        self._bell = bell
        self._awake = asyncio.Event()
        self._holds: Callable[[], object] = bool

    def hold(self, when: Callable[[], object] = lambda: True) -> None:
        """Let nobody wake who falls asleep while something is true."""
        self._awake.clear()
        self._holds = when

    def wake(self) -> None:
        """Let everybody go on."""
        self._holds = bool
        self._awake.set()

    async def __call__(self, seconds: float) -> None:
        """Sleep in no time."""
        self.naps.append(seconds)
        if self._holds():
            await self._wait_to_be_woken()
        self._bell.ring()
        self._clock.travel(max(0.0, seconds))
        await asyncio.sleep(0)

    async def _wait_to_be_woken(self) -> None:
        self.held += 1
        self._bell.ring()
        try:
            await self._awake.wait()
        finally:
            self.held -= 1


async def hurry(clock: Clockwork, task: asyncio.Task[Any]) -> None:
    """Move the clock on until a task ends."""
    while not task.done():
        clock.travel(STEP)
        await asyncio.wait((task,), timeout=TICK)


async def a_while() -> None:
    """Wait for real: whatever was set going has gone on by then."""
    await asyncio.to_thread(sleep, A_WHILE)


async def within(seconds: float, work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Await something for so long by the clock on the wall, however the loop's clock is moved."""
    task = asyncio.ensure_future(work)
    end = monotonic() + seconds
    try:
        while not task.done():
            if monotonic() > end:
                raise TimeoutError
            await asyncio.wait((task,), timeout=0.5)
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
