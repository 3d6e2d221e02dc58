"""GET /v1/providers: how each provider stands, for whoever looks after the gateway."""

from __future__ import annotations

from aiohttp import web

from imageway.providers.report import report
from imageway.server.auth import caller_of
from imageway.server.state import gateway_of
from imageway.serving.answers import json_answer


async def list_providers(request: web.Request) -> web.Response:
    """State, breaker, line and budget of each; no vendor is asked."""
    caller_of(request)
    gateway = gateway_of(request)
    reports = report(gateway.way.snapshot, gateway.reloader.standing)
    return json_answer(reports.model_dump(mode="json"))
