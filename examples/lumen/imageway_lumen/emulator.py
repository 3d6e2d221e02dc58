"""Lumen in small: a witness of its own, written from Lumen's documents and not from the adapter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from imageway.emulators.answer import Answer, Charge, Refusal, Visit
from imageway.emulators.base import Emulator, Route
from imageway.emulators.faults import SPOILT, Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from imageway.emulators.pictures import paint

MODELS = ("lumen-3", "lumen-3-fast")
PRICE = Decimal(3)
SAYING_BY_FAULT: Mapping[Fault, tuple[int, str, str]] = {
    Fault.RATE_LIMITED: (429, "too-fast", "Wait a moment."),
    Fault.UNAVAILABLE: (503, "resting", "Lumen is resting."),
    Fault.BAD_KEY: (401, "key", "Lumen does not know this key."),
    Fault.REFUSED: (422, "policy", "Lumen does not render this."),
    Fault.REGION: (451, "country", "Lumen is not in your country."),
    Fault.FORBIDDEN: (403, "plan", "Your plan does not have this model."),
    Fault.QUOTA: (402, "credits", "You have no credits left."),
    Fault.NOT_FOUND: (404, "model", "Lumen has no such model."),
    Fault.SERVER_ERROR: (500, "broken", "A lamp went out."),
}


class Order(BaseModel):
    """What Lumen's documents allow, and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str
    text: str = Field(min_length=1)
    label: str
    width: int = Field(default=512, ge=256, le=1024, multiple_of=64)
    height: int = Field(default=512, ge=256, le=1024, multiple_of=64)
    seed: int | None = None
    format: Literal["png", "webp"] = "png"
    references: list[str] = Field(default=[], max_length=2)
    glow: float | None = Field(default=None, ge=0, le=1)


@dataclass(slots=True)
class Job:
    """One render under way."""

    order: Order
    scripted: Scripted | None
    polls: int = 0


class LumenEmulator(Emulator):
    """Takes renders, charges for them at once, and forgets them when it ends."""

    name = "lumen"
    usual_model = "lumen-3"
    base_path = "/v2"
    can_say: ClassVar[frozenset[Fault]] = frozenset(
        {
            *SAYING_BY_FAULT,
            *(SPOILT - {Fault.CHATTER}),
            Fault.HTML,
            Fault.REDIRECT,
            Fault.NEVER_ENDS,
            Fault.NO_IMAGE,
            Fault.NOT_A_PICTURE,
        }
    )
    # Lumen looks at what it shall render only when its turn has come.
    spots: ClassVar[Mapping[Fault, Spot]] = {
        Fault.REFUSED: Spot.POLL,
        Fault.NEVER_ENDS: Spot.POLL,
        Fault.NOT_A_PICTURE: Spot.DOWNLOAD,
    }
    extras: ClassVar[Mapping[str, JsonValue]] = {"glow": 0.5}
    tells_cost: ClassVar[bool] = True

    def routes(self) -> Iterable[Route]:
        """Renders, their files, and the models."""
        self._jobs: dict[str, Job] = {}
        yield Route("POST", "/v2/renders", self._submit, Spot.WORK)
        yield Route("GET", "/v2/renders/{id}", self._look, Spot.POLL)
        yield Route("DELETE", "/v2/renders/{id}", self._stop, Spot.CANCEL)
        yield Route("GET", "/files/{id}", self._file, Spot.DOWNLOAD, is_open=True)
        yield Route("GET", "/v2/models", self._list)

    def key_of(self, heard: Heard) -> str | None:
        """Lumen has a header of its own."""
        return heard.header("X-Lumen-Key")

    async def _submit(self, visit: Visit) -> Answer:
        order = _read(visit.heard)
        if order.model not in MODELS:
            raise Refusal(self.say(Scripted(fault=Fault.NOT_FOUND), visit.heard))
        if any(job.order.label == order.label for job in self._jobs.values()):
            raise Refusal(_problem(409, "order", "This label is taken."))
        name = f"r-{len(self._jobs) + 1}"
        self._jobs[name] = Job(order, visit.scripted)
        charge = Charge(order.model, 1, PRICE, "credits")
        return Answer.of_json({"render": name}, 201, charge=charge)

    async def _look(self, visit: Visit) -> Answer:
        job = self._job(visit)
        job.polls += 1
        is_endless = visit.scripted is not None and visit.scripted.fault is Fault.NEVER_ENDS
        if is_endless or job.polls <= self.polls_until_done:
            percent = 10 if is_endless else 100 * job.polls // (self.polls_until_done + 1)
            return Answer.of_json({"phase": "rendering", "percent": percent})
        empty = job.scripted is not None and job.scripted.fault is Fault.NO_IMAGE
        files: list[JsonValue] = [] if empty else [f"{visit.files}/files/{visit.path['id']}"]
        done: JsonValue = {"phase": "ready", "percent": 100, "files": files, "credits": 3}
        return Answer.of_json(done)

    async def _stop(self, visit: Visit) -> Answer:
        self._job(visit)
        return Answer.of_json({"phase": "stopped"})

    async def _file(self, visit: Visit) -> Answer:
        order = self._job(visit).order
        if visit.scripted is not None and visit.scripted.fault is Fault.NOT_A_PICTURE:
            return Answer.of_html(200)
        number = crc32(order.text.encode()) if order.seed is None else order.seed
        data = paint(order.width, order.height, order.format, number)
        return Answer((data,), media_type=f"image/{order.format}")

    async def _list(self, visit: Visit) -> Answer:
        return Answer.of_json({"models": [*MODELS]})

    def _job(self, visit: Visit) -> Job:
        if visit.path["id"] not in self._jobs:
            raise Refusal(_problem(404, "order", "Lumen knows no such render."))
        return self._jobs[visit.path["id"]]

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """A kind and a text; a render that is looked at has failed with them."""
        status, kind, text = SAYING_BY_FAULT[scripted.fault]
        text = scripted.message or text
        if heard.spot is Spot.POLL and scripted.fault is Fault.REFUSED:
            return Answer.of_json({"phase": "failed", "problem": {"kind": kind, "text": text}})
        return _problem(scripted.status or status, kind, text)

    def problem(self, status: int, heard: Heard) -> Answer:
        """What HTTP itself found wrong."""
        return _problem(status, "order", f"This is no order of Lumen's ({status}).")


def _problem(status: int, kind: str, text: str) -> Answer:
    return Answer.of_json({"kind": kind, "text": text}, status)


def _read(heard: Heard) -> Order:
    try:
        return Order.model_validate(heard.body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Refusal(_problem(422, "order", f"{place}: {first['msg']}")) from error
