"""The OpenAI-compatible alias: POST /v1/images/generations and GET /v1/models."""

from __future__ import annotations

import time
from collections.abc import Sequence

import orjson
from aiohttp import web

from imageway.qwen.api.fields import MOST_BYTES, named_in_a_header, parse_fields
from imageway.qwen.api.generate import until_ended
from imageway.qwen.api.language import language_of
from imageway.qwen.api.openai_fields import USUAL_MODEL, Asked, read_asked
from imageway.qwen.api.openai_stream import stream
from imageway.qwen.api.pictures import Json, base64_of
from imageway.qwen.api.state import ADMITTED, call_id, service_of
from imageway.qwen.codes import Code
from imageway.qwen.job import Job, Result, degraded_data, image_path
from imageway.qwen.service import Service
from imageway.qwen.trouble import Refusal, Trouble
from imageway.serving.answers import REQUEST_ID, json_answer
from imageway.serving.body import read_body
from imageway.serving.problems import Problem
from imageway.serving.wall import ID


async def generations(request: web.Request) -> web.StreamResponse:
    """Pictures, waited for or streamed."""
    service = service_of(request)
    fields = parse_fields(await read_body(request, MOST_BYTES))
    asked = read_asked(fields, service.settings, service.seeds, _models(service))
    jobs = service.admit(asked.orders)
    request[ID], request[ADMITTED] = jobs[0].id, True
    if asked.streams:
        return await stream(request, service, asked, jobs)
    await until_ended(service, jobs)
    return await _answer(request, asked, jobs)


async def edits(request: web.Request) -> web.StreamResponse:
    """This model draws from words alone."""
    problem = Problem(404, "unsupported", "this service makes pictures from words only")
    body = problem.body(call_id(request))
    return json_answer(body, status=404, headers={REQUEST_ID: call_id(request)})


async def list_models(request: web.Request) -> web.StreamResponse:
    """The one model."""
    service = service_of(request)
    return json_answer({"object": "list", "data": [_model(service)]})


async def get_model(request: web.Request) -> web.StreamResponse:
    """The one model by any of its names."""
    service = service_of(request)
    if request.match_info["id"] not in _models(service):
        raise Refusal(Trouble(Code.ADDRESS, param="model"))
    return json_answer({**_model(service), "id": request.match_info["id"]})


def _models(service: Service) -> frozenset[str]:
    names = {service.engine.describe().name, USUAL_MODEL, service.settings.model}
    return frozenset(name for name in names if name)


def _model(service: Service) -> Json:
    by = service.engine.describe()
    return {"id": by.name, "object": "model", "created": 0, "owned_by": "imageway"}


async def _answer(request: web.Request, asked: Asked, jobs: Sequence[Job]) -> web.Response:
    """What came; an error only when nothing did."""
    made = [(job, job.result) for job in jobs if job.result is not None]
    if not made:
        raise Refusal(jobs[0].trouble or Trouble(Code.BUG))
    head: Json = {
        "created": int(time.time()),
        "output_format": asked.order.format,
        "size": f"{asked.order.width}x{asked.order.height}",
        "quality": asked.quality,
        "background": "opaque",
    }
    items = b",".join([await _item(request, asked, job, result) for job, result in made])
    beside = orjson.dumps({"failures": _failures(request, jobs)})
    body = (orjson.dumps(head)[:-1], b',"data":[', items, b'],"imageway":', beside, b"}")
    ignored = {"X-Ignored-Fields": named_in_a_header(asked.ignored)} if asked.ignored else {}
    return web.Response(
        body=b"".join(body),
        content_type="application/json",
        headers={"Cache-Control": "no-store", "X-Code": "0", **ignored},
    )


async def _item(request: web.Request, asked: Asked, job: Job, result: Result) -> bytes:
    about: Json = {
        "imageway": {
            "request_id": job.id,
            "seed": result.task.seed,
            "model": result.model,
            "degraded": degraded_data(result),
        }
    }
    if asked.answer == "url":
        link = f"{request.scheme}://{request.host}{image_path(job.id)}"
        return orjson.dumps({"url": link, **about})
    return b'{"b64_json":"' + await base64_of(result.data) + b'",' + orjson.dumps(about)[1:]


def _failures(request: web.Request, jobs: Sequence[Job]) -> list[Json]:
    language = language_of(request)
    return [
        {"index": index, **job.trouble.body(job.id, language)}
        for index, job in enumerate(jobs)
        if job.trouble is not None
    ]
