"""The requests that wait, first come first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Waiting = TypeVar("Waiting")


class Line(Generic[Waiting]):
    """First in, first out; one may leave from anywhere. Position 1 is next."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[Waiting] = deque()

    @property
    def capacity(self) -> int:
        """How many may wait."""
        return self._capacity

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(tuple(self._waiting))

    def has_room(self, count: int, *, is_busy: bool) -> bool:
        """Whether so many more may come; who finds nobody at work does not have to wait."""
        waiting = len(self._waiting) + count - (0 if is_busy else 1)
        return waiting <= self._capacity

    def join(self, one: Waiting) -> None:
        """Come last."""
        self._waiting.append(one)

    def call(self) -> Waiting | None:
        """The first, who leaves the line; None when nobody waits."""
        return self._waiting.popleft() if self._waiting else None

    def leave(self, one: Waiting) -> bool:
        """Go away from anywhere; false for who was not in it."""
        if one not in self._waiting:
            return False
        self._waiting.remove(one)
        return True

    def position(self, one: Waiting) -> int | None:
        """How many turns it takes; None for who does not wait."""
        return self._waiting.index(one) + 1 if one in self._waiting else None
