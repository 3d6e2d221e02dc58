"""How the newest jobs stand or stood, in short; the oldest that have ended are forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway.core.result import ImageResult
from imageway.providers.jobs import Job

MOST = 1000


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that is over, and whose it was."""

    caller: str
    told: dict[str, JsonValue]


@dataclass(slots=True)
class Recent:
    """Jobs that have ended, by their ids."""

    _ended: dict[str, Ended] = field(default_factory=dict[str, Ended])

    def add(self, job: Job, result: ImageResult) -> None:
        """Keep how a job ended."""
        self._ended[job.id] = Ended(job.caller, ending(job, result))
        if len(self._ended) > MOST:
            del self._ended[next(iter(self._ended))]

    def find(self, job_id: str, caller: str) -> dict[str, JsonValue] | None:
        """How a caller's own job ended; another's is as unknown as none."""
        ended = self._ended.get(job_id)
        return ended.told if ended is not None and ended.caller == caller else None


def standing(job: Job) -> dict[str, JsonValue]:
    """How a job stands that is under way."""
    ledger = job.ledger
    status = "cancelling" if ledger.cancelled_because is not None else "running"
    return _about(job, status, len(ledger.pictures), len(ledger.told))


def ending(job: Job, result: ImageResult) -> dict[str, JsonValue]:
    """How a job ended."""
    told = _about(job, result.status, len(result.images), len(result.failures))
    if result.error is not None:
        told["error"] = {"code": str(result.error.code), "message": result.error.message}
    return told


def _about(job: Job, status: str, pictures: int, failures: int) -> dict[str, JsonValue]:
    return {
        "id": job.id,
        "object": "imageway.job",
        "status": status,
        "model": job.request.model,
        "count": job.request.count,
        "pictures": pictures,
        "failures": failures,
    }
