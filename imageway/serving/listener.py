"""An application on an address, behind connections that do not wait without end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.streams import StreamReader

from imageway.serving.connection import Connection, Patience
from imageway.serving.gate import Gate
from imageway.serving.wall import OPENAI, Voice

SLASHES = re.compile(r"/{2,}")
BACKLOG = 512

Factory = Callable[
    [RawRequestMessage, StreamReader, web.RequestHandler, AbstractStreamWriter, asyncio.Task[None]],
    web.BaseRequest,
]


class Listener:
    """Accepts connections for one application until it is closed."""

    def __init__(
        self, app: web.Application, patience: Patience, connections: int, voice: Voice = OPENAI
    ) -> None:
        # A handler whose client has gone is cancelled; without this it would run to its end.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=5.0)
        self._patience, self._voice = patience, voice
        self.gate = Gate(connections)
        self._socket: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Listen; returns the address, with the port that a 0 became. Raises OSError."""
        await self._runner.setup()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner has no server after its setup")
        server.request_factory = tidy(server.request_factory)
        loop = asyncio.get_running_loop()
        self._socket = await loop.create_server(
            lambda: Connection(server, self.gate, self._patience, self._voice),
            host,
            port,
            backlog=BACKLOG,
        )
        name = self._socket.sockets[0].getsockname()
        return str(name[0]), int(name[1])

    async def close(self) -> None:
        """Stop accepting, let answers that are being written finish, close every connection."""
        if self._socket is not None:
            self._socket.close()
        await self._runner.cleanup()


def tidy(make: Factory) -> Factory:
    """Take `//images/generations` for `/images/generations`: base URLs often end in a slash."""

    def factory(
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        url = message.url
        if "//" in url.raw_path:
            path = SLASHES.sub("/", url.raw_path)
            message = message._replace(url=url.with_path(path, encoded=True, keep_query=True))
        return make(message, payload, protocol, writer, task)

    return factory
