"""One job at the engine, as the event loop sees it: how far it is, and how long it will take."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable

from imageway.qwen.estimate import Estimate
from imageway.qwen.job import Job
from imageway.qwen.metrics import Metrics
from imageway.qwen.reporting import Lessened, Previewed, Repaired, Sign, Stepped

log = logging.getLogger("imageway.qwen")


class Turn:
    """Hears the signs of the worker thread, learns from them, and passes them on."""

    def __init__(
        self, job: Job, estimate: Estimate, metrics: Metrics, clock: Callable[[], float]
    ) -> None:
        self.job = job
        self.last_sign = clock()
        self._estimate, self._metrics, self._clock = estimate, metrics, clock

    def hear(self, sign: Sign) -> None:
        """Take one sign; those of a job that is being stopped come too late."""
        if self.job.stop.is_set() or self.job.is_final:
            return
        match sign:
            case Stepped(number, at):
                self._step(number, at)
            case Previewed():
                self._preview(sign)
            case Repaired(kind):
                log.warning("%s: repaired by %s", self.job.id, kind)
                self._metrics.count_repair(kind)
            case Lessened(task, reason):
                log.warning("%s: degraded because of %s", self.job.id, reason)
                self.last_sign = self._clock()
                self.job.lessen(task, reason)

    def _step(self, number: int, at: float) -> None:
        seconds = at - self.last_sign
        self.last_sign = at
        if number == 0:
            return
        self._estimate.learn_step(self.job.order, seconds)
        self._metrics.step_seconds.observe(seconds)
        self.job.advance(number, self._seconds_after(number))

    def _preview(self, sign: Previewed) -> None:
        self.job.tell(
            "preview",
            step=sign.number,
            mime="image/jpeg",
            width=sign.width,
            height=sign.height,
            data=b64encode(sign.data).decode(),
        )

    def seconds_left(self) -> float:
        """How long it will take from now on."""
        since = self._clock() - self.last_sign
        return max(0.0, self._seconds_after(self.job.step) - since)

    def _seconds_after(self, step: int) -> float:
        return self._estimate.seconds_for(self.job.order, max(0, self.job.total_steps - step))
