"""A vendor on this machine that pushes exactly the frames it is told to, and hears what is said."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(kind: int, data: bytes = b"", *, flags: int = 0x80) -> bytes:
    """A frame as RFC 6455 draws it; the flag 0x80 says that its message ends with it."""
    if len(data) < 126:
        return bytes((flags | kind, len(data))) + data
    if len(data) < 1 << 16:
        return struct.pack("!BBH", flags | kind, 126, len(data)) + data
    return struct.pack("!BBQ", flags | kind, 127, len(data)) + data


def farewell(code: int, why: str = "") -> bytes:
    """A frame that closes."""
    return frame(CLOSE, struct.pack("!H", code) + why.encode())


class Talker:
    """Greets everybody with the same script, then listens."""

    def __init__(self) -> None:
        self.url = ""
        self.head = b""
        self.said: list[tuple[int, bytes]] = []
        self.pieces: Sequence[bytes] = ()
        self.pause = 0.0
        self.hangs_up = False
        self.answers_pings = False
        self._serving: set[asyncio.Task[None]] = set()

    def pushes(self, *pieces: bytes, pause: float = 0.0, hangs_up: bool = False) -> None:
        """Script raw bytes for after the handshake."""
        self.pieces, self.pause, self.hangs_up = pieces, pause, hangs_up

    async def deserted(self) -> None:
        """Return when nobody is connected any more; fails when somebody stays."""
        async with asyncio.timeout(2):
            while self._serving:
                await asyncio.wait(self._serving)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep one connection."""
        if task := asyncio.current_task():
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        listening = None
        try:
            self.head = await reader.readuntil(b"\r\n\r\n")
            writer.write(_accepting(self.head))
            listening = asyncio.create_task(self._listen(reader, writer))
            for piece in self.pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(self.pause)
            if not self.hangs_up:
                await listening
        except ConnectionError:
            pass
        finally:
            if listening is not None:
                listening.cancel()
                await asyncio.wait((listening,))
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                kind, data = await _heard(reader)
                self.said.append((kind, data))
                if kind == PING and self.answers_pings:
                    writer.write(frame(PONG, data))
                if kind == CLOSE:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass


def _accepting(head: bytes) -> bytes:
    lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
    key = base64.b64encode(hashlib.sha1(lines[b"Sec-WebSocket-Key"] + MAGIC).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + key + b"\r\n\r\n"
    )


async def _heard(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, length = await reader.readexactly(2)
    if length & 0x7F == 126:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
    else:
        size = length & 0x7F
    mask = await reader.readexactly(4)
    data = await reader.readexactly(size)
    return first & 0x0F, bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))


@asynccontextmanager
async def talker() -> AsyncGenerator[Talker]:
    """Serve on a free port while the block lasts."""
    site = Talker()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"
    async with server:
        yield site
