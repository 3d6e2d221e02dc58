"""The same question again, from a client that never got its answer: the same job."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.request import ImageRequest
from imageway.providers.cache import fingerprint
from imageway.providers.jobs import Asked, Job, Jobs
from imageway.providers.journal.journal import Journal

MOST = 10_000
KEY = "Idempotency-Key"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Asking:
    """How a request came: the caller's key for it, and whether their client sends it again."""

    key: str | None = None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a key or a body led to."""

    fingerprint: str
    job: str


class Repeats:
    """What was asked by whom, so that the same question finds its job again."""

    def __init__(self, jobs: Jobs, journal: Journal | None) -> None:
        self._jobs, self._journal = jobs, journal
        self._keys: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self._bodies: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def print_of(self, request: ImageRequest, caller: str) -> str:
        """What tells two requests of a caller apart; pictures are read off the loop."""
        if request.references:
            return await asyncio.to_thread(fingerprint, request, caller)
        return fingerprint(request, caller)

    async def earlier(self, digest: str, caller: str, asking: Asking, *, joins: bool) -> Job | None:
        """The job that this question began before; raises conflict for a key that meant another.

        Without a key, `joins` says whether an answer that was never delivered is given again.
        """
        if asking.key is not None:
            return await self._by_key(digest, caller, asking.key)
        return await self._by_body(digest, caller, asking) if joins else None

    def begun(self, job: Job) -> None:
        """Remember what a job was begun for."""
        ledger = job.ledger
        if ledger.fingerprint is None:
            return
        _put(self._bodies, (job.caller, ledger.fingerprint), job.id)
        if ledger.key is not None:
            _put(self._keys, (job.caller, ledger.key), Known(ledger.fingerprint, job.id))

    async def _by_key(self, digest: str, caller: str, key: str) -> Job | None:
        earlier = await self._before_a_restart(caller, key)
        # Nothing is waited for between here and the beginning of a new job but the end of an old.
        known = self._keys.get((caller, key)) or earlier
        if known is None:
            return None
        if known.fingerprint != digest:
            raise _another_request(key)
        job = self._jobs.find(known.job, caller)
        if job is not None:
            return await self._settled(job, digest, caller, key)
        if earlier is not None:
            raise _gone(key)
        return None

    async def _settled(self, job: Job, digest: str, caller: str, key: str) -> Job | None:
        """The job, once it is certain that it is worth joining."""
        if not job.ledger.leaving.is_set() or job.is_finished:
            return job if _is_worth_joining(job) else None
        # Its caller had gone, so that whatever was not sent ends; soon it is known what was.
        await job.ended()
        return await self._by_key(digest, caller, key) if job.charged == "no" else job

    async def _before_a_restart(self, caller: str, key: str) -> Known | None:
        """What was paid under the key, by this process or one before it."""
        if self._journal is None:
            return None
        for line in await self._journal.paid_under(caller, key):
            return Known(line.fingerprint or "", line.job)
        return None

    async def _by_body(self, digest: str, caller: str, asking: Asking) -> Job | None:
        """A job that nobody reads any more, or whose client says itself that it asks again."""
        name = self._bodies.get((caller, digest))
        job = None if name is None else self._jobs.find(name, caller)
        if job is None or job.is_delivered or (job.is_read and not asking.is_repeat):
            return None
        if job.ledger.cancelled_because is not None:
            # Whoever ended it on purpose and asks again wants another.
            return None
        if job.ledger.leaving.is_set() and not job.is_finished:
            await job.ended()
            return await self._by_body(digest, caller, asking)
        return job if _is_worth_joining(job) else None


def _another_request(key: str) -> ImagewayError:
    return ImagewayError(
        ErrorCode.CONFLICT,
        f"the idempotency key {key[:100]!r} was used for another request",
        hint="a key belongs to one request; take a fresh one",
        details={"param": KEY, "other": True},
    )


def _gone(key: str) -> ImagewayError:
    """Nothing is sent for a key whose answer is not kept any more, for it was perhaps paid."""
    return ImagewayError(
        ErrorCode.CONFLICT,
        f"the idempotency key {key[:100]!r} belongs to a request that may have been charged, and "
        "its answer is not kept any more",
        hint="take a fresh key to have it drawn, and perhaps charged, anew",
        charged="maybe",
        details={"param": KEY},
    )


def asked(digest: str, asking: Asking) -> Asked:
    """What a new job is told of this."""
    return Asked(key=asking.key, fingerprint=digest)


def _is_worth_joining(job: Job) -> bool:
    """What failed and cost nothing is asked anew; everything else stays as it is."""
    return not job.is_finished or job.charged != "no"


def _put(kept: OrderedDict[tuple[str, str], Value], key: tuple[str, str], value: Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST:
        kept.popitem(last=False)
