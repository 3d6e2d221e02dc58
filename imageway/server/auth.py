"""Who asks: the bearer token of a request against the keys of plugins.toml."""

from __future__ import annotations

from aiohttp import web

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.config import is_loopback
from imageway.providers.keys import Caller
from imageway.providers.loading import Source
from imageway.server.state import gateway_of
from imageway.serving.problems import Problem, Refused

CALLER = web.RequestKey("caller", Caller)
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="imageway"'}
MISSING = Problem(
    401,
    "invalid_api_key",
    "this gateway asks for a key",
    hint="send the header Authorization: Bearer YOUR_KEY",
    headers=CHALLENGE,
)
WRONG = Problem(
    401,
    "invalid_api_key",
    "this gateway does not know the key that was sent",
    hint="imageway key new NAME makes one",
    headers=CHALLENGE,
)


def caller_of(request: web.Request) -> Caller:
    """The owner of the request's key; raises 401 where keys are set and this is none of them."""
    token, gateway = bearer(request), gateway_of(request)
    caller = gateway.way.snapshot.keys.caller(token)
    if caller is None:
        seconds = gateway.logins.failed(request.remote)
        raise Refused(_too_often(seconds) if seconds else MISSING if token is None else WRONG)
    request[CALLER] = caller
    return caller


def _too_often(seconds: float) -> Problem:
    return Problem(
        429,
        "rate_limit_exceeded",
        "too many wrong keys came from this address",
        type="requests",
        hint="try again in a minute with the right one",
        retry_after=seconds,
    )


def bearer(request: web.Request) -> str | None:
    """The token that was sent, if one was."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def refuse_foreign_model(caller: Caller, model: str) -> None:
    """Raise 403 where the key may not use the model, whether or not there is such a model."""
    if caller.may_use(model):
        return
    allowed = ", ".join(repr(name) for name in caller.allow or ())
    raise Refused(
        Problem(
            403,
            "model_not_allowed",
            f"this key may not use the model {model[:100]!r}",
            hint=f"it may use {allowed}" if allowed else "it may use none",
            param="model",
        )
    )


def refuse_open_house(source: Source, host: str) -> None:
    """Raise when anybody who reaches this address could spend the gateway's money."""
    if is_loopback(host) or source.config.keys:
        return
    raise ImagewayError(
        ErrorCode.MISCONFIGURED,
        f"listening on {host!r} without [keys] would let anybody in",
        hint="add a key to plugins.toml (`imageway key new NAME`), or listen on 127.0.0.1",
    )
