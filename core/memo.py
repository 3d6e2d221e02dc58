"""A small memory with time limits; the only one an adapter has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Remembered:
    """One asking, under way or answered, and when it is forgotten."""

    asking: asyncio.Task[Any]  # each key has an answer type of its own
    until: float


class Memo:
    """Asks once for many waiters, forgets by time and by number, and keeps no failures."""

    def __init__(self, clock: Callable[[], float] = monotonic, most: int = 1000) -> None:
        self._clock, self._most = clock, most
        self._kept: dict[Hashable, Remembered] = {}
        self._under_way: set[asyncio.Task[Any]] = set()

    def now(self) -> float:
        """The time by which it forgets, in seconds since no moment in particular."""
        return self._clock()

    async def remember(
        self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Answer from memory, or ask; a waiter that is cancelled does not disturb the others.

        One key must always be asked for the same type of answer.
        """
        kept = self._kept.get(key)
        if kept is None or (kept.asking.done() and self._clock() >= kept.until):
            kept = self._begin(key, seconds, ask)
        answer: Answer = await asyncio.shield(kept.asking)
        return answer

    def forget(self, key: Hashable) -> None:
        """Drop one answer, so that the next asking is real."""
        self._kept.pop(key, None)

    def _begin(
        self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[object]]
    ) -> Remembered:
        async def asking() -> object:
            return await ask()

        task = asyncio.create_task(asking(), name=f"asking for {key}")
        kept = Remembered(task, self._clock() + seconds)
        self._under_way.add(task)
        task.add_done_callback(lambda done: self._keep_no_failure(key, done))
        self._kept.pop(key, None)
        self._kept[key] = kept
        while len(self._kept) > self._most:
            self._kept.pop(next(iter(self._kept)))
        return kept

    def _keep_no_failure(self, key: Hashable, done: asyncio.Task[Any]) -> None:
        self._under_way.discard(done)
        if done.cancelled() or done.exception() is not None:
            kept = self._kept.get(key)
            if kept is not None and kept.asking is done:
                del self._kept[key]

    async def close(self) -> None:
        """Cancel what is still being asked."""
        tasks = tuple(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._kept.clear()
