"""The service as an application: its routes, and what stands before each of them."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from imageway.qwen.api import openai_images, status
from imageway.qwen.api.envelope import VOICE
from imageway.qwen.api.generate import generate
from imageway.qwen.api.guard import guard, name_origin
from imageway.qwen.api.page import page
from imageway.qwen.api.requests import delete_request, get_events, get_image, get_request
from imageway.qwen.api.state import ADMITTED, SERVICE, call_id, service_of
from imageway.qwen.codes import Code
from imageway.qwen.service import Service
from imageway.serving.answers import CODE
from imageway.serving.wall import name_answer, walled

# Whoever asks here wants a picture, and is counted also when there will be none.
MAKING = frozenset({"/api/generate", "/v1/images/generations"})


def make_app(service: Service) -> web.Application:
    """Make the application of a service, which begins to load when the application starts."""
    app = web.Application(
        middlewares=[counted, walled(VOICE.envelope), guard(service.settings)],
    )
    app[SERVICE] = service
    app.add_routes(_routes())
    app.on_response_prepare.extend((name_answer, name_origin))
    return app


def _routes() -> list[web.RouteDef]:
    return [
        web.get("/", page()),
        web.post("/api/generate", generate),
        web.get("/api/queue/status", status.queue_status),
        web.get("/api/health", status.health),
        web.get("/api/ready", status.ready),
        web.get("/api/info", status.info),
        web.get("/api/metrics", status.metrics),
        web.get("/metrics", status.prometheus),
        web.get("/api/requests/{id}", get_request),
        web.delete("/api/requests/{id}", delete_request),
        web.get("/api/requests/{id}/events", get_events),
        web.get("/api/requests/{id}/image", get_image),
        web.post("/v1/images/generations", openai_images.generations),
        web.post("/v1/images/edits", openai_images.edits),
        web.get("/v1/models", openai_images.list_models),
        web.get("/v1/models/{id:.+}", openai_images.get_model),
    ]


@web.middleware
async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give each call its id, and count the wishes that were turned away."""
    call_id(request)
    response = await handler(request)
    code = response.get(CODE)
    is_wish = request.path in MAKING and request.method == "POST"
    if is_wish and code is not None and not request.get(ADMITTED):
        service_of(request).metrics.count(Code(int(code)))
    return response
