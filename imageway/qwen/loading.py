"""From nothing to a warm model, and how long that will still take."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from imageway.core.errors import ErrorInfo
from imageway.qwen import door
from imageway.qwen.door import Fault
from imageway.qwen.engine import Engine, Sketch, Task
from imageway.qwen.failures import Rules, make
from imageway.qwen.seeds import USUAL_SEED
from imageway.qwen.settings import Settings
from imageway.qwen.trouble import Reason

# What is said as long as nothing is known.
USUAL_SECONDS = 20.0
WARM_UP_STEPS = 2
RULES = Rules(allow_degrade=False)

log = logging.getLogger("imageway.qwen")


@dataclass(slots=True)
class Loading:
    """How far it is; written by the worker thread, one number at a time."""

    clock: Callable[[], float]
    began: float = field(init=False)
    fraction: float = 0.0

    def __post_init__(self) -> None:
        self.began = self.clock()

    def report(self, fraction: float) -> None:
        """So much of it is done."""
        self.fraction = min(max(fraction, 0.0), 1.0)

    @property
    def seconds_left(self) -> float:
        """The rest at the present pace."""
        taken = self.clock() - self.began
        if not self.fraction > 0:
            return max(1.0, USUAL_SECONDS - taken)
        return max(1.0, taken * (1 - self.fraction) / self.fraction)


@dataclass(frozen=True, slots=True)
class Opening:
    """Everything that happens in the worker thread before the first request."""

    engine: Engine
    settings: Settings
    loading: Loading

    def __call__(self) -> ErrorInfo | Fault | None:
        """Load, then warm up; what went wrong so badly that nothing can be served, else None."""
        log.info("Loading model from %s", self.settings.model or self.engine.describe().name)
        error = door.load(self.engine, self.loading.report)
        if error is not None:
            return error
        taken = self.loading.clock() - self.loading.began
        log.info("Model loaded successfully in %.2f seconds", taken)
        return self._warm_up()

    def _warm_up(self) -> Fault | None:
        for ratio in self.settings.warmup_ratios:
            width, height = self.settings.sizes[ratio]
            guidance = self.settings.limits.usual_guidance
            task = Task("warm-up", " ", width, height, WARM_UP_STEPS, guidance, USUAL_SEED)
            found = make(
                self.engine, task, Nobody(), Rules(allow_degrade=False), lambda: USUAL_SEED
            )
            if isinstance(found, Fault):
                log.error("warming up %s failed (%s)\n%s", ratio, found.reason, found.trace)
                if found.reason == "device":
                    return found
        return None


class Nobody:
    """Looks on while the engine is warmed up."""

    def check(self) -> None:
        """Nobody stops it."""

    def step(self, number: int, sketch: Sketch | None) -> None:
        """Nobody counts."""

    def repaired(self, kind: str) -> None:
        """It stays repaired."""
        log.warning("repaired by %s while warming up", kind)

    def degraded(self, task: Task, reason: Reason) -> None:
        """It is not allowed."""
