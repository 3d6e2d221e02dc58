"""A small application behind our connections, and sockets that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web

from imageway.serving.answers import json_answer
from imageway.serving.body import read_body
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from imageway.serving.wall import OPENAI, Voice, name_answer, walled

BLOCK = b"x" * 2**20


@dataclass(slots=True)
class Site:
    """A listener; `held` keeps GET /held waiting, `left` tells that its client went."""

    port: int
    listener: Listener
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        self.writers.append(writer)
        return reader, writer

    async def send(self, data: bytes) -> bytes:
        """Send bytes and read all that comes until the other side closes."""
        reader, writer = await self.connect()
        writer.write(data)
        return await asyncio.wait_for(reader.read(), 5)

    async def close(self) -> None:
        for writer in self.writers:
            writer.close()
        await self.listener.close()
        for writer in self.writers:
            with suppress(ConnectionError):
                await writer.wait_closed()


def get(path: str, *headers: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", "")
    return "\r\n".join(lines).encode()


@asynccontextmanager
async def site(
    patience: Patience,
    connections: int = 100,
    silent: float = 5,
    total: float = 5,
    voice: Voice = OPENAI,
) -> AsyncGenerator[Site]:
    here = Site(0, Listener(web.Application(), patience, 1))

    async def hello(request: web.Request) -> web.StreamResponse:
        return json_answer({"path": request.path, "query": request.query_string})

    async def echo(request: web.Request) -> web.StreamResponse:
        body = await read_body(request, 1000, silent, total)
        return json_answer({"length": len(body)})

    async def hold(request: web.Request) -> web.StreamResponse:
        here.entered.set()
        try:
            await here.held.wait()
        finally:
            here.left.set()
        return json_answer({})

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        here.entered.set()
        try:
            while True:
                await response.write(BLOCK)
        finally:
            here.left.set()

    async def bug(request: web.Request) -> web.StreamResponse:
        raise ValueError("secret detail")

    app = web.Application(middlewares=[walled(voice.envelope)])
    app.on_response_prepare.append(name_answer)
    app.router.add_get("/hello", hello)
    app.router.add_post("/echo", echo)
    app.router.add_get("/held", hold)
    app.router.add_get("/flood", flood)
    app.router.add_get("/bug", bug)
    here.listener = Listener(app, patience, connections, voice)
    _, here.port = await here.listener.open("127.0.0.1", 0)
    try:
        yield here
    finally:
        await here.close()
