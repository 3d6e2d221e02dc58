"""A finished picture as an answer: its bytes with everything in headers, or JSON."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import quote

import orjson
import pybase64
from aiohttp import web
from pydantic import JsonValue

from imageway.qwen.job import Job, Result, degraded_data
from imageway.qwen.standing import timings_of
from imageway.serving.answers import REQUEST_ID

# Above this, base64 takes long enough to be made away from the event loop.
LARGE = 1 << 20
Json = dict[str, JsonValue]
QUALITY = re.compile(r";\s*q=([01](?:\.\d{0,3})?)\s*$")


def picture_answer(job: Job, result: Result, headers: Mapping[str, str]) -> web.Response:
    """The bytes, as published clients read them."""
    return web.Response(
        body=result.data,
        content_type=result.media_type,
        headers={**headers_of(job, result), **headers},
    )


def headers_of(job: Job, result: Result) -> dict[str, str]:
    """What is told of a picture in headers."""
    task, degraded = result.task, result.degraded
    name = f"qwen-{task.seed}-{job.id}.{result.format}"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "no-store",
        REQUEST_ID: job.id,
        "X-Code": "0",
        "X-Seed": str(task.seed),
        "X-Num-Steps": str(task.steps),
        "X-Cfg-Scale": str(task.guidance),
        "X-Width": str(task.width),
        "X-Height": str(task.height),
        "X-Model": quote(result.model, safe=" ()/,:;=@+-._~"),
        "X-Queue-Seconds": f"{job.queue_seconds:.3f}",
        "X-Generate-Seconds": f"{job.generate_seconds:.3f}",
        "X-Degraded": "false" if degraded is None else "true",
    }
    if degraded is not None:
        headers["X-Degrade-Reason"] = degraded.reason
        headers["X-Requested-Seed"] = str(degraded.requested_seed)
        headers["X-Requested-Steps"] = str(degraded.requested_steps)
    return {**headers, "X-Warning": "flat-image"} if result.is_flat else headers


async def json_picture(job: Job, result: Result, headers: Mapping[str, str]) -> web.Response:
    """The picture as base64 inside JSON; joined, for it is long and never needs escaping."""
    head: Json = {"code": 0, "message": "ok", "request_id": job.id}
    text = await base64_of(result.data)
    about = orjson.dumps({"mime": result.media_type, **_about(job, result)})
    body = (orjson.dumps(head)[:-1], b',"image_base64":"', text, b'",', about[1:])
    return web.Response(
        body=b"".join(body),
        content_type="application/json",
        headers={"Cache-Control": "no-store", REQUEST_ID: job.id, "X-Code": "0", **headers},
    )


def _about(job: Job, result: Result) -> Json:
    task = result.task
    return {
        "seed": task.seed,
        "num_steps": task.steps,
        "cfg_scale": task.guidance,
        "width": task.width,
        "height": task.height,
        "model": result.model,
        "degraded": degraded_data(result),
        **({"warning": "flat-image"} if result.is_flat else {}),
        "timings": timings_of(job),
    }


async def base64_of(data: bytes) -> bytes:
    """The bytes as base64."""
    if len(data) > LARGE:
        return await asyncio.to_thread(pybase64.b64encode, data)
    return pybase64.b64encode(data)


def prefers_json(request: web.Request) -> bool:
    """Whether Accept names JSON, and likes no image better."""
    weights: dict[str, float] = {}
    for each in request.headers.get("Accept", "")[:1000].split(","):
        kind, _, parameters = each.partition(";")
        found = QUALITY.search(f";{parameters}")
        weights[kind.strip().lower()] = float(found[1]) if found else 1.0
    images = (weight for kind, weight in weights.items() if kind.startswith("image/"))
    json = weights.get("application/json", 0.0)
    return json > 0 and json >= max(images, default=0.0)
