"""The requests that can be asked about: by id, by idempotency key, until they are forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from imageway.qwen.codes import Code
from imageway.qwen.job import Job, State
from imageway.qwen.trouble import Refusal, Trouble

# Ids of forgotten requests are remembered so that 410 can be told from 404.
MOST_FORGOTTEN = 10_000
MOST_FINAL = 10_000
# Who asks again with the same key after one of these wants another try.
WORTH_ANOTHER_TRY = frozenset({State.CANCELLED, State.EXPIRED})
EXPIRED_ID = Trouble(Code.UNKNOWN_ID, http_status=410)


@dataclass(frozen=True, slots=True)
class Keyed:
    """The request that an idempotency key belongs to, and what it asked for."""

    job: Job
    fingerprint: bytes


class Archive:
    """Final requests are kept for a time and up to a weight; the oldest go first."""

    def __init__(self, seconds: float, most_bytes: int, clock: Callable[[], float]) -> None:
        self._seconds, self._most, self._clock = seconds, most_bytes, clock
        self._jobs: dict[str, Job] = {}
        self._final: dict[str, Job] = {}
        self._keyed: dict[str, Keyed] = {}
        self._key_by_id: dict[str, str] = {}
        self._weight = 0
        self._forgotten: dict[str, None] = {}

    def fresh_id(self) -> str:
        """An id that none of the known requests has."""
        while (name := f"req_{secrets.token_hex(4)}") in self._jobs or name in self._forgotten:
            pass
        return name

    def add(self, job: Job, key: str | None = None, fingerprint: bytes = b"") -> None:
        """Know a request from now on."""
        self._jobs[job.id] = job
        if key is not None:
            self._keyed[key] = Keyed(job, fingerprint)
            self._key_by_id[job.id] = key

    def find(self, job_id: str) -> Job:
        """The request of an id; raises 3902 as 404 for a strange one, as 410 for a forgotten."""
        self.forget_old()
        job = self._jobs.get(job_id)
        if job is None:
            is_known = job_id in self._forgotten
            raise Refusal(EXPIRED_ID if is_known else Trouble(Code.UNKNOWN_ID))
        return job

    def of_key(self, key: str, fingerprint: bytes) -> Job | None:
        """The request to join; raises 1906 where the key was used for something else."""
        self.forget_old()
        keyed = self._keyed.get(key)
        if keyed is None or _is_worth_another_try(keyed.job):
            return None
        if keyed.fingerprint != fingerprint:
            raise Refusal(Trouble(Code.KEY_REUSED, param="Idempotency-Key"))
        return keyed.job

    def retire(self, job: Job) -> None:
        """Count a request that has ended; they are forgotten in the order of their ends."""
        self._final[job.id] = job
        self._weight += job.weight
        self.forget_old()

    def forget_old(self) -> None:
        """Drop what is too old, too heavy or too much."""
        horizon = self._clock() - self._seconds
        while self._final:
            job = next(iter(self._final.values()))
            is_young = (job.finished or 0.0) > horizon
            if is_young and self._weight <= self._most and len(self._final) <= MOST_FINAL:
                return
            self._forget(job)

    def _forget(self, job: Job) -> None:
        del self._jobs[job.id], self._final[job.id]
        self._weight -= job.weight
        key = self._key_by_id.pop(job.id, None)
        if key is not None and self._keyed[key].job is job:
            del self._keyed[key]
        self._forgotten[job.id] = None
        if len(self._forgotten) > MOST_FORGOTTEN:
            del self._forgotten[next(iter(self._forgotten))]


def _is_worth_another_try(job: Job) -> bool:
    """Also one that is about to be cancelled: its client has hung up and come back."""
    return (
        job.state in WORTH_ANOTHER_TRY
        or job.code is Code.STOPPING
        or (job.stop.is_set() and not job.is_final)
    )
