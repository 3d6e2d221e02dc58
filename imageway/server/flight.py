"""How many bytes are on their way through the gateway; above a bound new ones wait outside."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from imageway.providers.tables.units import spell_bytes
from imageway.server.state import gateway_of
from imageway.serving.problems import Problem, Refused

AGAIN_SECONDS = 5


@dataclass(slots=True, eq=False)
class Flight:
    """The bodies of the requests under way, in bytes."""

    bodies: int = 0


FLIGHT = web.AppKey("flight", Flight)


@web.middleware
async def bounded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a body where it and all that is under way would be too much; nothing of it is read.

    The pictures of jobs that run, or whose answers wait to be fetched, count as well.
    """
    size = _size(request)
    if size == 0:
        return await handler(request)
    gateway, flight = gateway_of(request), request.app[FLIGHT]
    most = gateway.settings.limits.bytes_in_flight
    # One that is alone is never refused, or nothing would ever be drawn under a small bound.
    if flight.bodies and flight.bodies + gateway.way.jobs.weight + size > most:
        raise Refused(_too_much(most))
    flight.bodies += size
    try:
        return await handler(request)
    finally:
        flight.bodies -= size


def _size(request: web.Request) -> int:
    """What the body may have: as told, else as much as is taken of any."""
    if not request.can_read_body:
        return 0
    most = gateway_of(request).settings.limits.body
    return min(request.content_length or most, most)


def _too_much(most: int) -> Problem:
    return Problem(
        429,
        "overloaded",
        f"more than {spell_bytes(most)} are on their way through this gateway",
        type="server_error",
        hint="ask again in a few seconds; gateway.limits.bytes_in_flight is the bound",
        again=True,
        retry_after=AGAIN_SECONDS,
    )
