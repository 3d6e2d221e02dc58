"""The engine on its stage: opened once, then one performance after the other, in one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from imageway.core.errors import ErrorInfo
from imageway.qwen.door import Fault
from imageway.qwen.engine import Engine, Stopped
from imageway.qwen.failures import Rules
from imageway.qwen.job import Job
from imageway.qwen.loading import Loading, Opening
from imageway.qwen.performing import Outcome, Performance
from imageway.qwen.reporting import Reporter, Sign
from imageway.qwen.seeds import Seeds
from imageway.qwen.settings import Settings
from imageway.qwen.turn import Turn
from imageway.qwen.worker import Worker


class Stage:
    """Raises WorkerGone where the thread has ended; everything else is an outcome."""

    def __init__(
        self, settings: Settings, engine: Engine, seeds: Seeds, clock: Callable[[], float]
    ) -> None:
        self.engine = engine
        self.loading = Loading(clock)
        self._settings, self._seeds, self._clock = settings, seeds, clock
        self._worker = Worker()

    @property
    def is_alive(self) -> bool:
        """Whether its thread lives."""
        return self._worker.is_alive

    async def open(self) -> ErrorInfo | Fault | None:
        """Load and warm up."""
        return await self._worker.do(Opening(self.engine, self._settings, self.loading))

    async def perform(self, turn: Turn) -> Outcome | None:
        """Have a turn's picture made; None when it was stopped."""
        loop = asyncio.get_running_loop()
        try:
            return await self._worker.do(self._performance(turn.job, partial(_post, loop, turn)))
        except Stopped:
            return None

    def close(self) -> None:
        """Take no more work."""
        self._worker.close()

    def _performance(self, job: Job, post: Callable[[Sign], None]) -> Performance:
        settings = self._settings
        watch = Reporter(
            post,
            job.stop,
            lambda: job.story.is_watched,
            settings.preview_interval_seconds,
            self._clock,
        )
        rules = Rules(
            job.order.allow_degrade, settings.max_attempts, settings.max_total_seconds, self._clock
        )
        return Performance(
            self.engine, job.order, watch, rules, self._seeds.from_clock, settings.embed_metadata
        )


def _post(loop: asyncio.AbstractEventLoop, turn: Turn, sign: Sign) -> None:
    # A loop that has ended meanwhile has nobody to tell.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(turn.hear, sign)
