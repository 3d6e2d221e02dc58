"""The whole of imageway over two studios on this machine, with a clock that jumps."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import JsonValue, TypeAdapter

from imageway.client import Imageway, build_request
from imageway.core.events import Event
from imageway.core.result import ImageResult
from imageway.providers.config import Config
from imageway.providers.jobs import Job
from imageway.providers.loading import Source
from imageway.providers.registry import Provider
from imageway.providers.snapshot import provision
from imageway.providers.state import Surroundings
from imageway.server.app import make_app
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from tests.core.samples import dot
from tests.loopback import Loopback, loopback

Json = Mapping[str, JsonValue]
NOTHING: Json = {}
OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])

# What may stand in no answer: our key, the vendor's address, its pages, a trace.
KEY_WORDS = ("sk-CANARY", "127.0.0.1", "studio.invalid", "<html", "Traceback")
NOBODY = "http://127.0.0.1:1"
BLACK_HOLE = "http://127.0.0.1:9"
NO_NAME = "http://studio.invalid"
PICTURE = dot().base64


def items(*each: Json | None) -> bytes:
    """An answer with pictures; None is one that was made."""
    made = [{"b64": PICTURE} if item is None else dict(item) for item in each]
    return json.dumps({"items": made}).encode()


def draws(site: Loopback, count: int = 1) -> None:
    """Script an answer with everything that was asked for."""
    site.answers(body=items(*[None] * count))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said."""

    status: int
    headers: Mapping[str, str]
    text: str
    json: Json

    @property
    def error(self) -> Json:
        """The error in it."""
        return OBJECT.validate_python(self.json["error"])


@dataclass(slots=True)
class Lab:
    """Two studios: a route asks the first and then the second; or one alone is asked."""

    first: Loopback
    second: Loopback
    way: Imageway
    clock: asyncio.AbstractEventLoop

    async def draw(self, count: int = 1, model: str = "default") -> ImageResult:
        """Ask, and wait for everything."""
        return await self.way.generate("a fox", model=model, count=count)

    async def alone(self, count: int = 1) -> ImageResult:
        """Ask the first and nobody else."""
        return await self.draw(count, "first/one")

    async def begin(self) -> Job:
        """Ask the first, and wait for nothing."""
        return self.way.start(await build_request("a fox", model="first/one"))

    async def events(self, count: int = 1, model: str = "first/one") -> list[Event]:
        """Everything that a reader hears."""
        async with self.way.stream("a fox", model=model, count=count) as heard:
            return [event async for event in heard]

    def provider(self, name: str = "first") -> Provider:
        """One of the two."""
        return self.way.snapshot.providers[name]

    @property
    def seconds(self) -> float:
        """What the clock says; it began at nought."""
        return self.clock.time()

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def over_http(self, model: str = "first/one", count: int = 1) -> Answer:
        """Ask the gateway, as OpenAI's clients do."""
        listener = Listener(make_app(self.way), Patience(), 64)
        host, port = await listener.open("127.0.0.1", 0)
        url = f"http://{host}:{port}/v1/images/generations"
        order = {"prompt": "a fox", "model": model, "n": count}
        try:
            async with aiohttp.ClientSession() as session, session.post(url, json=order) as got:
                text = await got.text()
                return Answer(got.status, got.headers, text, OBJECT.validate_json(text))
        finally:
            await listener.close()


@asynccontextmanager
async def lab(
    address: str | None = None,
    first: Json = NOTHING,
    second: Json = NOTHING,
) -> AsyncGenerator[Lab]:
    """Open both; an address takes the first's place, and the tables are added to theirs."""
    _without_a_network()
    async with AsyncExitStack() as stack:
        one, two = [await stack.enter_async_context(loopback()) for _ in range(2)]
        draws(two)
        source = _source({"base_url": address or one.url, **first}, {"base_url": two.url, **second})
        loop = asyncio.get_running_loop()
        around = Surroundings(loop.time, asyncio.sleep, lambda: 1.0)
        way = Imageway(provision(source, {}, around))
        stack.push_async_callback(way.close, 0)
        yield Lab(one, two, way, loop)


def _source(first: Json, second: Json) -> Source:
    usual: Json = {"adapter": "tests.faults.studio:Studio", "network": "private"}
    config = Config.model_validate(
        {
            "providers": {"first": {**usual, **first}, "second": {**usual, **second}},
            "routes": {"default": {"try": ["first/one", "second/two"]}},
        }
    )
    return Source(config, Path("plugins.toml"))


def _without_a_network() -> None:
    """No name leads anywhere, and one port of this machine swallows whoever connects."""
    loop = asyncio.get_running_loop()
    connect, hole = loop.sock_connect, int(BLACK_HOLE.rpartition(":")[2])

    async def sock_connect(sock: socket.socket, address: tuple[str, int]) -> None:
        if address[1] == hole:
            await asyncio.Event().wait()
        await connect(sock, address)

    async def getaddrinfo(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    loop.sock_connect = sock_connect  # type: ignore[method-assign, assignment]  # of this loop only
    loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign, assignment]  # of this loop only
