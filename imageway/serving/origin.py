"""Who may ask from a browser: the checks of Host and Origin that stop DNS rebinding."""

from __future__ import annotations

import re
from ipaddress import ip_address

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

from imageway.serving.problems import Problem, Refused

HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?")


def browser_guard(*, loopback: bool, public_url: str | None = None) -> Middleware:
    """Refuse foreign origins, and on a loopback listener foreign host names too."""
    public = URL(public_url) if public_url else None

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or (loopback and not _is_ours(hosts[0], public)):
            raise Refused(_wrong_host(hosts))
        origin = request.headers.get("Origin")
        if origin is not None and not _same_origin(origin, hosts[0], public):
            raise Refused(_wrong_origin(origin))
        return await handler(request)

    return guard


def host_name(host: str) -> str | None:
    """The name in a Host header, without its port; None when it is malformed."""
    found = HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else None


def _is_ours(host: str, public: URL | None) -> bool:
    name = host_name(host)
    if name is None:
        return False
    return is_loopback_name(name) or (public is not None and name == public.host)


def is_loopback_name(name: str) -> bool:
    """Whether a host name can only mean this machine."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _same_origin(origin: str, host: str, public: URL | None) -> bool:
    return is_same_origin(origin, host) or (public is not None and origin == str(public.origin()))


def is_same_origin(origin: str, host: str) -> bool:
    """Whether a page of this origin was served under this Host header."""
    return origin in {f"http://{host}", f"https://{host}"}


def _wrong_host(hosts: list[str]) -> Problem:
    shown = ", ".join(host[:60] for host in hosts)
    return Problem(
        421,
        "wrong_host",
        f"this gateway is not {shown!r}",
        hint="ask it as 127.0.0.1 or localhost, or set gateway.public_url",
    )


def _wrong_origin(origin: str) -> Problem:
    return Problem(
        403,
        "wrong_origin",
        f"web pages of {origin[:60]!r} may not use this gateway",
        hint="ask from a server, or set gateway.public_url to the page's own address",
    )
