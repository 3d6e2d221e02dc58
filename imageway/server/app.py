"""The gateway as an application: its routes, and what stands before each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from aiohttp import web
from aiohttp.typedefs import Handler

from imageway.client import Imageway
from imageway.providers.accounting.usage import usage
from imageway.providers.config import Dialect, is_loopback
from imageway.providers.reloading.reload import Reloader
from imageway.providers.report import report
from imageway.server.asking import mark_replay
from imageway.server.auth import refuse_open_house
from imageway.server.chaos import mark, told
from imageway.server.dialects import openai_chat, openai_images
from imageway.server.dialects.chat.memory import CHATS, ChatMemory
from imageway.server.files import FileStore
from imageway.server.flags import Flags
from imageway.server.flight import FLIGHT, Flight, bounded
from imageway.server.gallery import show_gallery
from imageway.server.health import health, numbers, ready
from imageway.server.jobs import cancel_job, get_job
from imageway.server.links import get_file, swept
from imageway.server.metrics import Metrics, measured
from imageway.server.models import get_model, list_models
from imageway.server.providers import list_providers
from imageway.server.signing import Signer
from imageway.server.state import GATEWAY, Gateway
from imageway.server.usage import Purses, get_usage, tell_pace
from imageway.serving.origin import browser_guard
from imageway.serving.wall import name_answer, wall

# Open WebUI is told more than others, and is known for certain by the second of these.
BASES = ("/v1", "/openwebui/v1")
HANDLERS_BY_DIALECT: Mapping[Dialect, tuple[tuple[str, str, Handler], ...]] = {
    "openai": (
        ("POST", "/images/generations", openai_images.generations),
        ("POST", "/images/edits", openai_images.edits),
    ),
    "openai-chat": (("POST", "/chat/completions", openai_chat.completions),),
}
ROUTES = (
    *(web.get(f"{base}/models", list_models) for base in BASES),
    *(web.get(f"{base}/models/{{id:.+}}", get_model) for base in BASES),
    web.get("/v1/providers", list_providers),
    web.get("/v1/usage", get_usage),
    *(web.get(f"{base}/files/{{id}}", get_file) for base in BASES),
    web.get("/v1/gallery/{provider}", show_gallery),
    web.get("/v1/jobs/{id}", get_job),
    web.delete("/v1/jobs/{id}", cancel_job),
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
    gateway = Gateway(way, metrics, reloader, *_storing(way))
    guard = browser_guard(loopback=is_loopback(host), public_url=settings.public_url)
    app = web.Application(middlewares=[measured(metrics), wall, guard, holding, bounded])
    app[FLIGHT] = Flight()
    app[GATEWAY] = gateway
    app[CHATS] = ChatMemory(way.snapshot.source.state)
    app.add_routes((*_outward(settings.dialects), *ROUTES))
    app.on_response_prepare.append(name_answer)
    app.cleanup_ctx.append(swept)
    app.on_response_prepare.append(tell_pace)
    app.on_response_prepare.append(mark_replay)
    app.on_response_prepare.append(mark)
    app.on_cleanup.append(_close)
    app.cleanup_ctx.append(told)
    return app


def _outward(dialects: Iterable[Dialect]) -> Iterator[web.RouteDef]:
    for dialect, base in product(dict.fromkeys(dialects), BASES):
        for method, path, handler in HANDLERS_BY_DIALECT[dialect]:
            yield web.route(method, f"{base}{path}", handler)


def _storing(way: Imageway) -> tuple[FileStore, Signer]:
    source = way.snapshot.source
    files = FileStore(source.images, lambda: way.snapshot.source.config.storage)
    return files, Signer(source.state / "links.secret")


@web.middleware
async def holding(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request end with the configuration that it began with, whatever is saved meanwhile."""
    with request.app[GATEWAY].way.in_force.holding():
        return await handler(request)


async def _close(app: web.Application) -> None:
    await app[GATEWAY].close()
