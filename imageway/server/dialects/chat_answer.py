"""A plain chat answer: one message with its pictures, joined from ready parts."""

from __future__ import annotations

import orjson
from aiohttp import web

from imageway.core.result import ImageResult
from imageway.providers.jobs import Job
from imageway.server.dialects import chat_words as words
from imageway.server.dialects.chat_lines import Json, picture_item
from imageway.server.dialects.chat_telling import Telling
from imageway.server.dialects.chat_usage import beside, usage_of
from imageway.server.dialects.openai_answer import failure_answer, send_parts
from imageway.serving.answers import json_answer


async def answer(request: web.Request, telling: Telling, job: Job) -> web.StreamResponse:
    """Wait for everything, then answer 200 with what came, or an error when nothing did."""
    result = await job.result()
    if result.error is not None:
        return failure_answer(telling.asked, job.id, result, result.error)
    parts = await _parts(telling, result)
    return await send_parts(request, parts, job.id, result.status)


def text_answer(chunk_id: str, model: str, created: int, content: str) -> web.Response:
    """An answer in words alone; nothing was drawn for it."""
    message: Json = {"role": "assistant", "content": content}
    usage: Json = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    choice: Json = {"index": 0, "finish_reason": "stop", "message": message}
    return json_answer(
        {
            "id": chunk_id,
            "object": "chat.completion",
            "created": created,
            "model": model,
            "choices": [choice],
            "usage": usage,
        }
    )


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
    content = orjson.dumps(await _content(telling, result))
    return [
        orjson.dumps(head)[:-1],
        b',"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":',
        content,
        *await _images(telling, result),
        b"}}]}",
    ]


async def _content(telling: Telling, result: ImageResult) -> str:
    captions: list[str] = []
    for ready in result.images:
        telling.ready.append(ready)
        captions.append(await telling.caption(ready))
    if result.failures:
        captions.append(f"\n\n{words.plain(words.failures(telling.count, result.failures))}")
    return "".join(captions)


async def _images(telling: Telling, result: ImageResult) -> list[bytes]:
    """The member `images`, where the client is to have it."""
    if not telling.manner.images:
        return []
    pieces: list[bytes] = []
    for ready in result.images:
        comma = b"," if pieces else b',"images":['
        item = picture_item(ready.picture.media_type, await ready.picture.text())
        pieces += [comma, *item]
    return [*pieces, b"]"]
