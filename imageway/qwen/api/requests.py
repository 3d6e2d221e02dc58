"""/api/requests/{id}: how far it is, its events, its picture, and its end before its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import orjson
from aiohttp import web

from imageway.qwen.api.language import language_of
from imageway.qwen.api.pictures import picture_answer
from imageway.qwen.api.state import service_of
from imageway.qwen.checks import choice_of
from imageway.qwen.codes import Code, Language
from imageway.qwen.encoding import ENCODER_FAULTS, encode, transcode
from imageway.qwen.engine import Description
from imageway.qwen.job import Job, Result
from imageway.qwen.order import FORMATS, Format
from imageway.qwen.performing import task_of
from imageway.qwen.standing import Told, job_data
from imageway.qwen.story import Happening
from imageway.qwen.trouble import Refusal, Trouble
from imageway.serving.answers import json_answer
from imageway.serving.sse import Feed, frame, send_events

OPENING = b"retry: 2000\n\n"
EVENT_HEADERS = {"Cache-Control": "no-cache"}


async def get_request(request: web.Request) -> web.StreamResponse:
    """The state of one request, with its error if it has one."""
    job = _job(request)
    told = job_data(service_of(request), job)
    if job.trouble is not None:
        told["error"] = job.trouble.body(job.id, language_of(request))
    return json_answer(told)


async def delete_request(request: web.Request) -> web.StreamResponse:
    """Cancel a request that waits or runs; one that is over stays as it is."""
    job = _job(request)
    if job.is_final:
        return json_answer({"code": 0, "request_id": job.id, "status": job.state})
    service_of(request).cancel(job)
    cancelling: Told = {"code": 0, "request_id": job.id, "status": "cancelling"}
    return json_answer(cancelling, status=202)


async def get_events(request: web.Request) -> web.StreamResponse:
    """The present state, then everything until the end; who has heard the end hears nothing."""
    job, language = _job(request), language_of(request)
    heard = request.headers.get("Last-Event-ID", "")
    if job.is_final and heard.isdecimal() and int(heard[:18]) >= job.story.last_number:
        return web.Response(status=204)
    with job.story.listen() as happenings:
        async with Feed(_frames(happenings, job, language)) as feed:
            return await send_events(request, feed, EVENT_HEADERS, opening=OPENING)


async def _frames(
    happenings: AsyncIterator[Happening], job: Job, language: Language
) -> AsyncGenerator[bytes]:
    async for each in happenings:
        data = each.data
        if isinstance(data, Trouble):
            data = orjson.dumps(data.body(job.id, language))
        yield frame(each.name, data, number=each.number)


async def get_image(request: web.Request) -> web.StreamResponse:
    """The picture; before it is there 202 with the state, and with ?format= in another format."""
    service, job = service_of(request), _job(request)
    wanted = request.query.get("format")
    kind = None if wanted is None else choice_of("format", wanted, "png", FORMATS)
    if not job.is_final:
        return json_answer(job_data(service, job), status=202, headers={"Retry-After": "1"})
    result = await _result(job, kind, service.engine.describe())
    if result is None:
        raise Refusal(job.trouble or Trouble(Code.BUG))
    job.fetched.set()
    return picture_answer(job, result, {})


async def _result(job: Job, kind: Format | None, by: Description) -> Result | None:
    """What was made, in another format if one is wished for; None for what was not made."""
    if kind is None or (job.result is not None and job.result.format == kind):
        return job.result
    try:
        if job.result is not None:
            data = await asyncio.to_thread(transcode, job.result.data, kind, by)
            task, degraded = job.result.task, job.result.degraded
            return Result(data, kind, task, job.result.model, degraded, job.result.is_flat)
        if job.raw is not None:
            data = await asyncio.to_thread(encode, job.raw, kind, by, None)
            return Result(data, kind, task_of(job.order), by.title)
    except ENCODER_FAULTS as error:
        raise Refusal(Trouble(Code.ENCODING)) from error
    return None


def _job(request: web.Request) -> Job:
    return service_of(request).archive.find(request.match_info["id"])
