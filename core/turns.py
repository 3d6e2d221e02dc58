"""Whose turn it is: whoever had the fewest, and of those who waits longest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Turns:
    """How many turns each has had; whoever was away catches up for as many as there are slots.

    Nobody's many thus keep another's few waiting, and nobody saves up turns for later.
    """

    _had: dict[str, int] = field(default_factory=dict[str, int])
    _last: dict[str, int] = field(default_factory=dict[str, int])
    _level: int = 0
    _number: int = 0

    def take(self, caller: str, slots: int) -> None:
        """Give somebody a turn."""
        had = self._counted(caller, slots)
        self._level = max(self._level, had)
        self._number += 1
        self._had[caller], self._last[caller] = had + 1, self._number

    def next(self, callers: Iterable[str], slots: int) -> str:
        """Whose turn it is among these."""
        return min(callers, key=lambda one: (self._counted(one, slots), self._last.get(one, 0)))

    def order(self, waiting: Mapping[str, int], slots: int) -> Iterator[str]:
        """The turns to come, if so many of each are waiting and nobody joins them."""
        left = dict(waiting)
        turns = Turns(dict(self._had), dict(self._last), self._level, self._number)
        while left:
            caller = turns.next(left, slots)
            turns.take(caller, slots)
            left[caller] -= 1
            if not left[caller]:
                del left[caller]
            yield caller

    def _counted(self, caller: str, slots: int) -> int:
        return max(self._had.get(caller, 0), self._level - slots)
