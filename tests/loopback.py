"""A vendor on this machine that says exactly the bytes it is told to, and counts what it hears."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

Ending = Literal["keep", "close", "reset", "stall"]


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What is written, and what becomes of the connection then."""

    pieces: Sequence[bytes]
    ending: Ending
    pause: float = 0.0

    async def write(self, writer: asyncio.StreamWriter) -> None:
        """Write it piece by piece."""
        for piece in self.pieces:
            writer.write(piece)
            await writer.drain()
            if self.pause:
                await asyncio.sleep(self.pause)


class Loopback:
    """Answers in order, and the last answer for ever; `slams` connections are reset unread."""

    def __init__(self) -> None:
        self.url = ""
        self.heard: list[Heard] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.reads_bodies = True
        self.slams = 0
        self._script: list[Said] = []
        self._serving: set[asyncio.Task[None]] = set()

    def says(self, data: bytes, ending: Ending = "close") -> None:
        """Script raw bytes."""
        self.drips([data], 0.0, ending)

    def drips(self, pieces: Sequence[bytes], pause: float, ending: Ending = "stall") -> None:
        """Script raw bytes in pieces, and the seconds after each."""
        self._script.append(Said(pieces, ending, pause))

    def skip(self) -> None:
        """Go on to the next answer of the script."""
        del self._script[0]

    async def deserted(self) -> None:
        """Return when nobody is connected any more; fails when somebody stays."""
        async with asyncio.timeout(2):
            while self._serving:
                await asyncio.wait(self._serving)

    def answers(
        self,
        status: int = 200,
        body: bytes = b"{}",
        kind: str = "application/json",
        ending: Ending = "keep",
        **headers: str,
    ) -> None:
        """Script a whole answer; an underscore in a header's name is a hyphen."""
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Type: {kind}"]
        lines += [f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.says("\r\n".join([*lines, "", ""]).encode() + body, ending)

    async def close(self) -> None:
        """Leave whoever is still there."""
        for task in self._serving:
            task.cancel()
        await self.deserted()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep one connection."""
        self.connections += 1
        if task := asyncio.current_task():
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        try:
            if self.slams:
                self.slams -= 1
                _slam(writer)
                return
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # cancelled by the end of the test, after which Python 3.11 would complain
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.heard.append(await _read(reader, self.reads_bodies))
        self.asked.set()
        said = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        await said.write(writer)
        if said.ending == "reset":
            writer.transport.abort()
            return False
        if said.ending == "stall":
            await reader.read()
        return said.ending == "keep"


def _slam(writer: asyncio.StreamWriter) -> None:
    """Reset the connection at once, whatever was sent on it."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader, is_whole: bool) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    size = int(headers.get("content-length", "0")) if is_whole else 0
    body = await reader.readexactly(size)
    return Heard(method, path, headers, body)


@asynccontextmanager
async def loopback(secure: ssl.SSLContext | None = None) -> AsyncGenerator[Loopback]:
    """Serve on a free port while the block lasts."""
    site = Loopback()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=secure)
    scheme = "http" if secure is None else "https"
    site.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield site
        await site.close()
