"""The whole of it with Google behind: gateway, library and command line on one plugins.toml."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from openai import AsyncOpenAI

from imageway.client import Imageway
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.serving import serve
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from imageway.server.app import make_app
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener

KEY = "sk-emulated"
TOML = """
[providers.google]
adapter = "gemini"
base_url = "{url}"
network = "private"
api_key = {{ env = "KEY" }}

[routes.default]
try = ["google/gemini-nano-banana-2.1"]
"""


@dataclass(slots=True)
class Google:
    """One vendor, and every way to ask it."""

    vendor: GeminiEmulator
    file: Path
    way: Imageway
    url: str
    sdk: AsyncOpenAI

    @property
    def paid(self) -> int:
        """How many pictures the vendor was paid for."""
        return sum(charge.pictures for charge in self.vendor.charges)


@asynccontextmanager
async def google(folder: Path, vendor: GeminiEmulator) -> AsyncGenerator[Google]:
    """Everything up on loopback."""
    async with AsyncExitStack() as stack:
        root = await stack.enter_async_context(serve(vendor))
        file = folder / "plugins.toml"
        file.write_text(TOML.format(url=root))
        way = Imageway(provision(load(file), {"KEY": KEY}))
        stack.push_async_callback(way.close, 0)
        listener = Listener(make_app(way), Patience(), 64)
        host, port = await listener.open("127.0.0.1", 0)
        stack.push_async_callback(listener.close)
        url = f"http://{host}:{port}"
        sdk = AsyncOpenAI(api_key="any", base_url=f"{url}/v1", max_retries=0)
        await stack.enter_async_context(sdk)
        yield Google(vendor, file, way, url, sdk)
