"""Each emulated vendor behind a wire that can be broken, and the whole of imageway before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from pydantic import JsonValue

from imageway.client import Imageway
from imageway.core.result import ImageResult
from imageway.emulators.base import Emulator
from imageway.emulators.faults import Spot
from imageway.emulators.serving import find, serve
from imageway.providers.config import Config
from imageway.providers.loading import Source
from imageway.providers.snapshot import provision
from imageway.providers.state import Surroundings
from imageway.server.app import make_app
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from tests.faults.lab import OBJECT, Answer, Json
from tests.proxy import Proxy, proxied

NO_TABLE: Json = {}


@dataclass(frozen=True, slots=True)
class Vendor:
    """How its wire looks: what an order begins with, and the request for a picture's file.

    In the middle of an order's answer is behind so many bytes.
    """

    name: str
    order: bytes
    file: bytes | None = None
    middle: int = 600
    table: Json = field(default_factory=dict[str, JsonValue])

    @property
    def is_paid(self) -> bool:
        """Whether an order costs money."""
        return self.table.get("cost") != "local"


VENDORS: Mapping[str, Vendor] = {
    "openai": Vendor("openai", rb"POST /v1/images/generations "),
    "gemini": Vendor("gemini", rb"POST /v1beta/models/[^ ]+:generateContent "),
    "civitai": Vendor("civitai", rb"POST /v2/consumer/workflows", rb"GET /v2/consumer/blobs/"),
    "qwen": Vendor(
        "qwen", rb"POST /api/generate", rb"GET /api/requests/\w+/image", 350, {"cost": "local"}
    ),
}


@dataclass(slots=True)
class Bench:
    """One vendor, and the demo behind it on the route `default`."""

    vendor: Vendor
    emulator: Emulator
    proxy: Proxy
    way: Imageway
    clock: asyncio.AbstractEventLoop

    @property
    def model(self) -> str:
        """The vendor's own model, and nobody behind it."""
        return f"first/{self.emulator.usual_model}"

    @property
    def orders(self) -> int:
        """How many orders the vendor has heard."""
        return len(self.emulator.heard_at(Spot.WORK))

    @property
    def seconds(self) -> float:
        """What the clock says; it began at nought."""
        return self.clock.time()

    async def draw(self, model: str = "default", previews: int = 0) -> ImageResult:
        """Ask, and wait for the picture; with previews it comes as a stream."""
        return await self.way.generate("a fox", model=model, previews=previews or None)

    async def over_http(self, model: str | None = None) -> Answer:
        """Ask the gateway for a picture of this vendor, however long it takes."""
        listener = Listener(make_app(self.way), Patience(), 64)
        host, port = await listener.open("127.0.0.1", 0)
        url = f"http://{host}:{port}/v1/images/generations"
        order = {"prompt": "a fox", "model": model or self.model}
        patient = aiohttp.ClientTimeout(total=None)
        try:
            async with (
                aiohttp.ClientSession(timeout=patient) as session,
                session.post(url, json=order) as got,
            ):
                text = await got.text()
                return Answer(got.status, got.headers, text, OBJECT.validate_json(text))
        finally:
            await listener.close()


@asynccontextmanager
async def bench(vendor: Vendor, table: Json = NO_TABLE) -> AsyncGenerator[Bench]:
    """Everything up while the block lasts; keys of the table are added to the vendor's."""
    loop = asyncio.get_running_loop()
    emulator = find(vendor.name)(sleep=asyncio.sleep)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(emulator))
        proxy = await stack.enter_async_context(proxied(url))
        source = _source(emulator.settings(proxy.url), {**vendor.table, **table}, vendor.name)
        around = Surroundings(loop.time, asyncio.sleep, lambda: 1.0)
        way = Imageway(provision(source, {"KEY": emulator.key or ""}, around))
        stack.push_async_callback(way.close, 0)
        yield Bench(vendor, emulator, proxy, way, loop)


def _source(settings: Mapping[str, object], table: Json, name: str) -> Source:
    told = {key: value for key, value in settings.items() if value is not None}
    if "api_key" in told:
        told["api_key"] = {"env": "KEY"}
    model = find(name).usual_model
    config = Config.model_validate(
        {
            "providers": {
                "first": {"adapter": name, "network": "private", **told, **table},
                "second": {"adapter": "demo", "cost": "local"},
            },
            "routes": {"default": {"try": [f"first/{model}", "second/demo"]}},
        }
    )
    return Source(config, Path("plugins.toml"))
