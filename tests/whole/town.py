"""The whole of it: a plugins.toml, gateway and library on it, emulated vendors behind."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from openai import AsyncOpenAI

from imageway.client import Imageway
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.serving import serve
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from imageway.server.app import make_app
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener

PROVIDER = """
[providers.{name}]
adapter = "openai"
base_url = "{url}/v1"
profile = "openai"
network = "private"
api_key = {{ env = "KEY" }}
cost = "{cost}"
"""
ROUTE = """
[routes.default]
try = [{tries}]
"""
KEY = "sk-emulated"


@dataclass(slots=True)
class Town:
    """Vendors a and b, asked in this order, and every way to ask them."""

    vendors: tuple[OpenAIEmulator, ...]
    file: Path
    way: Imageway
    url: str
    sdk: AsyncOpenAI

    @property
    def asked(self) -> list[int]:
        """How many pictures each vendor was asked for."""
        return [len(vendor.heard) for vendor in self.vendors]

    @property
    def charged(self) -> list[int]:
        """How many pictures each vendor was paid for."""
        return [sum(charge.pictures for charge in vendor.charges) for vendor in self.vendors]


@asynccontextmanager
async def town(
    folder: Path, *, vendors: int = 2, cost: str = "paid", retries: int = 0, more: str = ""
) -> AsyncGenerator[Town]:
    """Everything up on loopback; `retries` are those of OpenAI's own SDK, `more` is in the file."""
    async with AsyncExitStack() as stack:
        emulators = tuple(OpenAIEmulator() for _ in range(vendors))
        urls = [await stack.enter_async_context(serve(each)) for each in emulators]
        file = folder / "plugins.toml"
        file.write_text(_config(urls, cost) + more)
        way = Imageway(provision(load(file), {"KEY": KEY}))
        stack.push_async_callback(way.close, 0)
        listener = Listener(make_app(way), Patience(), 64)
        host, port = await listener.open("127.0.0.1", 0)
        stack.push_async_callback(listener.close)
        url = f"http://{host}:{port}"
        sdk = AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=retries)
        await stack.enter_async_context(sdk)
        yield Town(emulators, file, way, url, sdk)


def _config(urls: list[str], cost: str) -> str:
    named = list(zip("ab", urls, strict=False))
    tries = ", ".join(f'"{name}/gpt-image-2"' for name, _ in named)
    providers = [PROVIDER.format(name=name, url=url, cost=cost) for name, url in named]
    return "".join(providers) + ROUTE.format(tries=tries)
