"""Who may ask: the host's name, the page's origin, the key."""

from __future__ import annotations

import hmac

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from imageway.qwen.api.state import service_of
from imageway.qwen.codes import Code, Words
from imageway.qwen.settings import Settings
from imageway.qwen.trouble import Refusal, Trouble, shown
from imageway.serving.origin import host_name, is_loopback_name, is_same_origin

# A probe has no key, and the page must be there before it can ask for one.
OPEN_TO_ALL = frozenset({"/", "/api/health", "/api/ready"})
ANY = "*"
TELLABLE = (
    "X-Request-Id, X-Code, X-Seed, X-Num-Steps, X-Cfg-Scale, X-Width, X-Height, X-Model, "
    "X-Queue-Seconds, X-Generate-Seconds, X-Degraded, X-Degrade-Reason, X-Requested-Seed, "
    "X-Requested-Steps, X-Ignored-Fields, X-Warning, Retry-After, Location"
)
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, X-Api-Key",
    "Access-Control-Max-Age": "600",
}


def guard(settings: Settings) -> Middleware:
    """Make the middleware that lets in whom the settings let in."""

    @web.middleware
    async def let_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not _is_ours(hosts[0], settings):
            raise Refusal(_wrong_host(hosts))
        origin = request.headers.get("Origin")
        if origin is not None and not _may_ask(origin, hosts[0], settings):
            raise Refusal(_wrong_origin(origin))
        if request.method == "OPTIONS" and origin is not None:
            return web.Response(status=204, headers=PREFLIGHT)
        if request.path not in OPEN_TO_ALL and not _has_key(request, settings):
            raise Refusal(Trouble(Code.API_KEY))
        return await handler(request)

    return let_in


async def name_origin(request: web.Request, response: web.StreamResponse) -> None:
    """Let a page of an allowed origin read the answer."""
    origin = request.headers.get("Origin")
    if origin is not None and origin in service_of(request).settings.allowed_origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = TELLABLE
        response.headers["Vary"] = "Origin"


def _is_ours(host: str, settings: Settings) -> bool:
    """Names of this machine always; without a list, any name where we listen for others."""
    name = host_name(host)
    if name is None:
        return False
    if is_loopback_name(name) or name in settings.allowed_hosts or ANY in settings.allowed_hosts:
        return True
    return not settings.allowed_hosts and not is_loopback_name(settings.host)


def _may_ask(origin: str, host: str, settings: Settings) -> bool:
    return is_same_origin(origin, host) or origin in settings.allowed_origins


def _has_key(request: web.Request, settings: Settings) -> bool:
    if settings.api_key is None:
        return True
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = token.strip() if scheme.lower() == "bearer" else request.headers.get("X-Api-Key", "")
    # Headers may hold bytes that are no UTF-8.
    wanted = settings.api_key.get_secret_value().encode()
    return hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), wanted)


def _wrong_host(hosts: list[str]) -> Trouble:
    name = shown(", ".join(hosts))
    words = Words(
        f"This service is not called {name!r}; add the name to allowed_hosts",
        f"此服务不叫 {name!r}；请将该名称加入 allowed_hosts",
    )
    return Trouble(Code.ORIGIN, words)


def _wrong_origin(origin: str) -> Trouble:
    name = shown(origin)
    words = Words(
        f"Pages of {name!r} may not use this service; add it to allowed_origins",
        f"来自 {name!r} 的页面不能使用此服务；请将其加入 allowed_origins",
    )
    return Trouble(Code.ORIGIN, words)
