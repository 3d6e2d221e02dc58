"""The gateway as an application: its routes, and what stands before each of them."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from imageway.client import Imageway
from imageway.providers.config import is_loopback
from imageway.providers.reload import Reloader
from imageway.providers.report import report
from imageway.providers.usage import usage
from imageway.server.asking import mark_replay
from imageway.server.auth import refuse_open_house
from imageway.server.chaos import mark, told
from imageway.server.dialects import openai_images
from imageway.server.flags import Flags
from imageway.server.flight import FLIGHT, Flight, bounded
from imageway.server.gallery import show_gallery
from imageway.server.health import health, numbers, ready
from imageway.server.links import get_file
from imageway.server.metrics import Metrics, measured
from imageway.server.models import get_model, list_models
from imageway.server.providers import list_providers
from imageway.server.state import GATEWAY, Gateway
from imageway.server.usage import Purses, get_usage, tell_pace
from imageway.serving.origin import browser_guard
from imageway.serving.wall import name_answer, wall

ROUTES = (
    web.post("/v1/images/generations", openai_images.generations),
    web.post("/v1/images/edits", openai_images.edits),
    web.get("/v1/models", list_models),
    web.get("/v1/models/{id:.+}", get_model),
    web.get("/v1/providers", list_providers),
    web.get("/v1/usage", get_usage),
    web.get("/v1/files/{id}", get_file),
    web.get("/v1/gallery/{provider}", show_gallery),
    web.get("/health", health),
    web.get("/ready", ready),
    web.get("/metrics", numbers),
)


def make_app(way: Imageway, host: str | None = None) -> web.Application:
    """Make the application for a library that is open; `host` is where it will listen."""
    settings = way.snapshot.source.config.gateway
    host = host or settings.address[0]
    reloader = Reloader(way.in_force, lambda source: refuse_open_house(source, host))
    metrics = Metrics(
        lambda: len(way.jobs.running),
        lambda: report(way.snapshot).providers,
        lambda: reloader.standing,
    )
    metrics.add(Purses(lambda: usage(way.snapshot)))
    metrics.add(Flags(lambda: way.snapshot.source.config))
    gateway = Gateway(way, metrics, reloader)
    guard = browser_guard(loopback=is_loopback(host), public_url=settings.public_url)
    app = web.Application(middlewares=[measured(metrics), wall, guard, holding, bounded])
    app[FLIGHT] = Flight()
    app[GATEWAY] = gateway
    app.add_routes(ROUTES)
    app.on_response_prepare.append(name_answer)
    app.on_response_prepare.append(tell_pace)
    app.on_response_prepare.append(mark_replay)
    app.on_response_prepare.append(mark)
    app.on_cleanup.append(_close)
    app.cleanup_ctx.append(told)
    return app


@web.middleware
async def holding(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request end with the configuration that it began with, whatever is saved meanwhile."""
    with request.app[GATEWAY].way.in_force.holding():
        return await handler(request)


async def _close(app: web.Application) -> None:
    await app[GATEWAY].close()
