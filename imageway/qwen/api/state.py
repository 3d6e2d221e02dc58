"""What every handler shares: the service, and the id of each call."""

from __future__ import annotations

import secrets

from aiohttp import web

from imageway.qwen.service import Service
from imageway.serving.wall import ID

SERVICE = web.AppKey("service", Service)
# Set when a request was let in: from then on its end is counted, and not its answer.
ADMITTED = web.RequestKey("admitted", bool)


def service_of(request: web.Request) -> Service:
    """The service that this request came to."""
    return request.app[SERVICE]


def call_id(request: web.BaseRequest) -> str:
    """The id of this call, until it becomes that of the request it makes."""
    known = request.get(ID)
    if known is None:
        known = request[ID] = f"req_{secrets.token_hex(4)}"
    return known
