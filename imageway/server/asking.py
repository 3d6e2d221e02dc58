"""How a request came: the caller's key for it, whether it comes again, and its job."""

from __future__ import annotations

import re

from aiohttp import web

from imageway.core.errors import ImagewayError
from imageway.core.request import ImageRequest
from imageway.providers.jobs import Job
from imageway.providers.journal.repeats import KEY, Asking
from imageway.server.chaos import JOB
from imageway.server.record import record
from imageway.server.state import gateway_of
from imageway.serving.problems import Problem, Refused, problem_of

REPLAYED = "Idempotent-Replayed"
JOINED = web.RequestKey("joined", bool)
# Visible ASCII; clients send UUIDs or digests.
FORM = re.compile(r"[!-~]{1,255}")
MISFORMED = Problem(
    400,
    "invalid_value",
    f"{KEY} must be 1 to 255 visible characters without spaces",
    hint="send a fresh UUID with each request",
    param=KEY,
)


async def begin(request: web.Request, wish: ImageRequest, caller: str) -> Job:
    """Begin a job for a caller, or give them the one that the same question began before."""
    gateway = gateway_of(request)
    # Once more, for a body may take its time to come.
    gateway.refuse_new_work()
    try:
        job, joined = await gateway.way.begin(wish, caller, asking=_asking(request))
    except ImagewayError as error:
        if error.info.details.get("other"):
            raise Refused(_unprocessable(error)) from error
        raise
    request[JOB] = job
    if joined:
        request[JOINED] = True
    else:
        gateway.own(record(gateway, job, request.path))
    return job


async def mark_replay(request: web.Request, response: web.StreamResponse) -> None:
    """Say of an answer that it is an earlier request's."""
    if request.get(JOINED, False):
        response.headers[REPLAYED] = "true"


def _asking(request: web.Request) -> Asking:
    key = request.headers.get(KEY)
    if key is not None and not FORM.fullmatch(key):
        raise Refused(MISFORMED)
    # OpenAI's SDK counts its own repeats there.
    count = request.headers.get("x-stainless-retry-count", "0")
    return Asking(key, is_repeat=count.isdecimal() and int(count[:4]) > 0)


def _unprocessable(error: ImagewayError) -> Problem:
    problem = problem_of(error.info, ())
    return Problem(422, problem.code, problem.message, hint=problem.hint, param=KEY)
