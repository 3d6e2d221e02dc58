"""A streamed answer in OpenAI's words: partial images, then each picture."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence

import orjson
from aiohttp import web

from imageway.qwen.api.language import language_of
from imageway.qwen.api.openai_fields import Asked
from imageway.qwen.api.pictures import Json, base64_of
from imageway.qwen.codes import Language
from imageway.qwen.job import Job, Result, degraded_data
from imageway.qwen.service import Service
from imageway.qwen.trouble import Trouble
from imageway.serving.answers import REQUEST_ID
from imageway.serving.sse import Feed, frame, send_events

PARTIAL = "image_generation.partial_image"
COMPLETED = "image_generation.completed"
FAILED = "image_generation.failed"
NO_TOKENS: Json = {
    "input_tokens": 0,
    "input_tokens_details": {"text_tokens": 0, "image_tokens": 0},
    "output_tokens": 0,
    "total_tokens": 0,
}


async def stream(
    request: web.Request, service: Service, asked: Asked, jobs: Sequence[Job]
) -> web.StreamResponse:
    """Send what the requests make; a reader that leaves cancels them."""
    try:
        async with Feed(_frames(asked, jobs, language_of(request))) as feed:
            return await send_events(request, feed, {REQUEST_ID: jobs[0].id})
    except (asyncio.CancelledError, ConnectionError):
        for job in jobs:
            service.client_left(job)
        raise


async def _frames(asked: Asked, jobs: Sequence[Job], language: Language) -> AsyncGenerator[bytes]:
    """One request after the other, which is the order they are made in."""
    for index, job in enumerate(jobs):
        async for partial in _partials(asked, job, index):
            yield partial
        if job.result is not None:
            yield await _completed(asked, job.result, index)
        elif job.trouble is not None and len(jobs) > 1:
            yield frame(FAILED, orjson.dumps(_failed(job, job.trouble, index, language)))
    if all(job.result is None for job in jobs) and jobs[0].trouble is not None:
        body = jobs[0].trouble.problem(language).body(jobs[0].id)
        yield frame("error", orjson.dumps({"type": "error", **body}))


async def _partials(asked: Asked, job: Job, index: int) -> AsyncGenerator[bytes]:
    """The previews that are due, spread over the steps; ends when the request has ended."""
    sent = 0
    with job.story.listen(sees_previews=asked.partials > 0) as happenings:
        async for each in happenings:
            if each.name != "preview" or isinstance(each.data, Trouble) or sent == asked.partials:
                continue
            shown = orjson.loads(each.data)
            if shown["step"] * (asked.partials + 1) >= job.total_steps * (sent + 1):
                yield _partial(asked, shown["data"], index, sent)
                sent += 1


def _partial(asked: Asked, text: str, index: int, number: int) -> bytes:
    about = {**_about(asked, PARTIAL, index), "output_format": "jpeg"}
    return frame(PARTIAL, orjson.dumps({**about, "b64_json": text, "partial_image_index": number}))


async def _completed(asked: Asked, result: Result, index: int) -> bytes:
    about: Json = {
        **_about(asked, COMPLETED, index),
        "usage": NO_TOKENS,
        "imageway": {"seed": result.task.seed, "degraded": degraded_data(result)},
    }
    head = (b'{"b64_json":"', await base64_of(result.data), b'",')
    return frame(COMPLETED, *head, orjson.dumps(about)[1:])


def _failed(job: Job, trouble: Trouble, index: int, language: Language) -> Json:
    return {"type": FAILED, "index": index, **trouble.body(job.id, language)}


def _about(asked: Asked, kind: str, index: int) -> Json:
    """The members that OpenAI's own events always have."""
    return {
        "type": kind,
        "created_at": int(time.time()),
        "size": f"{asked.order.width}x{asked.order.height}",
        "quality": asked.quality,
        "background": "opaque",
        "output_format": asked.order.format,
        "index": index,
    }
