"""Pictures by link: GET /v1/files/{id}, and what such a link looks like."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping

from aiohttp import web

from imageway.core.picture import Picture
from imageway.server.auth import bearer, caller_of
from imageway.server.files import Kept
from imageway.server.state import GATEWAY, Gateway, gateway_of
from imageway.serving.problems import Problem, Refused

GONE = Problem(
    404,
    "file_not_found",
    "there is no such file",
    hint="a link ends on its date, and a picture after [storage] keep",
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
# More digits than any date has.
LONGEST_DATE = 12


async def get_file(request: web.Request) -> web.StreamResponse:
    """Hand out a picture: to the owner's key, or to who has a signed link and shows no key."""
    gateway, name = gateway_of(request), request.match_info["id"]
    owner = await _owner(request, gateway, name)
    kept = await asyncio.to_thread(gateway.files.look, name, owner)
    if kept is None:
        raise Refused(GONE)
    return web.FileResponse(kept.path, headers=_headers(gateway, name, kept))


async def link_to(request: web.Request, picture: Picture, caller: str) -> str | None:
    """Keep a picture and return its signed link; None when it cannot be kept."""
    gateway = gateway_of(request)
    until = int(gateway.files.until)
    name = await gateway.files.put(picture, caller)
    if name is None:
        return None
    sign = await asyncio.to_thread(gateway.signer.sign, name, until)
    base = gateway.settings.public_url or f"{request.scheme}://{request.host}"
    return f"{base.rstrip('/')}/v1/files/{name}?until={until}&sign={sign}"


async def swept(app: web.Application) -> AsyncGenerator[None]:
    """While the gateway runs, pictures that are too old go."""
    sweeping = asyncio.create_task(app[GATEWAY].files.sweep_for_ever())
    yield
    sweeping.cancel()
    await asyncio.wait((sweeping,))


async def _owner(request: web.Request, gateway: Gateway, name: str) -> str | None:
    """Whose file it must be; None means anybody's, for the link is signed."""
    if bearer(request) is not None or "sign" not in request.query:
        return caller_of(request).name
    until, sign = request.query.get("until", ""), request.query["sign"]
    if not (until.isdecimal() and len(until) <= LONGEST_DATE) or int(until) <= time.time():
        raise Refused(GONE)
    if not await asyncio.to_thread(gateway.signer.is_good, name, int(until), sign):
        raise Refused(GONE)
    return None


def _headers(gateway: Gateway, name: str, kept: Kept) -> Mapping[str, str]:
    left = max(0, int(gateway.files.left(kept)))
    return {
        **HEADERS,
        "Content-Type": kept.media_type,
        "Content-Disposition": f'inline; filename="{name[:13]}.{kept.format}"',
        "Cache-Control": f"private, max-age={left}, immutable",
    }
