"""POST /api/generate: one picture, waited for or not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from math import ceil

from aiohttp import web

from imageway.qwen.api.fields import (
    MOST_BYTES,
    Asked,
    named_in_a_header,
    parse_fields,
    read_asked,
)
from imageway.qwen.api.pictures import json_picture, picture_answer, prefers_json
from imageway.qwen.api.state import ADMITTED, service_of
from imageway.qwen.codes import Code
from imageway.qwen.job import Job, image_path
from imageway.qwen.service import Service
from imageway.qwen.standing import seconds_left
from imageway.qwen.trouble import Refusal, Trouble
from imageway.serving.answers import json_answer
from imageway.serving.body import read_body
from imageway.serving.wall import ID

LONGEST_KEY = 200
KEY = "Idempotency-Key"


async def generate(request: web.Request) -> web.StreamResponse:
    """Answer with the picture, or at once with where to look for it."""
    service = service_of(request)
    fields = parse_fields(await read_body(request, MOST_BYTES))
    asked = read_asked(fields, service.settings, service.seeds)
    job = _admitted(service, asked, _key_of(request))
    request[ID], request[ADMITTED] = job.id, True
    ignored = {"X-Ignored-Fields": named_in_a_header(asked.ignored)} if asked.ignored else {}
    if asked.is_async:
        return _accepted(service, job, ignored)
    await until_ended(service, [job])
    return await _answer(request, job, ignored)


def _key_of(request: web.Request) -> str | None:
    key = request.headers.get(KEY)
    if key is not None and len(key) > LONGEST_KEY:
        raise Refusal(Trouble(Code.EXTENSION, param=KEY, limit=LONGEST_KEY, got=len(key)))
    return key or None


def _admitted(service: Service, asked: Asked, key: str | None) -> Job:
    """The request of this key, if there is one, else a new one."""
    joined = None if key is None else service.archive.of_key(key, asked.fingerprint)
    if joined is not None:
        joined.is_detached = joined.is_detached or asked.is_async
        return joined
    [job] = service.admit(
        [asked.order], is_detached=asked.is_async, key=key, fingerprint=asked.fingerprint
    )
    return job


async def until_ended(service: Service, jobs: Sequence[Job]) -> None:
    """Wait for requests; they are cancelled when the last client that waits for them leaves."""
    try:
        for job in jobs:
            job.waiters += 1
        for job in jobs:
            await job.ended.wait()
    except asyncio.CancelledError:
        _leave(jobs)
        for job in jobs:
            service.client_left(job)
        raise
    _leave(jobs)


def _leave(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.waiters -= 1


def _accepted(service: Service, job: Job, headers: Mapping[str, str]) -> web.Response:
    here = f"/api/requests/{job.id}"
    return json_answer(
        {
            "code": 0,
            "request_id": job.id,
            "status": job.state,
            "queue_position": job.position,
            "estimated_wait_seconds": ceil(seconds_left(service, job)),
            "events": f"{here}/events",
            "image": image_path(job.id),
        },
        status=202,
        headers={"Location": here, "X-Code": "0", **headers},
    )


async def _answer(request: web.Request, job: Job, headers: Mapping[str, str]) -> web.Response:
    if job.result is None:
        raise Refusal(job.trouble or Trouble(Code.BUG))
    if prefers_json(request):
        return await json_picture(job, job.result, headers)
    return picture_answer(job, job.result, headers)
