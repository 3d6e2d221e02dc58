"""CivitAI behind everything: a plugins.toml, the library, the gateway and the command line."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import JsonValue, TypeAdapter

from imageway.client import Imageway
from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.serving import serve
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from imageway.server.app import make_app
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from tests.emulators.civitai_lab import emulator

Json = dict[str, JsonValue]
OBJECT = TypeAdapter[Json](Json)
KEY = "sk-emulated"
CONFIG = """
[features]
early_access = {feature}

[providers.civitai]
adapter = "civitai"
base_url = "{url}"
orchestrator_url = "{url}"
network = "private"
api_key = {{ env = "CIVITAI_API_TOKEN" }}
retry = {{ attempts = 1 }}

[routes.harbour]
try = ["civitai/urn:air:sdxl:checkpoint:civitai:555001@777002"]

[routes.default]
try = ["civitai/128078"]
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a program said, and how it ended."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class Harbour:
    """One vendor, and every way to ask it."""

    vendor: CivitaiEmulator
    folder: Path
    way: Imageway
    session: aiohttp.ClientSession
    url: str

    async def get(self, path: str) -> tuple[int, Json]:
        """Read from the gateway."""
        async with self.session.get(path) as response:
            return response.status, OBJECT.validate_json(await response.read())

    async def draw(self, **fields: JsonValue) -> tuple[int, str]:
        """Ask the gateway for pictures."""
        body: Json = {"prompt": "a lighthouse", "model": "harbour", **fields}
        async with self.session.post("/v1/images/generations", json=body) as response:
            return response.status, await response.text()

    async def run(self, *arguments: str) -> Said:
        """Run the command line as a person does."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "imageway",
            *arguments,
            cwd=self.folder,
            env={**os.environ, "CIVITAI_API_TOKEN": KEY},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Said(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def harbour(folder: Path, feature: str = "true") -> AsyncGenerator[Harbour]:
    """Everything up on loopback."""
    async with AsyncExitStack() as stack:
        vendor = emulator()
        url = await stack.enter_async_context(serve(vendor))
        file = folder / "plugins.toml"
        file.write_text(CONFIG.format(url=url, feature=feature))
        way = Imageway(provision(load(file), {"CIVITAI_API_TOKEN": KEY}))
        stack.push_async_callback(way.close, 0)
        listener = Listener(make_app(way), Patience(), 64)
        host, port = await listener.open("127.0.0.1", 0)
        stack.push_async_callback(listener.close)
        gateway = f"http://{host}:{port}"
        session = await stack.enter_async_context(aiohttp.ClientSession(gateway))
        yield Harbour(vendor, folder, way, session, gateway)
