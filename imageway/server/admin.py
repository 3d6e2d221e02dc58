"""What the owner of a running gateway can tell it, over a socket that nobody else can open."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imageway import __version__
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.providers.loading import nearest
from imageway.providers.registry import Provider
from imageway.providers.rehearsing import Beginning
from imageway.providers.reloading.reload import Standing
from imageway.providers.report import ProviderReport, report
from imageway.server.chaos import rehearsals
from imageway.server.state import GATEWAY, Gateway, gateway_of
from imageway.serving.answers import json_answer
from imageway.serving.body import read_body
from imageway.serving.local import NoSocket, served_locally
from imageway.serving.wall import name_answer, wall

log = logging.getLogger("imageway.admin")

LONGEST_ORDER = 1 << 16
Order = TypeVar("Order", bound=BaseModel)


class Status(BaseModel):
    """The process and what is in force in it."""

    model_config = ConfigDict(frozen=True)

    version: str
    pid: int
    seconds: float
    draining: bool
    jobs: int
    configuration: Standing
    providers: tuple[ProviderReport, ...]


class SwitchOff(BaseModel):
    """How long nobody is to ask a provider, and why; without a time until it is switched on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float | None = Field(default=None, gt=0, le=366 * 86400)
    because: str = Field(default="", max_length=200)


async def status(request: web.Request) -> web.Response:
    """How everything stands."""
    gateway = gateway_of(request)
    found = Status(
        version=__version__,
        pid=os.getpid(),
        seconds=time.time() - gateway.started,
        draining=gateway.draining,
        jobs=len(gateway.way.jobs.running),
        configuration=gateway.reloader.standing,
        providers=report(gateway.way.snapshot).providers,
    )
    return json_answer(found.model_dump(mode="json"))


async def reload(request: web.Request) -> web.Response:
    """Take the file into use, with every secret read again; a mistake in it is the answer."""
    return json_answer((await gateway_of(request).reloader.reload()).model_dump(mode="json"))


async def disable(request: web.Request) -> web.Response:
    """Let nobody ask a provider from now on; what runs there finishes."""
    provider = _provider(request)
    order = await _order(request, SwitchOff)
    provider.state.pause.begin(order.seconds, order.because)
    log.warning("%s is disabled: %s", provider.name, provider.disabled)
    return _how_it_is(request, provider)


async def enable(request: web.Request) -> web.Response:
    """Let a provider be asked again."""
    provider = _provider(request)
    provider.state.pause.end()
    log.warning("%s may be asked again", provider.name)
    return _how_it_is(request, provider)


async def show_chaos(request: web.Request) -> web.Response:
    """Who only rehearses, and what."""
    found = rehearsals(gateway_of(request).way.snapshot)
    return json_answer(found.model_dump(mode="json"))


async def begin_chaos(request: web.Request) -> web.Response:
    """Let a provider only seem to fail, for a while."""
    provider = _provider(request)
    order = await _order(request, Beginning)
    provider.state.rehearsal.begin(order.trouble, order.seconds)
    return await show_chaos(request)


async def end_chaos(request: web.Request) -> web.Response:
    """Let a provider be well again, whoever said otherwise."""
    _provider(request).state.rehearsal.end()
    return await show_chaos(request)


# To add an order: one handler that says gateway_of(request), and one line here.
ADMIN_ROUTES = (
    web.get("/status", status),
    web.post("/reload", reload),
    web.post("/providers/{name}/disable", disable),
    web.post("/providers/{name}/enable", enable),
    web.get("/chaos", show_chaos),
    web.post("/chaos/{name}", begin_chaos),
    web.delete("/chaos/{name}", end_chaos),
)


def make_admin(gateway: Gateway) -> web.Application:
    """Make the application behind the socket."""
    app = web.Application(middlewares=[wall])
    app[GATEWAY] = gateway
    app.add_routes(ADMIN_ROUTES)
    app.on_response_prepare.append(name_answer)
    return app


@asynccontextmanager
async def listening_to_its_owner(gateway: Gateway) -> AsyncGenerator[None]:
    """Open the socket while the block lasts; without one the gateway serves all the same."""
    folder = gateway.way.snapshot.source.state
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(served_locally(make_admin(gateway), folder))
        except NoSocket as error:
            log.warning("no commands can be given to this gateway: %s", error)
        yield


def _provider(request: web.Request) -> Provider:
    name, providers = request.match_info["name"], gateway_of(request).way.snapshot.providers
    if name not in providers:
        raise ImagewayError(
            ErrorCode.NOT_FOUND,
            f"there is no provider {name[:100]!r}",
            hint=nearest(name, providers),
            details={"param": "name"},
        )
    return providers[name]


async def _order(request: web.Request, kind: type[Order]) -> Order:
    body = await read_body(request, LONGEST_ORDER)
    try:
        return kind.model_validate_json(body or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or "body"
        words = first["msg"].removeprefix("Value error, ")
        raise invalid(name, f"{name}: {words[:1].lower()}{words[1:]}") from error


def _how_it_is(request: web.Request, provider: Provider) -> web.Response:
    reports = report(gateway_of(request).way.snapshot).providers
    found = next(each for each in reports if each.name == provider.name)
    return json_answer(found.model_dump(mode="json"))
