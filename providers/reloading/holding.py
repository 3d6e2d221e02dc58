"""Which snapshot is gone by: the newest, or an earlier one by whoever began with it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from imageway.providers.registry import Provider
from imageway.providers.snapshot import Snapshot

log = logging.getLogger("imageway.reload")


class InForce:
    """The newest snapshot, and earlier ones that live as long as somebody holds them."""

    def __init__(self, first: Snapshot) -> None:
        self.newest = first
        self.generation = 1
        self._holders = Counter({first: 1})
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def snapshot(self) -> Snapshot:
        """The one that this task holds, else the newest."""
        held = HELD.get()
        mine = None if held is None or held.by is not self else held.snapshot
        return mine or self.newest

    @contextmanager
    def holding(self) -> Generator[Snapshot]:
        """Go by one snapshot while the block lasts, whatever is saved meanwhile."""
        snapshot = self.snapshot
        self.hold(snapshot)
        held = Held(self, snapshot)
        token = HELD.set(held)
        try:
            yield snapshot
        finally:
            HELD.reset(token)
            held.snapshot = None
            self.release(snapshot)

    def hold(self, snapshot: Snapshot) -> None:
        """Keep everything of it open until it is released as often as it was held."""
        self._holders[snapshot] += 1

    def release(self, snapshot: Snapshot) -> None:
        """Hold it no more; what nobody else needs is closed."""
        self._holders[snapshot] -= 1
        if not self._holders[snapshot]:
            del self._holders[snapshot]
            self._close_what_only(snapshot)

    def take(self, snapshot: Snapshot) -> None:
        """Go by this one from now on; whoever holds the one before ends with that."""
        before = self.newest
        snapshot.take_over(before)
        self.newest = snapshot
        self.generation += 1
        self.hold(snapshot)
        self.release(before)

    def _close_what_only(self, gone: Snapshot) -> None:
        """Close each adapter that no living snapshot has; the others go on as they are."""
        living = {id(each.adapter) for held in self._holders for each in held.providers.values()}
        for provider in gone.providers.values():
            if provider.adapter is not None and id(provider.adapter) not in living:
                task = asyncio.create_task(provider.close(), name=f"closing {provider.name}")
                self._closing.add(task)
                task.add_done_callback(self._closed)

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=error)

    async def close(self) -> None:
        """Close every provider of every snapshot, held or not."""
        everybody: set[Provider] = set()
        for snapshot in self._holders:
            everybody.update(snapshot.providers.values())
        await asyncio.gather(*(provider.close() for provider in everybody))
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self.newest.accounts.spending.close()


@dataclass(slots=True, eq=False)
class Held:
    """What a task goes by; tasks that it began and that outlive it go by the newest again."""

    by: InForce
    snapshot: Snapshot | None


HELD: ContextVar[Held | None] = ContextVar("held", default=None)
