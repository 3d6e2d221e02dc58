"""The vendor House in small: three ways of asking, and everything that may go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.base import Emulator, Route
from imageway.emulators.faults import Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from tests.testing.house.making import Order, charge_for, event, made, problem, read_order, streamed

NAMES = ("house-xl", "house-s")
SAYING_BY_FAULT: Mapping[Fault, tuple[int, str, str]] = {
    Fault.RATE_LIMITED: (429, "slow_down", "Too many orders."),
    Fault.UNAVAILABLE: (503, "closed", "The house is closed for now."),
    Fault.BAD_KEY: (401, "bad_key", "This key opens nothing."),
    Fault.REFUSED: (400, "not_here", "We do not paint such things."),
    Fault.REGION: (451, "region", "Not in your country."),
    Fault.FORBIDDEN: (403, "guest", "Guests may not use this model."),
    Fault.QUOTA: (402, "no_money", "Your purse is empty."),
    Fault.NOT_FOUND: (404, "no_model", "There is no such model."),
    Fault.SERVER_ERROR: (500, "oh", "Something broke."),
}
IN_A_JOB = frozenset({Fault.REFUSED, Fault.SERVER_ERROR})


@dataclass(slots=True)
class Job:
    """An order under way."""

    order: Order
    scripted: Scripted | None
    polls: int = 0
    cancelled: bool = False


class HouseEmulator(Emulator):
    """Answers in one piece."""

    name = "house"
    usual_model = "house-xl"
    base_path = "/v1"
    can_say: ClassVar[frozenset[Fault]] = frozenset(
        set(Fault)
        - {Fault.CUT_STREAM, Fault.OUT_OF_ORDER, Fault.NO_PREVIEWS, Fault.NEVER_ENDS}
        - {Fault.CHATTER}
    )
    extras: ClassVar[Mapping[str, JsonValue]] = {"mood": "gloomy"}
    tells_cost: ClassVar[bool] = True

    def routes(self) -> Iterable[Route]:
        """What is asked and what is looked at."""
        yield Route("POST", "/v1/pictures", self._make, Spot.WORK)
        yield from self.looks()

    def looks(self) -> Iterable[Route]:
        """What is free."""
        yield Route("GET", "/v1/models", self._list)
        yield Route("GET", "/v1/models/{name}", self._look)
        yield Route("GET", "/v1/health", self._health)
        yield Route("POST", "/v1/quotes", self._quote)
        yield Route("GET", "/v1/gallery", self._gallery)

    async def _make(self, visit: Visit) -> Answer:
        order = read_order(visit.heard, NAMES)
        pictures = await asyncio.to_thread(made, order, visit.scripted)
        charge = charge_for(order, len(pictures))
        if order.stream:
            return streamed(order, pictures, visit.scripted, charge, self.seconds_per_picture)
        body: dict[str, JsonValue] = {
            "pictures": [{"data": each} for each in pictures],
            "cost": float(charge.amount),
            "worse": "drawn in haste" if is_degraded(visit.scripted) else None,
        }
        return Answer.of_json(body, charge=charge, seconds=self.seconds_per_picture)

    async def _list(self, visit: Visit) -> Answer:
        return Answer.of_json({"models": [{"name": name, "title": name.title()} for name in NAMES]})

    async def _look(self, visit: Visit) -> Answer:
        allowed = visit.path["name"] == self.usual_model
        return Answer.of_json({"allowed": allowed, "why": "" if allowed else "Members only."})

    async def _health(self, visit: Visit) -> Answer:
        return Answer.of_json({"well": True})

    async def _quote(self, visit: Visit) -> Answer:
        order = read_order(visit.heard, NAMES)
        return Answer.of_json({"amount": float(charge_for(order, order.count).amount)})

    async def _gallery(self, visit: Visit) -> Answer:
        return Answer.of_json({"items": [{"title": "A fox"}], "next": None})

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """A status, and an error with a code and a message."""
        status, code, message = SAYING_BY_FAULT[scripted.fault]
        error = problem(scripted.status or status, code, scripted.message or message)
        if heard.spot is Spot.POLL and scripted.fault in IN_A_JOB:
            return Answer.of_json({"state": "failed", "share": 0.5, **error.members})
        return error.answer

    def as_event(self, answer: Answer) -> bytes:
        """The event that a stream ends with when it fails."""
        return event("error", b"".join(answer.pieces).decode())

    def problem(self, status: int, heard: Heard) -> Answer:
        """What HTTP itself found wrong."""
        return problem(status, "http", f"This is a {status}.").answer


class StreamingHouseEmulator(HouseEmulator):
    """Shows its pictures as they come."""

    can_say: ClassVar[frozenset[Fault]] = frozenset(set(Fault) - {Fault.NEVER_ENDS, Fault.DEGRADED})


class PollingHouseEmulator(HouseEmulator):
    """Takes jobs, and gives away links to what it made."""

    can_say: ClassVar[frozenset[Fault]] = frozenset(
        {*HouseEmulator.can_say - {Fault.DEGRADED}, Fault.NEVER_ENDS}
    )
    spots: ClassVar[Mapping[Fault, Spot]] = {
        Fault.REFUSED: Spot.POLL,
        Fault.NEVER_ENDS: Spot.POLL,
        Fault.NOT_A_PICTURE: Spot.DOWNLOAD,
    }

    def routes(self) -> Iterable[Route]:
        """Jobs, files and what is looked at."""
        self._jobs: dict[str, Job] = {}
        yield Route("POST", "/v1/jobs", self._submit, Spot.WORK)
        yield Route("GET", "/v1/jobs/{id}", self._poll, Spot.POLL)
        yield Route("DELETE", "/v1/jobs/{id}", self._cancel, Spot.CANCEL)
        yield Route("GET", "/files/{id}/{number}", self._file, Spot.DOWNLOAD, is_open=True)
        yield from self.looks()

    async def _submit(self, visit: Visit) -> Answer:
        order = read_order(visit.heard, NAMES)
        known = [job for job in self._jobs.values() if job.order.external == order.external]
        if known:
            raise problem(409, "again", "This external id is taken.")
        name = f"job-{len(self._jobs) + 1}"
        self._jobs[name] = Job(order, visit.scripted)
        return Answer.of_json({"id": name}, charge=charge_for(order, order.count))

    async def _poll(self, visit: Visit) -> Answer:
        job = self._job(visit)
        job.polls += 1
        is_endless = visit.scripted is not None and visit.scripted.fault is Fault.NEVER_ENDS
        share = job.polls / (self.polls_until_done + 1)
        if is_endless or share < 1:
            return Answer.of_json({"state": "working", "share": min(share, 0.9)})
        count = len(made(job.order, job.scripted))
        links: list[JsonValue] = [
            {"url": f"{visit.files}/files/{visit.path['id']}/{number}"} for number in range(count)
        ]
        cost = float(charge_for(job.order, job.order.count).amount)
        return Answer.of_json({"state": "done", "share": 1.0, "pictures": links, "cost": cost})

    async def _cancel(self, visit: Visit) -> Answer:
        self._job(visit).cancelled = True
        return Answer.of_json({})

    async def _file(self, visit: Visit) -> Answer:
        job = self._job(visit)
        scripted = replace_fault(job.scripted, visit.scripted)
        pictures = made(job.order, scripted, encoded=False)
        number = int(visit.path["number"])
        return Answer((pictures[number],), media_type=f"image/{job.order.format}")

    def _job(self, visit: Visit) -> Job:
        if visit.path["id"] not in self._jobs:
            raise problem(404, "no_job", "There is no such job.")
        return self._jobs[visit.path["id"]]


class ListeningHouseEmulator(PollingHouseEmulator):
    """Tells by events how its jobs go on."""

    can_say: ClassVar[frozenset[Fault]] = frozenset(
        {*PollingHouseEmulator.can_say, Fault.CUT_STREAM, Fault.CHATTER}
    )
    spots: ClassVar[Mapping[Fault, Spot]] = {
        **PollingHouseEmulator.spots,
        Fault.CUT_STREAM: Spot.POLL,
        Fault.CHATTER: Spot.POLL,
    }

    def routes(self) -> Iterable[Route]:
        """The same, and the events of a job."""
        yield from super().routes()
        yield Route("GET", "/v1/jobs/{id}/events", self._tell, Spot.POLL)

    async def _tell(self, visit: Visit) -> Answer:
        told = [await self._poll(visit) for _ in range(self.polls_until_done + 1)]
        return Answer.of_events(event("state", b"".join(answer.pieces).decode()) for answer in told)


def is_degraded(scripted: Scripted | None) -> bool:
    """Whether a picture is to be worse than it was asked for."""
    return scripted is not None and scripted.fault is Fault.DEGRADED


def replace_fault(of_job: Scripted | None, of_file: Scripted | None) -> Scripted | None:
    """A file is spoilt by its own fault, else by its job's."""
    return of_file or of_job
