"""A plain chat answer: one message with its pictures, joined from ready parts."""

from __future__ import annotations

import orjson
from aiohttp import web

from imageway.core.result import ImageResult, collect
from imageway.providers.jobs import Job
from imageway.server.dialects.chat import words
from imageway.server.dialects.chat.advice import advised_result
from imageway.server.dialects.chat.lines import Json, picture_item
from imageway.server.dialects.chat.telling import Telling
from imageway.server.dialects.chat.usage import beside, usage_of
from imageway.server.dialects.openai_answer import failure_answer, send_parts


async def answer(request: web.Request, telling: Telling, job: Job) -> web.StreamResponse:
    """Wait for everything, then answer 200 with what came, or an error when nothing did."""
    async with job.subscribe() as events:
        result = advised_result(telling.asked, await collect(events))
        if result.error is not None:
            return failure_answer(telling.asked, job.id, result, result.error)
        parts = await _parts(telling, result)
        return await send_parts(request, parts, job.id, result.status)


async def _parts(telling: Telling, result: ImageResult) -> list[bytes]:
    """The body in pieces; base64 is copied once and never parsed or escaped."""
    chunks = telling.chunks
    head: Json = {
        "id": chunks.id,
        "object": "chat.completion",
        "created": chunks.created,
        "model": chunks.model,
        "usage": usage_of(result.usage, result.images),
        "imageway": beside(telling.asked, chunks.id, result.failures, result.notes),
    }
    content, images = await _message(telling, result)
    return [
        orjson.dumps(head)[:-1],
        b',"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":',
        orjson.dumps(content),
        *images,
        b"}}]}",
    ]


async def _message(telling: Telling, result: ImageResult) -> tuple[str, list[bytes]]:
    """The text, and the member `images` in pieces where pictures go beside it."""
    captions: list[str] = []
    pieces: list[bytes] = []
    for ready in result.images:
        telling.ready.append(ready)
        caption, is_shown = await telling.caption(ready)
        captions.append(caption)
        if not is_shown:
            item = picture_item(ready.picture.media_type, await ready.picture.text())
            pieces += [b"," if pieces else b',"images":[', *item]
    if result.failures:
        captions.append(words.told(telling.count, result.failures))
    return "".join(captions), [*pieces, b"]"] if pieces else []
