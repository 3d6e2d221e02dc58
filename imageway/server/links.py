"""Pictures by link: GET /v1/files/{id}, and what such a link looks like."""

from __future__ import annotations

from aiohttp import web

from imageway.core.picture import Picture
from imageway.server.auth import bearer, caller_of
from imageway.server.files import HEADERS
from imageway.server.state import gateway_of
from imageway.serving.problems import Problem, Refused

GONE = Problem(
    404, "file_not_found", "there is no such file", hint="links end after an hour, or a restart"
)


async def get_file(request: web.Request) -> web.Response:
    """Hand out a picture; who has the link needs no key, a key that is sent must be the owner's."""
    caller = caller_of(request).name if bearer(request) is not None else None
    picture = gateway_of(request).files.find(request.match_info["id"], caller)
    if picture is None:
        raise Refused(GONE)
    return web.Response(
        body=await picture.read(), headers={**HEADERS, "Content-Type": picture.media_type}
    )


async def link_to(request: web.Request, picture: Picture, caller: str) -> str | None:
    """Keep a picture and return its link; None when it is too large to be kept."""
    gateway = gateway_of(request)
    name = await gateway.files.put(picture, caller)
    base = gateway.settings.public_url or f"{request.scheme}://{request.host}"
    return f"{base.rstrip('/')}/v1/files/{name}" if name else None
