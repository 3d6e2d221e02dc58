"""The local Qwen-Image service, from its contract: the published part and all that was added."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qsl
from zlib import crc32

from pydantic import JsonValue
from yarl import URL

from imageway.emulators import qwen_openai
from imageway.emulators.answer import Answer, Refusal, Visit
from imageway.emulators.base import Route
from imageway.emulators.faults import SPOILT, Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from imageway.emulators.qwen_answers import (
    accepted,
    headers_of,
    in_json,
    info_of,
    picture,
    prometheus_of,
    queue_of,
    state_of,
)
from imageway.emulators.qwen_codes import VARIANTS_BY_FAULT, Problem, problem_of
from imageway.emulators.qwen_events import HEADERS, Listener
from imageway.emulators.qwen_line import Job
from imageway.emulators.qwen_order import Generation, Wrong
from imageway.emulators.qwen_published import (
    FATE_BY_FAULT,
    SECONDS_TO_LOAD,
    PublishedQwenEmulator,
)

TEXT = ("text/plain", "application/openmetrics-text")
Handler = Callable[[Visit], Awaitable[Answer]]


class QwenEmulator(PublishedQwenEmulator):
    """A witness of the whole contract; `standing` and `ill` are its state of mind and health."""

    name = "qwen"
    generation: ClassVar[Generation] = "extended"
    can_say: ClassVar[frozenset[Fault]] = frozenset(
        {*VARIANTS_BY_FAULT, *SPOILT, *FATE_BY_FAULT, Fault.HTML, Fault.REDIRECT, Fault.CUT_STREAM}
        | {Fault.NO_PREVIEWS, Fault.NO_IMAGE, Fault.NOT_A_PICTURE}
    )
    extras: ClassVar[Mapping[str, JsonValue]] = {"max_wait_seconds": 60}
    tells_cost: ClassVar[bool] = True
    spots: ClassVar[Mapping[Fault, Spot]] = {
        Fault.NOT_FOUND: Spot.POLL,
        Fault.CUT_STREAM: Spot.POLL,
        Fault.NO_IMAGE: Spot.DOWNLOAD,
        Fault.NOT_A_PICTURE: Spot.DOWNLOAD,
    }

    def stop(self) -> None:
        """Take nothing new and end what waits; what runs may finish."""
        self.standing = "stopping"
        for job in self.line.waiting:
            job.end("failed", self.clock(), Problem.of(3904))

    def routes(self) -> Iterable[Route]:
        """The published routes, then the added ones."""
        guarded = [*super().routes(), *self._added(), *self._alias()]
        return [replace(route, handler=self._guarded(route.handler)) for route in guarded]

    def _added(self) -> Iterable[Route]:
        yield Route("GET", "/api/ready", self._ready)
        yield Route("GET", "/api/info", self._info)
        yield Route("GET", "/api/requests/{id}", self._state, Spot.POLL)
        yield Route("GET", "/api/requests/{id}/events", self._events, Spot.POLL)
        yield Route("GET", "/api/requests/{id}/image", self._image, Spot.DOWNLOAD)
        yield Route("DELETE", "/api/requests/{id}", self._cancel, Spot.CANCEL)
        yield Route("GET", "/metrics", self._prometheus)

    def _alias(self) -> Iterable[Route]:
        yield Route("POST", "/v1/images/generations", self._openai, Spot.WORK)
        yield Route("POST", "/v1/images/edits", self._no_edits)
        yield Route("GET", "/v1/models", self._models)

    def _guarded(self, handler: Handler) -> Handler:
        """Let in nobody who comes from a strange page or asks for a strange host."""

        async def guarded(visit: Visit) -> Answer:
            host = URL(visit.origin).host or ""
            origin = visit.heard.header("Origin")
            is_own = origin in {None, visit.origin, *self.facts.allowed_origins}
            if host not in self.facts.allowed_hosts or not is_own:
                raise self._refused(Problem.of(1902), visit.heard)
            return await handler(visit)

        return guarded

    def _refused(self, problem: Problem, heard: Heard) -> Exception:
        return problem.refusal(heard, self.id_of(heard))

    async def _generate(self, visit: Visit) -> Answer:
        heard = visit.heard
        order = self._read(heard)
        key = heard.header("Idempotency-Key")
        job = self._joined(key) or self._admit(heard, order, visit.scripted)
        if key is not None:
            self.joined[key] = job
        if order.in_background:
            job.listeners += 1
            return accepted(job, self.line)
        await self._finish_while_somebody_waits(job)
        if job.problem is not None:
            raise job.problem.refusal(heard, job.id)
        if "application/json" in (heard.header("Accept") or ""):
            return in_json(job)
        return picture(job, visit.scripted, headers_of(job, self.facts.model))

    def _joined(self, key: str | None) -> Job | None:
        """The request that was made under the same key before, unless it is forgotten."""
        job = None if key is None else self.joined.get(key)
        return None if job is None or self._is_forgotten(job) else job

    async def _finish_while_somebody_waits(self, job: Job) -> None:
        job.listeners += 1
        try:
            await self._finish(job)
        except asyncio.CancelledError:
            job.listeners -= 1
            if not job.listeners:
                self.line.cancel(job)
            raise

    async def _queue(self, visit: Visit) -> Answer:
        self.line.look(works=False)
        told = queue_of(self.line, self.standing)
        told["capacity"] = self.facts.queue_depth
        told["avg_generate_seconds"] = self.seconds_per_picture
        name = dict(parse_qsl(visit.heard.query)).get("request_id")
        if name is not None:
            told["request"] = state_of(self._known(name, visit.heard), self.line, visit.heard)
        return Answer.of_json(told)

    async def _ready(self, visit: Visit) -> Answer:
        if self.standing == "ready":
            return Answer.of_json({"status": "ready"})
        wait = {"Retry-After": str(SECONDS_TO_LOAD)}
        told: dict[str, JsonValue] = {"status": self.standing, "retry_after": SECONDS_TO_LOAD}
        return Answer.of_json(told, 503, wait)

    async def _info(self, visit: Visit) -> Answer:
        return Answer.of_json(info_of(self.facts))

    async def _metrics(self, visit: Visit) -> Answer:
        accepts = visit.heard.header("Accept") or ""
        if any(kind in accepts for kind in TEXT) or "format=prometheus" in visit.heard.query:
            return prometheus_of(self._figures())
        return await super()._metrics(visit)

    async def _prometheus(self, visit: Visit) -> Answer:
        return prometheus_of(self._figures())

    async def _state(self, visit: Visit) -> Answer:
        job = self._known(visit.path["id"], visit.heard)
        self.line.look()
        return Answer.of_json(state_of(job, self.line, visit.heard))

    async def _events(self, visit: Visit) -> Answer:
        line, listener = self.line, self._listener(visit)

        async def live() -> AsyncGenerator[bytes]:
            while self.line is line:
                for piece in listener.news():
                    yield piece
                if listener.job.is_over:
                    return
                await self.sleep(self._pause)
                line.look()

        return Answer.of_live(live).with_headers(HEADERS)

    def _listener(self, visit: Visit) -> Listener:
        return Listener(self._known(visit.path["id"], visit.heard), self.line, visit.heard)

    async def _image(self, visit: Visit) -> Answer:
        job = self._known(visit.path["id"], visit.heard)
        self.line.look(works=False)
        if job.problem is not None:
            raise job.problem.refusal(visit.heard, job.id)
        if job.state != "done":
            raise self._refused(Problem.of(3902), visit.heard)
        return picture(job, visit.scripted, headers_of(job, self.facts.model))

    async def _cancel(self, visit: Visit) -> Answer:
        job = self._known(visit.path["id"], visit.heard)
        if job.is_over:
            return Answer.of_json({"code": 0, "status": job.state})
        self.line.cancel(job)
        return Answer.of_json({"code": 0, "status": "cancelling"}, 202)

    def _known(self, name: str, heard: Heard) -> Job:
        self.line.expire()
        job = self.line.jobs.get(name)
        if job is None:
            raise self._refused(Problem.of(3902), heard)
        if self._is_forgotten(job):
            raise self._refused(replace(Problem.of(3902), status=410), heard)
        return job

    def _is_forgotten(self, job: Job) -> bool:
        return job.ended is not None and self.clock() - job.ended > self.facts.result_ttl_seconds

    async def _openai(self, visit: Visit) -> Answer:
        heard, chance = visit.heard, self.id_of(visit.heard)
        try:
            wish = qwen_openai.read(heard, self.facts, crc32(chance.encode()))
        except Wrong as wrong:
            raise self._refused(wrong.problem, heard) from None
        jobs = [
            self._admit(heard, order, visit.scripted, place)
            for place, order in enumerate(wish.orders)
        ]
        for job in jobs:
            await self._finish_while_somebody_waits(job)
            if job.problem is not None:
                raise job.problem.refusal(heard, job.id)
        return wish.answer(jobs, visit.origin, int(self.clock()))

    async def _no_edits(self, visit: Visit) -> Answer:
        return Answer.of_json(qwen_openai.NO_EDITS, 404)

    async def _models(self, visit: Visit) -> Answer:
        return Answer.of_json(qwen_openai.models(self.facts.model, int(self.began)))

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """A code in its body; what fails while it is drawn fails behind its own acceptance."""
        told = super().say(scripted, heard)
        if scripted.fault is not Fault.SERVER_ERROR or heard.path != "/api/generate":
            return told
        try:
            order = self._read(heard)
            if not order.in_background:
                return told
            job = self._admit(heard, order, None)
        except Refusal as refusal:
            return refusal.answer
        job.fate, job.listeners = problem_of(scripted), 1
        return accepted(job, self.line)

    def as_event(self, answer: Answer) -> bytes:
        """The error that a stream of events ends with."""
        return b"event: error\n" + super().as_event(answer)

    def headers(self, heard: Heard) -> Mapping[str, str]:
        """Every answer has an id."""
        return {"X-Request-Id": self.id_of(heard)}

    def problem(self, status: int, heard: Heard) -> Answer:
        """Bodies that are too large or broken have a code; paths that are not there have none."""
        if status == 404:
            return Answer((b"404: Not Found",), 404, "text/plain; charset=utf-8")
        return replace(Problem.of(1900), status=status).answer(heard, self.id_of(heard))
