"""A plain answer as OpenAI writes it, joined from ready parts; and what we say beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson
from aiohttp import web
from pydantic import JsonValue

from imageway.core.errors import ErrorInfo
from imageway.core.events import Charged, ImageFailed, ImageReady, Note
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult, Status, collect
from imageway.providers.jobs import Job
from imageway.server.dialects.openai_fields import Asked
from imageway.server.jobs import JOB
from imageway.server.links import link_to
from imageway.serving.answers import CODE, REQUEST_ID, problem_answer
from imageway.serving.problems import Problem, problem_of

Json = dict[str, JsonValue]

QUALITIES = frozenset({"low", "medium", "high", "xhigh", "max"})
BACKGROUNDS = frozenset({"transparent", "opaque"})
STATUS = "x-imageway-status"
NO_LINK = Note("degraded", "a picture could not be kept as a file; it stands in the answer itself")
# Below this a copy is cheaper than a write of its own.
LARGE = 1 << 16


async def answer(request: web.Request, asked: Asked, job: Job) -> web.StreamResponse:
    """Wait for everything, then answer 200 with what came, or an error when nothing did.

    The job is read until all of it is written: who goes before that has not got it.
    """
    async with job.subscribe() as events:
        result = await collect(events)
        if result.error is not None:
            return failure_answer(asked, job.id, result, result.error)
        parts = await _parts(request, asked, job.caller, result)
        return await send_parts(request, parts, job.id, result.status)


async def send_parts(
    request: web.Request, parts: Sequence[bytes], job_id: str, status: Status
) -> web.StreamResponse:
    """Write a JSON answer that is there in pieces, without joining what is large."""
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            REQUEST_ID: job_id,
            JOB: job_id,
            STATUS: status,
        }
    )
    if status == "partial":
        response[CODE] = "partial"
    response.content_length = sum(len(part) for part in parts)
    await response.prepare(request)
    for chunk in _chunks(parts):
        await response.write(chunk)
    await response.write_eof()
    return response


def _chunks(parts: Sequence[bytes]) -> Iterator[bytes]:
    """Few pieces: what is small goes out together, what is large is not copied once more."""
    small: list[bytes] = []
    for part in parts:
        if len(part) <= LARGE:
            small.append(part)
            continue
        if small:
            yield b"".join(small)
            small.clear()
        yield part
    if small:
        yield b"".join(small)


def failure_answer(
    asked: Asked, job_id: str, result: ImageResult, error: ErrorInfo
) -> web.Response:
    """The error that matters most, with all the others beside it."""
    problem = problem_for(asked, error, [failed.error for failed in result.failures])
    members = {**problem.members, "imageway": beside(asked, result)}
    response = problem_answer(replace(problem, members=members), job_id)
    response.headers[STATUS] = "failed"
    response.headers[JOB] = job_id
    return response


def problem_for(asked: Asked, error: ErrorInfo, others: Sequence[ErrorInfo] = ()) -> Problem:
    """A failure with the field to blame in the caller's own word."""
    problem = problem_of(error, others)
    return replace(problem, param=asked.name_of(problem.param))


async def _parts(
    request: web.Request, asked: Asked, caller: str, result: ImageResult
) -> list[bytes]:
    """The body in pieces; base64 is copied once and never parsed or escaped."""
    first = result.images[0].picture
    head: Json = {
        "created": int(time.time()),
        "size": f"{first.width}x{first.height}",
        "output_format": first.format,
        **_known_words(asked.request),
        **({"usage": usage} if (usage := usage_of(result.usage)) else {}),
    }
    parts = [orjson.dumps(head)[:-1] + b',"data":[']
    lost = False
    for ready in result.images:
        comma = b"," if ready is not result.images[0] else b""
        link = await link_to(request, ready.picture, caller) if asked.as_url else None
        lost = lost or (asked.as_url and link is None)
        parts += [comma, *await _item(ready, link)]
    told = replace(result, notes=(*result.notes, NO_LINK)) if lost else result
    return [*parts, b'],"imageway":', orjson.dumps(beside(asked, told)), b"}"]


async def _item(ready: ImageReady, link: str | None) -> tuple[bytes, ...]:
    about = about_picture(ready)
    if link is not None:
        return (orjson.dumps({"url": link, **about}),)
    return picture_object(await ready.picture.text(), about)


def picture_object(text: str, about: Json) -> tuple[bytes, bytes, bytes]:
    """A JSON object around a picture that is base64 already; `about` must not be empty."""
    return b'{"b64_json":"', text.encode("ascii"), b'",' + orjson.dumps(about)[1:]


def about_picture(ready: ImageReady) -> Json:
    """What is said of one picture beside its bytes."""
    about: Json = {"index": ready.index}
    if ready.picture.revised_prompt:
        about["revised_prompt"] = ready.picture.revised_prompt
    about["imageway"] = {
        "provider": ready.provider,
        "model": ready.model,
        "seed": ready.picture.seed,
    }
    return about


def beside(asked: Asked, result: ImageResult) -> Json:
    """The member `imageway`: what OpenAI's answer has no words for."""
    first = result.images[0] if result.images else None
    return {
        "status": result.status,
        "provider": first.provider if first else None,
        "model": first.model if first else None,
        "failures": [failure(asked, failed) for failed in result.failures],
        "notes": notes_of((*asked.notes, *result.notes)),
        "usage": charges_of(result.usage),
    }


def failure(asked: Asked, failed: ImageFailed) -> Json:
    """One picture that did not come."""
    problem = problem_for(asked, failed.error)
    return {
        "index": failed.index,
        "code": problem.code,
        "type": problem.type,
        "message": problem.sentence,
        "param": problem.param,
        "retryable": problem.again,
        **problem.members,
    }


def notes_of(notes: Sequence[Note]) -> list[JsonValue]:
    """Notes as data."""
    return [{"kind": note.kind, "detail": note.detail} for note in notes]


def charges_of(charges: Sequence[Charged]) -> list[JsonValue]:
    """Charges as data, each in its vendor's own unit."""
    return [{"amount": charge.amount, "unit": charge.unit} for charge in charges]


def usage_of(charges: Sequence[Charged]) -> Json | None:
    """OpenAI's token counts, where the vendor charged in tokens."""
    tokens = sum(int(charge.amount) for charge in charges if charge.unit == "tokens")
    return tokens_used(tokens) if tokens else None


def tokens_used(tokens: int) -> Json:
    """A usage object; we are told only how many tokens there were altogether."""
    return {
        "input_tokens": 0,
        "input_tokens_details": {"text_tokens": 0, "image_tokens": 0},
        "output_tokens": tokens,
        "total_tokens": tokens,
    }


def _known_words(request: ImageRequest) -> Json:
    """The wishes that OpenAI's answer repeats, if they are words it knows."""
    words: Json = {}
    if request.quality in QUALITIES:
        words["quality"] = request.quality
    if request.background in BACKGROUNDS:
        words["background"] = request.background
    return words
