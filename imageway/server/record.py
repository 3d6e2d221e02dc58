"""One log line and a few numbers for every run, also for those whose caller has left."""

from __future__ import annotations

import logging
from time import monotonic

import orjson

from imageway.core.result import ImageResult
from imageway.providers.jobs import Job
from imageway.server.state import Gateway

log = logging.getLogger("imageway.access")


async def record(gateway: Gateway, job: Job, route: str) -> None:
    """Wait for a job's end and write it down; prompts and keys never."""
    began = monotonic()
    await job.ended()
    result = await job.outcome()
    seconds = monotonic() - began
    gateway.metrics.observe(result, seconds)
    gateway.recent.add(job, result)
    log.info("%s", _line(job, result, route, seconds))


def _line(job: Job, result: ImageResult, route: str, seconds: float) -> str:
    """JSON, so that no model name can forge a second line."""
    return orjson.dumps(
        {
            "run": job.id,
            "route": route,
            "caller": job.caller,
            "model": job.request.model[:100],
            "code": result.status if result.error is None else str(result.error.code),
            "ms": round(seconds * 1000),
            "pictures": len(result.images),
            "failures": len(result.failures),
            "notes": sorted({note.kind for note in result.notes}),
        }
    ).decode()
