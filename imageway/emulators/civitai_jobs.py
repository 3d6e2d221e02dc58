"""The orchestrator's first API, jobs, which the older SDKs still speak."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Charge, Visit
from imageway.emulators.civitai_pages import Json, date
from imageway.emulators.civitai_people import People, User
from imageway.emulators.civitai_problems import problem, refusal
from imageway.emulators.civitai_query import all_of, is_true, parameters
from imageway.emulators.pictures import paint

COST = Decimal("1.2")
LINK_SECONDS = 3600.0


@dataclass(slots=True, eq=False)
class Job:
    """One picture, or a batch of them, on its way."""

    owner: User
    body: Json
    id: str = field(default_factory=lambda: str(uuid4()))
    polls: int = 0
    cancelled: bool = False

    @property
    def key(self) -> str:
        """The key of its picture."""
        return (self.id.replace("-", "") * 2).upper()


@dataclass(slots=True, eq=False)
class Jobs:
    """The handlers of /v1/consumer."""

    people: People
    clock: Callable[[], float]
    polls_until_done: Callable[[], int]
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])

    async def create(self, visit: Visit) -> Answer:
        """Begin a job for each picture."""
        user, body = self._user(visit), visit.heard.fields()
        if not body.get("$type") or not isinstance(body.get("params"), dict):
            return problem(400, errors={"$type": ["The $type field is required."]})
        if is_true(visit.heard, "whatif"):
            return Answer.of_json({"token": "", "jobs": []})
        quantity = body.get("quantity", 1)
        count = quantity if isinstance(quantity, int) else 1
        made = [Job(user, body) for _ in range(count)]
        self.jobs |= {job.id: job for job in made}
        answer = self._told(visit, made)
        charge = Charge("job", count, COST * count, "credits")
        return Answer(answer.pieces, answer.status, charge=charge)

    async def look(self, visit: Visit) -> Answer:
        """The jobs of a token."""
        found = self._named(visit)
        for job in found:
            job.polls += 1
        return self._told(visit, found)

    async def one(self, visit: Visit) -> Answer:
        """A job by its id, without a list around it."""
        job = self.jobs.get(visit.path["id"])
        if job is None or job.owner is not self._user(visit):
            return problem(404)
        job.polls += 1
        return Answer.of_json(self._view(visit, job))

    async def query(self, visit: Visit) -> Answer:
        """Jobs by what a client noted on them."""
        wanted = visit.heard.fields().get("properties")
        user = self._user(visit)
        found = [job for job in self.jobs.values() if job.owner is user and _has(job, wanted)]
        return Answer.of_json({"jobs": [self._view(visit, job) for job in found]})

    async def cancel(self, visit: Visit) -> Answer:
        """End a job, or all of a token."""
        ended = [self.jobs.get(visit.path["id"])] if "id" in visit.path else self._named(visit)
        for job in filter(None, ended):
            job.cancelled = True
        return Answer.of_json({})

    async def coverage(self, visit: Visit) -> Answer:
        """Which models have workers."""
        self._user(visit)
        known: Json = {"availability": "Available", "workers": 1}
        return Answer.of_json(dict.fromkeys(all_of(visit.heard, "model"), known))

    async def blob(self, visit: Visit) -> Answer:
        """A finished picture, by its signed link."""
        return Answer((paint(64, 64, "png", len(visit.path["key"])),), media_type="image/png")

    def _user(self, visit: Visit) -> User:
        user = self.people.who(visit.heard)
        if user is None:
            raise refusal(401)
        return user

    def _named(self, visit: Visit) -> list[Job]:
        self._user(visit)
        try:
            listed = json.loads(base64.b64decode(parameters(visit.heard).get("token", "")))
            ids = [str(each) for part in listed for each in part["Jobs"]]
        except (ValueError, KeyError, TypeError):
            raise refusal(400, "The token is not valid.") from None
        return [self.jobs[each] for each in ids if each in self.jobs]

    def _told(self, visit: Visit, jobs: list[Job]) -> Answer:
        token = base64.b64encode(json.dumps([{"Jobs": [job.id for job in jobs]}]).encode())
        views = [self._view(visit, job) for job in jobs]
        return Answer.of_json({"token": token.decode(), "jobs": [*views]})

    def _view(self, visit: Visit, job: Job) -> Json:
        done = job.polls > self.polls_until_done() and not job.cancelled
        result: Json = {"blobKey": job.key, "available": done}
        if done:
            result |= {
                "blobUrl": f"{visit.files}/v1/blobs/{job.key}?X-Amz-Expires=3600",
                "blobUrlExpirationDate": date(self.clock() + LINK_SECONDS, 7),
            }
        waits = not done and not job.cancelled
        return {"jobId": job.id, "cost": float(COST), "result": result, "scheduled": waits}


def _has(job: Job, wanted: JsonValue) -> bool:
    """Whether every property that is asked for stands on a job."""
    noted = job.body.get("properties")
    if not isinstance(noted, dict) or not isinstance(wanted, dict):
        return False
    return all(noted.get(name) == value for name, value in wanted.items())
