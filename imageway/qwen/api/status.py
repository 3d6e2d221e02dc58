"""How the service is: the line, life, readiness, what it can do, and its numbers."""

from __future__ import annotations

import re
from importlib.metadata import version

from aiohttp import web

from imageway.qwen.api.fields import MOST_BYTES
from imageway.qwen.api.state import service_of
from imageway.qwen.life import Phase
from imageway.qwen.metrics import CONTENT_TYPE, counted, resident_megabytes
from imageway.qwen.order import (
    FORMATS,
    LONGEST_PROMPT,
)
from imageway.qwen.profiles import Profile
from imageway.qwen.seeds import MOST_SEED, USUAL_SEED
from imageway.qwen.service import Service
from imageway.qwen.sizes import USUAL
from imageway.qwen.standing import Told, illness_of, place_of, queue_of, readiness_of
from imageway.serving.answers import json_answer

FEATURES = ("async", "events", "previews", "cancel", "idempotency", "openai")
TEXT = re.compile(r"text/plain|application/openmetrics-text")


async def queue_status(request: web.Request) -> web.StreamResponse:
    """The line, and with ?request_id= one request's place in it."""
    service = service_of(request)
    told = queue_of(service)
    wanted = request.query.get("request_id")
    if wanted is not None:
        told["request"] = place_of(service, service.archive.find(wanted))
    return json_answer(told)


async def health(request: web.Request) -> web.StreamResponse:
    """Whether it lives; what was kept too long is forgotten on this occasion."""
    service = service_of(request)
    service.archive.forget_old()
    illness = illness_of(service)
    if illness is None:
        return json_answer({"status": "ok"})
    return json_answer({"status": "error", "reason": illness}, status=503)


async def ready(request: web.Request) -> web.StreamResponse:
    """Whether it should be sent requests."""
    told = readiness_of(service_of(request))
    if told["status"] == "ready":
        return json_answer(told)
    return json_answer(told, status=503, headers={"Retry-After": str(told["retry_after"])})


async def info(request: web.Request) -> web.StreamResponse:
    """What there is: the model, its sizes, limits, defaults and features."""
    service = service_of(request)
    by, settings = service.engine.describe(), service.settings
    told: Told = {
        "service": "imageway-qwen",
        "version": version("imageway"),
        "model": by.name,
        "title": by.title,
        "backend": settings.backend,
        "is_ai": by.is_ai,
        "device": by.device,
        "sizes": {ratio: [*pixels] for ratio, pixels in settings.sizes.items()},
        "limits": _limits(service),
        "defaults": _defaults(settings.limits),
        "profile": settings.profile,
        "formats": [*FORMATS],
        "features": [*FEATURES],
        "quantised_layers": {**by.quantised_layers},
        "versions": {**by.versions},
    }
    return json_answer(told)


def _defaults(profile: Profile) -> Told:
    return {
        "aspect_ratio": USUAL,
        "num_steps": profile.usual_steps,
        "cfg_scale": profile.usual_guidance,
        "seed": USUAL_SEED,
        "format": "png",
        "negative_prompt": "",
    }


def _limits(service: Service) -> Told:
    return {
        "prompt": LONGEST_PROMPT,
        "negative_prompt": LONGEST_PROMPT,
        "num_steps": [*service.settings.limits.steps],
        "cfg_scale": [*service.settings.limits.guidance],
        "seed": [0, MOST_SEED],
        "body_bytes": MOST_BYTES,
        "queue_depth": service.line.capacity,
        "max_wait_seconds": service.settings.max_wait_seconds,
        "result_ttl_seconds": service.settings.result_ttl_seconds,
    }


async def metrics(request: web.Request) -> web.StreamResponse:
    """JSON, unless the caller is Prometheus or says so."""
    wants_text = TEXT.search(request.headers.get("Accept", ""))
    if wants_text or request.query.get("format") == "prometheus":
        return await prometheus(request)
    return json_answer(_numbers(service_of(request)))


async def prometheus(request: web.Request) -> web.StreamResponse:
    """Prometheus' text format, always."""
    body = service_of(request).metrics.text()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})


def _numbers(service: Service) -> Told:
    """The published keys, and some more."""
    metrics, memory = service.metrics, service.engine.memory()
    return {
        "memory_mb": round(resident_megabytes(), 1),
        "queue_length": len(service.line),
        "uptime_seconds": round(service.clock() - service.began, 1),
        "avg_generate_seconds": round(service.estimate.whole_seconds or 0.0, 3),
        "processing": 0 if service.turn is None else 1,
        "model_loaded": service.phase is not Phase.LOADING,
        "gpu_memory_allocated_mb": round(memory.allocated / 2**20, 1),
        "gpu_memory_reserved_mb": round(memory.reserved / 2**20, 1),
        "requests": {**counted(metrics.codes)},
        "degraded": {**metrics.reasons},
        "cancelled": metrics.cancels,
    }
