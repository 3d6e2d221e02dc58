"""The Qwen service as first published: one call that waits for its picture, and three looks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, Literal
from uuid import uuid4
from zlib import crc32

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.base import Emulator, Route
from imageway.emulators.faults import SPOILT, Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from imageway.emulators.qwen_answers import Facts, Figures, charge, metrics_of, picture, queue_of
from imageway.emulators.qwen_codes import VARIANTS_BY_FAULT, Problem, is_code, problem_of
from imageway.emulators.qwen_line import Fate, Job, Line
from imageway.emulators.qwen_order import Generation, Order, Wrong, body_of, read_order
from imageway.emulators.sending import Sleep

Standing = Literal["loading", "ready", "stopping", "error"]

FATE_BY_FAULT: Mapping[Fault, Fate] = {Fault.DEGRADED: "degraded", Fault.NEVER_ENDS: "stuck"}
LOOKS_A_PICTURE = 50
SHORTEST_PAUSE = 0.001
SECONDS_TO_LOAD = 20


class PublishedQwenEmulator(Emulator):
    """A witness of the article alone: no events, no cancelling, no word on itself."""

    name = "qwen-published"
    usual_model = "qwen-image-2512"
    generation: ClassVar[Generation] = "published"
    can_say: ClassVar[frozenset[Fault]] = frozenset(
        {*SPOILT, Fault.HTML, Fault.REDIRECT, Fault.NO_IMAGE}
        | {Fault.RATE_LIMITED, Fault.UNAVAILABLE, Fault.SERVER_ERROR, Fault.NOT_A_PICTURE}
    )
    max_body = 64 << 10
    facts = Facts()

    def __init__(
        self,
        *,
        key: str | None = None,
        seconds_per_picture: float = 0.0,
        polls_until_done: int = 1,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(
            key=key,
            seconds_per_picture=seconds_per_picture,
            polls_until_done=polls_until_done,
            clock=clock,
            sleep=sleep,
        )
        self.standing: Standing = "ready"
        self.ill: str | None = None
        self.restart()

    def restart(self) -> None:
        """Forget every request, as a process does that begins anew."""
        self.line = Line(
            clock=self.clock,
            seconds=lambda: self.seconds_per_picture,
            looks=lambda: self.polls_until_done,
            done=self._bill,
        )
        self.joined: dict[str, Job] = {}
        self.began = self.clock()
        self._salt = uuid4().hex

    def reset(self) -> None:
        """Forget what was heard, counted and scripted, and begin anew."""
        super().reset()
        self.standing, self.ill = "ready", None
        self.restart()

    @property
    def drawn(self) -> tuple[str, ...]:
        """The requests that were begun, in order, without those of strangers."""
        return tuple(name for name in self.line.drawn if not self.line.jobs[name].foreign)

    def crowd(self, count: int) -> None:
        """Let strangers stand in the line."""
        for _ in range(count):
            name = f"req_{uuid4().hex[:8]}"
            stranger = Order("a stranger's", 64, 64, 0)
            self.line.jobs[name] = Job(name, stranger, self.clock(), foreign=True)
        self.line.look(works=False)

    def routes(self) -> Iterable[Route]:
        """The whole of the article."""
        yield Route("POST", "/api/generate", self._generate, Spot.WORK)
        yield Route("GET", "/api/queue/status", self._queue)
        yield Route("GET", "/api/health", self._health)
        yield Route("GET", "/api/metrics", self._metrics)
        yield Route("GET", "/", self._page)

    async def _generate(self, visit: Visit) -> Answer:
        job = self._admit(visit.heard, self._read(visit.heard), visit.scripted)
        await self._finish(job)
        if job.problem is not None:
            raise job.problem.refusal(visit.heard, job.id)
        return picture(job, visit.scripted, {})

    async def _queue(self, visit: Visit) -> Answer:
        self.line.look(works=False)
        return Answer.of_json(queue_of(self.line, self.standing))

    async def _health(self, visit: Visit) -> Answer:
        if self.ill is not None:
            return Answer.of_json({"status": "error", "reason": self.ill}, 503)
        return Answer.of_json({"status": "ok"})

    async def _metrics(self, visit: Visit) -> Answer:
        return Answer.of_json(dict(self._figures()))

    def _figures(self) -> Figures:
        uptime = self.clock() - self.began
        return metrics_of(self.line, uptime, loaded=self.standing == "ready")

    async def _page(self, visit: Visit) -> Answer:
        page = "<!doctype html><title>Qwen-Image</title><p>This is an emulator."
        return Answer((page.encode(),), 200, "text/html; charset=utf-8")

    def _read(self, heard: Heard) -> Order:
        chance = crc32(self.id_of(heard).encode())
        try:
            return read_order(body_of(heard), self.facts.sizes, self.generation, chance)
        except Wrong as wrong:
            raise wrong.problem.refusal(heard, self.id_of(heard)) from None

    def _admit(self, heard: Heard, order: Order, scripted: Scripted | None, place: int = 0) -> Job:
        """Put an order into the line, or refuse it while nothing can be queued."""
        self.line.look(works=False)
        problem = self._objection()
        if problem is not None:
            raise problem.refusal(heard, self.id_of(heard))
        job = Job(self.id_of(heard, place), order, self.clock(), previews=self.facts.previews)
        if scripted is not None:
            job.fate = FATE_BY_FAULT.get(scripted.fault, "fine")
            job.previews = scripted.keep if scripted.fault is Fault.NO_PREVIEWS else job.previews
            job.spoils_previews = scripted.fault is Fault.NOT_A_PICTURE
        self.line.jobs[job.id] = job
        return job

    def _bill(self, job: Job) -> None:
        if not job.foreign:
            self.charges.append(charge(job))

    def _objection(self) -> Problem | None:
        match self.standing:
            case "loading":
                return Problem.of(3001).later(SECONDS_TO_LOAD)
            case "stopping":
                return Problem.of(3904)
            case _:
                waiting = self.line.waiting
                full = self.line.running and len(waiting) >= self.facts.queue_depth
                wait = max(1, round(self.line.estimate(0)))
                return Problem.of(3002).later(wait) if full else None

    async def _finish(self, job: Job) -> None:
        """Look at a job until it is over."""
        while not job.is_over:
            await self.sleep(self._pause)
            self.line.look()

    @property
    def _pause(self) -> float:
        return max(SHORTEST_PAUSE, self.seconds_per_picture / LOOKS_A_PICTURE)

    def id_of(self, heard: Heard, place: int = 0) -> str:
        """The request id that is told with the answer to a request."""
        return f"req_{crc32(f'{self._salt}{heard.number}.{place}'.encode()):08x}"

    def add(self, scripted: Scripted) -> None:
        """Take any code for a variant, also one that no contract has."""
        if is_code(scripted.variant) and scripted.fault in self.can_say:
            spot = scripted.spot or self.spots.get(scripted.fault, Spot.WORK)
            self.playlist.add(scripted.model_copy(update={"spot": spot}))
            return
        if scripted.variant not in {None, *self.variants(scripted.fault)}:
            raise ValueError(
                f"no variant {scripted.variant!r}; a variant is a code of four digits, "
                "or for a server_error nan, oom, device or internal"
            )
        super().add(scripted)

    def variants(self, fault: Fault) -> tuple[str | None, ...]:
        """The codes and reasons that a fault has in the contract, the usual one first."""
        return VARIANTS_BY_FAULT.get(fault, (None,))

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """A code in its body; what is no number of seconds stands in the header alone."""
        answer = problem_of(scripted).answer(heard, self.id_of(heard))
        if scripted.retry_after is None:
            return answer
        return answer.with_headers({"Retry-After": scripted.retry_after})

    def problem(self, status: int, heard: Heard) -> Answer:
        """Paths that are not there, bodies that are too large."""
        if status == 404:
            return Answer.of_json({"detail": "Not Found"}, 404)
        return Answer.of_json({"detail": "Bad Request"}, status)
