"""Whether the gateway lives, whether it should be sent work, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import JsonValue

from imageway import __version__
from imageway.server.chaos import rehearsals
from imageway.server.state import gateway_of
from imageway.serving.answers import json_answer


async def health(request: web.Request) -> web.Response:
    """The process answers; why a changed file was not taken into use stands at /v1/providers.

    Who only rehearses stands here too.
    """
    gateway = gateway_of(request)
    standing, chaos = gateway.reloader.standing, rehearsals(gateway.way.snapshot).providers
    configuration: JsonValue = {
        "generation": standing.generation,
        "failed": standing.error is not None,
    }
    loud: Mapping[str, JsonValue] = {"chaos": {**chaos}} if chaos else {}
    return json_answer(
        {"status": "ok", "version": __version__, "configuration": configuration, **loud}
    )


async def ready(request: web.Request) -> web.Response:
    """503 while it shuts down, or when no provider could be asked."""
    gateway = gateway_of(request)
    providers = gateway.way.snapshot.providers
    enabled = [name for name, provider in providers.items() if not provider.disabled]
    disabled = [name for name, provider in providers.items() if provider.disabled]
    status = "draining" if gateway.draining else "ready" if enabled else "no provider is enabled"
    return json_answer(
        {"status": status, "enabled": [*enabled], "disabled": [*disabled]},
        status=200 if status == "ready" else 503,
    )


async def numbers(request: web.Request) -> web.Response:
    """For Prometheus."""
    body = gateway_of(request).metrics.text()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
