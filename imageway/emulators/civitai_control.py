"""What only the emulator's owner can do: sell early access, move the clock, break things."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from imageway.emulators.civitai_outages import Trouble
from imageway.emulators.control import ROOT

if TYPE_CHECKING:
    from imageway.emulators.civitai import CivitaiEmulator


class Purchase(BaseModel):
    """Somebody buys on the website; without `bust` the edge keeps what it has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    what: Literal["download", "generation"] = "generation"
    user: int | None = None
    bust: bool = False
    seen_after: float = 0.0


class Advance(BaseModel):
    """So many seconds pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float


def add_shop(app: web.Application, emulator: CivitaiEmulator) -> None:
    """Put these pages beside the control page."""

    async def buy(request: web.Request) -> web.Response:
        try:
            purchase = Purchase.model_validate_json(await request.read())
            emulator.sell(purchase)
        except (ValidationError, LookupError) as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response({"wallets": {**emulator.user.wallets}})

    async def advance(request: web.Request) -> web.Response:
        try:
            emulator.ahead += Advance.model_validate_json(await request.read()).seconds
        except ValidationError as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response({"now": emulator.now()})

    async def switch(request: web.Request) -> web.Response:
        wanted: dict[str, JsonValue] = await request.json()
        try:
            emulator.facts = replace(emulator.facts, **wanted)  # type: ignore[arg-type]  # unknown names raise TypeError
        except TypeError as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response({"facts": str(emulator.facts)})

    app.router.add_post(f"{ROOT}/buy", buy)
    app.router.add_post(f"{ROOT}/advance", advance)
    app.router.add_post(f"{ROOT}/facts", switch)


def add_troubles(app: web.Application, emulator: CivitaiEmulator) -> None:
    """Put the page beside them by which a list is broken, and mended."""

    async def break_down(request: web.Request) -> web.Response:
        try:
            trouble = Trouble.model_validate_json(await request.read())
            outages = emulator.gallery.models if trouble.models else emulator.gallery.outages
            outages.now = trouble.outage
            if trouble.replay is not None:
                outages.replay(trouble.replay)
        except (ValidationError, LookupError) as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response({"outage": outages.current})

    app.router.add_post(f"{ROOT}/outage", break_down)
