"""The last good answer to each question: in memory, and behind that on disk."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from pathlib import Path

from imageway.providers.galleries.drawer import Copy, Drawer
from imageway.providers.tables.keeping import Bounds

log = logging.getLogger("imageway")


class Shelf:
    """Answers in memory; what was longest of no use goes first."""

    def __init__(self) -> None:
        self._copies: OrderedDict[str, Copy] = OrderedDict()
        self.size = 0

    @property
    def count(self) -> int:
        """Answers that lie here."""
        return len(self._copies)

    def find(self, key: str) -> Copy | None:
        """What was kept."""
        copy = self._copies.get(key)
        if copy is not None:
            self._copies.move_to_end(key)
        return copy

    def keep(self, key: str, copy: Copy, bounds: Bounds) -> None:
        """Keep an answer instead of an older one, and forget what there is no room for."""
        if len(copy.body) > bounds.size:
            return
        self._drop(key)
        self._copies[key] = copy
        self.size += len(copy.body)
        while self.count > bounds.count or self.size > bounds.size:
            self._drop(next(iter(self._copies)))

    def _drop(self, key: str) -> None:
        copy = self._copies.pop(key, None)
        if copy is not None:
            self.size -= len(copy.body)


class LastGood:
    """Finds and keeps answers; a disk that fails is told of, and costs nobody an answer."""

    def __init__(self, name: str, folder: Path | None) -> None:
        self.shelf = Shelf()
        self.drawer = None if folder is None else Drawer(folder)
        self.problem: str | None = None
        self._name = name

    def at_hand(self, key: str) -> Copy | None:
        """What lies in memory."""
        return self.shelf.find(key)

    def look(self) -> None:
        """See what lies on disk, where there is anything; it blocks."""
        try:
            if self.drawer is not None:
                self.drawer.look()
        except OSError as error:
            self._fail(error)

    async def find(self, key: str, memory: Bounds, disk: Bounds) -> Copy | None:
        """The newest there is; another program that shares the folder may have a newer one."""
        mine, drawer = self.shelf.find(key), self.drawer
        if drawer is None:
            return mine
        try:
            found = await asyncio.to_thread(drawer.read, key, disk.size)
        except OSError as error:
            self._fail(error)
            return mine
        if found is None or (mine is not None and mine.at >= found.at):
            return mine
        self.shelf.keep(key, found, memory)
        return found

    async def keep(self, key: str, copy: Copy, memory: Bounds, disk: Bounds) -> None:
        """Keep an answer in both places, or where there is room."""
        self.shelf.keep(key, copy, memory)
        if self.drawer is None:
            return
        try:
            await asyncio.to_thread(self.drawer.write, key, copy, disk)
        except OSError as error:
            self._fail(error)
        else:
            self._recover()

    def _fail(self, error: OSError) -> None:
        """Say it once, when it begins."""
        folder = "" if self.drawer is None else self.drawer.folder
        problem = f"{folder}: {error.strerror or error}"
        if self.problem is None:
            log.warning("what %s answers is kept in memory alone: %s", self._name, problem)
        self.problem = problem

    def _recover(self) -> None:
        """Only a file that was written shows that it is over."""
        if self.problem is not None:
            log.info("what %s answers is kept on disk again", self._name)
        self.problem = None
