"""CivitAI's gallery behind the gateway, on a clock that jumps; the vendor lives on the same one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import JsonValue, TypeAdapter

from imageway.client import Imageway
from imageway.core.powers import ServiceHealth
from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.serving import serve
from imageway.providers.loading import load
from imageway.providers.report import ProviderReport, report
from imageway.providers.snapshot import provision
from imageway.providers.state import Surroundings
from imageway.server.app import make_app
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener

Json = dict[str, JsonValue]
OBJECT = TypeAdapter[Json](Json)
# An hour before it began.
BEGIN = 1_706_832_000.0
LISTS = "/api/v1/images"
CONFIG = """
[providers.civitai]
adapter = "civitai"
base_url = "{url}"
orchestrator_url = "{url}"
network = "private"
api_key = {{ env = "CIVITAI_API_TOKEN" }}
gallery = {{ cache = "10m", stale_for = "24h" }}
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer of the gateway."""

    status: int
    json: Json

    @property
    def stale(self) -> Json | None:
        found = self.json.get("stale")
        return None if found is None else OBJECT.validate_python(found)

    @property
    def error(self) -> Json:
        return OBJECT.validate_python(self.json["error"])


@dataclass(slots=True)
class Observatory:
    """One vendor, one gateway, and a count of what was asked at either."""

    vendor: CivitaiEmulator
    way: Imageway
    session: aiohttp.ClientSession
    asked: int = 0
    _heard_before: int = 0

    async def look(self, query: str = "", path: str = "/v1/gallery/civitai") -> Seen:
        """Ask the gateway."""
        self.asked += 1
        async with self.session.get(f"{path}?{query}" if query else path) as answer:
            return Seen(answer.status, OBJECT.validate_json(await answer.read()))

    async def numbers(self) -> str:
        """What Prometheus reads."""
        async with self.session.get("/metrics") as answer:
            return await answer.text()

    @property
    def asked_upstream(self) -> int:
        """Questions for a list that reached the vendor."""
        return sum(heard.path == LISTS for heard in self.vendor.heard) - self._heard_before

    def begin_to_count(self) -> None:
        """Forget the questions until now."""
        self.asked = 0
        self._heard_before += self.asked_upstream

    @property
    def services(self) -> Sequence[ServiceHealth]:
        """How each of the vendor's services is."""
        health = self.standing.health
        return () if health is None else health.services

    @property
    def standing(self) -> ProviderReport:
        """How the provider stands."""
        return report(self.way.snapshot).providers[0]


@asynccontextmanager
async def observatory(
    folder: Path, vendor: CivitaiEmulator, url: str | None = None
) -> AsyncGenerator[Observatory]:
    """Everything up on loopback, the vendor too unless it is; the state is in the folder."""
    loop = asyncio.get_running_loop()
    around = Surroundings(loop.time, asyncio.sleep, lambda: 1.0, vendor.now)
    async with AsyncExitStack() as stack:
        url = url or await stack.enter_async_context(serve(vendor))
        file = folder / "plugins.toml"
        file.write_text(CONFIG.format(url=url))
        way = Imageway(provision(load(file), {"CIVITAI_API_TOKEN": "sk-emulated"}, around))
        stack.push_async_callback(way.close, 0)
        listener = Listener(make_app(way), Patience(), 64)
        host, port = await listener.open("127.0.0.1", 0)
        stack.push_async_callback(listener.close)
        session = await stack.enter_async_context(aiohttp.ClientSession(f"http://{host}:{port}"))
        yield Observatory(vendor, way, session)


def vendor_of_that_night() -> CivitaiEmulator:
    """A vendor on the loop's own clock."""
    loop = asyncio.get_running_loop()
    return CivitaiEmulator(clock=lambda: BEGIN + loop.time())
