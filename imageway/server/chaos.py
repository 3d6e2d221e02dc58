"""A rehearsal that nobody can overlook: in the log each minute, on each answer that it touched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from aiohttp import web

from imageway.core.limits import stop
from imageway.providers.jobs import Job
from imageway.providers.rehearsing import KIND, Rehearsals
from imageway.providers.snapshot import Snapshot
from imageway.server.state import GATEWAY

HEADER = "x-imageway-chaos"
EVERY_SECONDS = 60.0
# The job that an answer is about, for whoever marks answers.
JOB = web.RequestKey("job", Job)


async def mark(request: web.Request, response: web.StreamResponse) -> None:
    """Name those who only rehearsed, on an answer that this has touched so far."""
    job = request.get(JOB)
    if job is not None and (touched := _touched_by(job)):
        response.headers[HEADER] = ", ".join(touched)


def _touched_by(job: Job) -> list[str]:
    """The providers that a job's notes say rehearsed; a note begins with its provider's name."""
    told = {note.detail.partition(" ")[0] for note in job.ledger.notes if note.kind == KIND}
    return sorted(told)


def rehearsals(snapshot: Snapshot) -> Rehearsals:
    """What each provider rehearses now."""
    orders = {name: each.state.rehearsal.order for name, each in snapshot.providers.items()}
    told = {name: str(order) for name, order in orders.items() if order is not None}
    return Rehearsals(providers=told)


async def keep_telling(
    look: Callable[[], Snapshot], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Tell in the log of what is rehearsed, now and once a minute, for ever."""
    while True:
        for provider in look().providers.values():
            provider.state.rehearsal.tell()
        await sleep(EVERY_SECONDS)


async def told(app: web.Application) -> AsyncGenerator[None]:
    """Keep telling while the gateway serves."""
    way = app[GATEWAY].way
    telling = asyncio.create_task(keep_telling(lambda: way.snapshot), name="telling of chaos")
    yield
    await stop(telling)
