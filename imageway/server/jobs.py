"""Jobs over HTTP: how one stands, and its end on the owner's word."""

from __future__ import annotations

from aiohttp import web
from pydantic import JsonValue

from imageway.providers.jobs import Job
from imageway.server.auth import caller_of
from imageway.server.recent import ending, standing
from imageway.server.state import gateway_of
from imageway.serving.answers import json_answer
from imageway.serving.problems import Problem, Refused

# On every answer that a job was begun for.
JOB = "X-Imageway-Job"
UNKNOWN = Problem(
    404, "job_not_found", "there is no such job", hint="ask with the key that began it", param="id"
)


async def get_job(request: web.Request) -> web.Response:
    """How a job stands, in short; its pictures go to whoever reads it."""
    job = _found(request)
    if job is not None and not job.is_finished:
        return json_answer(standing(job))
    return json_answer(await _ended(request, job))


async def cancel_job(request: web.Request) -> web.Response:
    """End a job, whatever it may have cost; one that has ended stays as it is."""
    job = _found(request)
    if job is None or job.is_finished:
        return json_answer(await _ended(request, job))
    job.cancel()
    return json_answer(standing(job))


def _found(request: web.Request) -> Job | None:
    jobs = gateway_of(request).way.jobs
    return jobs.find(request.match_info["id"], caller_of(request).name)


async def _ended(request: web.Request, job: Job | None) -> dict[str, JsonValue]:
    if job is not None:
        return ending(job, await job.outcome())
    recent = gateway_of(request).recent
    told = recent.find(request.match_info["id"], caller_of(request).name)
    if told is None:
        raise Refused(UNKNOWN)
    return told
