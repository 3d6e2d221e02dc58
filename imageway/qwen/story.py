"""What happened to one request, for whoever listens now and for whoever comes later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from imageway.qwen.trouble import Trouble

# What only informs, and is replaced by its successor when a reader is slow.
PASSING = frozenset({"progress", "preview"})
MOST_WAITING = 64


@dataclass(frozen=True, slots=True)
class Happening:
    """One event; a trouble is put into words for each listener."""

    number: int
    name: str
    data: bytes | Trouble


class Listener:
    """One reader; a slow one misses what only informs, and never the end."""

    def __init__(self, *, sees_previews: bool) -> None:
        self.sees_previews = sees_previews
        self._waiting: list[Happening] = []
        self._arrived = asyncio.Event()
        self._is_over = False

    def hear(self, happening: Happening, *, last: bool = False) -> None:
        """Take one; an older preview that was not read yet is not worth its bytes."""
        if happening.name == "preview" and not self.sees_previews:
            return
        if happening.name == "preview" or len(self._waiting) >= MOST_WAITING:
            self._forget_one()
        self._waiting.append(happening)
        self._is_over = self._is_over or last
        self._arrived.set()

    def _forget_one(self) -> None:
        full = len(self._waiting) >= MOST_WAITING
        passing = PASSING if full else {"preview"}
        for place, happening in enumerate(self._waiting):
            if happening.name in passing:
                del self._waiting[place]
                return

    async def read(self) -> AsyncGenerator[Happening]:
        """Everything, until the end."""
        while True:
            while self._waiting:
                yield self._waiting.pop(0)
            if self._is_over:
                return
            self._arrived.clear()
            await self._arrived.wait()


class Story:
    """The events of one request; what a late listener must know of them is kept."""

    def __init__(self) -> None:
        self._kept: dict[str, Happening] = {}
        self._listeners: set[Listener] = set()
        self._watchers = 0
        self._number = 0
        self._is_over = False

    @property
    def is_watched(self) -> bool:
        """Whether anybody looks at previews; the worker thread asks, too."""
        return self._watchers > 0

    @property
    def last_number(self) -> int:
        """The number of the newest event."""
        return self._number

    def tell(self, name: str, data: bytes | Trouble) -> None:
        """One thing more; after the end it is dropped."""
        if self._is_over:
            return
        if name in {"started", "degraded"}:
            self._kept = {each: kept for each, kept in self._kept.items() if each == "started"}
        self._kept[name] = self._pass_on(name, data, last=False)

    def end(self, name: str, data: bytes | Trouble) -> None:
        """The last thing; it alone is left for late listeners."""
        if not self._is_over:
            self._is_over = True
            self._kept = {name: self._pass_on(name, data, last=True)}

    def _pass_on(self, name: str, data: bytes | Trouble, *, last: bool) -> Happening:
        self._number += 1
        happening = Happening(self._number, name, data)
        for listener in self._listeners:
            listener.hear(happening, last=last)
        return happening

    @contextmanager
    def listen(self, *, sees_previews: bool = True) -> Generator[AsyncIterator[Happening]]:
        """First the present state, then everything as it happens."""
        listener = Listener(sees_previews=sees_previews)
        for happening in sorted(self._kept.values(), key=lambda each: each.number):
            listener.hear(happening, last=self._is_over)
        self._listeners.add(listener)
        self._watchers += sees_previews
        try:
            yield listener.read()
        finally:
            self._listeners.discard(listener)
            self._watchers -= sees_previews
