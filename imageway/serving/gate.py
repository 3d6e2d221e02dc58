"""How many connections may be open, and which one goes when one too many comes."""

from __future__ import annotations

from typing import Protocol


class Door(Protocol):
    """A connection as the gate sees it."""

    def drop(self) -> None:
        """Close at once."""
        ...


class Gate:
    """Counts connections; a full gate closes the one that has been silent longest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: set[Door] = set()
        self._silent: dict[Door, None] = {}

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def admit(self, door: Door) -> bool:
        """Let one in; false when all the others are at work."""
        if len(self._open) >= self._most and self._silent:
            oldest = next(iter(self._silent))
            self.leave(oldest)
            oldest.drop()
        if len(self._open) >= self._most:
            return False
        self._open.add(door)
        self.rest(door)
        return True

    def rest(self, door: Door) -> None:
        """From now on this one owes us a request."""
        if door in self._open:
            self._silent[door] = None

    def work(self, door: Door) -> None:
        """This one has sent a whole header and is being answered."""
        self._silent.pop(door, None)

    def leave(self, door: Door) -> None:
        """This one is gone; saying so twice does no harm."""
        self._open.discard(door)
        self._silent.pop(door, None)
