"""The Qwen service's one worker and its line, as far as the clock and looks have brought them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from imageway.emulators.qwen_codes import Problem, failed, fewer_steps
from imageway.emulators.qwen_order import Order

State = Literal["queued", "running", "done", "failed", "cancelled", "expired"]
Fate = Literal["fine", "degraded", "stuck"] | Problem

# Where trouble strikes, and where a stuck one stays.
HALFWAY = 0.5
GUESS_PER_STEP = 1.0


@dataclass(frozen=True, slots=True)
class Degraded:
    """What was changed so that a picture came at all."""

    reason: str
    requested_seed: int
    requested_steps: int


@dataclass(slots=True, eq=False)
class Job:
    """One request in the line; `order` is what it has become, if it was degraded."""

    id: str
    order: Order
    created: float
    fate: Fate = "fine"
    state: State = "queued"
    previews: int = 3
    spoils_previews: bool = False
    foreign: bool = False
    listeners: int = 0
    looks: int = 0
    step: int = 0
    began: float | None = None
    ended: float | None = None
    problem: Problem | None = None
    degraded: Degraded | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state not in {"queued", "running"}

    @property
    def seconds_drawn(self) -> float:
        """How long it was drawn, once it is over."""
        return 0.0 if self.began is None or self.ended is None else self.ended - self.began

    def end(self, state: State, now: float, problem: Problem | None = None) -> None:
        """Let nothing happen to it any more."""
        self.state, self.ended, self.problem = state, now, problem

    def degrade(self) -> None:
        """Begin anew with fewer steps and another seed."""
        asked = self.order
        self.degraded = Degraded("nan", asked.seed, asked.num_steps)
        self.order = asked.again(fewer_steps(asked.num_steps), asked.number)
        self.fate = "fine"


@dataclass(slots=True, eq=False)
class Line:
    """First come, first served; a job takes so many seconds, and so many looks at the service."""

    clock: Callable[[], float]
    seconds: Callable[[], float]
    looks: Callable[[], int]
    done: Callable[[Job], None]
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    drawn: list[str] = field(default_factory=list[str])
    free_since: float = 0.0

    @property
    def waiting(self) -> list[Job]:
        """Those that have not begun, the next one first."""
        return [job for job in self.jobs.values() if job.state == "queued"]

    @property
    def running(self) -> Job | None:
        """The one that is being drawn."""
        return next((job for job in self.jobs.values() if job.state == "running"), None)

    def position(self, job: Job) -> int:
        """Its place in the line; 1 is next."""
        return self.waiting.index(job) + 1

    def estimate(self, ahead: int | None = None) -> float:
        """Seconds until one would begin that has so many waiting ones before it."""
        waiting = self.waiting if ahead is None else self.waiting[:ahead]
        return sum(map(self.left, [*waiting, *([self.running] if self.running else [])]))

    def left(self, job: Job) -> float:
        """Seconds of work that a job still needs."""
        rest = 1 - job.step / job.order.num_steps
        return rest * (self.seconds() or GUESS_PER_STEP * job.order.num_steps)

    def look(self, *, works: bool = True) -> None:
        """Bring everything up to now; a look that works brings the running one nearer its end."""
        while True:
            self.expire()
            job = self.running or self._begin()
            if job is None:
                return
            job.looks += works
            works = False
            if not self._goes_on(job):
                continue
            return

    def cancel(self, job: Job) -> None:
        """End one that waits or runs, and no other."""
        now = self.clock()
        if job.state == "running":
            self.free_since = now
        job.end("cancelled", now, Problem.of(3901))

    def expire(self) -> None:
        """Give up those that should have begun by now."""
        now = self.clock()
        for job in self.waiting:
            if job.order.max_wait_seconds and now - job.created > job.order.max_wait_seconds:
                job.end("expired", now, Problem.of(3903))

    def _begin(self) -> Job | None:
        job = next(iter(self.waiting), None)
        if job is not None:
            job.state, job.began = "running", max(job.created, self.free_since)
            self.drawn.append(job.id)
        return job

    def _goes_on(self, job: Job) -> bool:
        """Move the running job on; returns false when it has ended."""
        fraction = self._fraction(job)
        job.step = int(fraction * job.order.num_steps)
        if job.fate == "degraded" and fraction >= HALFWAY:
            self._strike(job)
        elif isinstance(job.fate, Problem) and fraction >= HALFWAY:
            job.end("failed", self.clock(), job.fate)
        elif fraction >= 1:
            job.end("done", self._end_of(job))
            self.done(job)
        if job.ended is not None:
            self.free_since = job.ended
        return not job.is_over

    def _strike(self, job: Job) -> None:
        if job.order.allow_degrade:
            job.degrade()
        else:
            order = job.order
            job.end("failed", self.clock(), failed("nan", order.num_steps, order.cfg_scale))

    def _fraction(self, job: Job) -> float:
        seconds, looks = self.seconds(), self.looks()
        began = job.created if job.began is None else job.began
        by_clock = (self.clock() - began) / seconds if seconds else 1.0
        by_looks = job.looks / looks if looks else 1.0
        fraction = min(by_clock, by_looks, 1.0)
        return min(fraction, HALFWAY) if job.fate == "stuck" else fraction

    def _end_of(self, job: Job) -> float:
        """When it ended by the clock, which may be before anybody looked."""
        if self.looks() > 1 or job.began is None:
            return self.clock()
        return min(self.clock(), job.began + self.seconds())
