"""A wire that goes wrong: a proxy on this machine that delays, slices, drips, cuts and resets."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from imageway.core.limits import stop

Way = Literal["up", "down"]
Ending = Literal["close", "reset", "silence"]

CHUNK = 1 << 16
# A drip is written so often in a second, or byte by byte if it is slower than that.
PIECES_A_SECOND = 20
RESET_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Toxic:
    """What happens to one direction; `passes` are the bytes of one message before the ending.

    Seconds: `latency` and up to `jitter` more before each message, `pause` after each slice, and
    `slow_close` before the end of the connection is passed on. The rate is in bytes a second,
    and spares the first so many bytes of a message, which may be its head.
    """

    latency: float = 0.0
    jitter: float = 0.0
    rate: float | None = None
    spares: int = 0
    slice: int = CHUNK
    pause: float | None = None
    passes: int | None = None
    ending: Ending = "close"
    slow_close: float = 0.0

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """The data as it is written, bit by bit."""
        step = self.slice
        if self.rate is not None:
            step = max(1, min(step, int(self.rate / PIECES_A_SECOND)))
        for start in range(0, len(data), step):
            yield data[start : start + step]

    async def rest(self, size: int) -> None:
        """Wait after so many bytes."""
        if self.rate is not None:
            await asyncio.sleep(size / self.rate)
        elif self.pause is not None:
            await asyncio.sleep(self.pause)


CLEAN = Toxic()


@dataclass(frozen=True, slots=True)
class Poison:
    """What happens to the exchanges whose request begins so."""

    head: re.Pattern[bytes]
    up: Toxic
    down: Toxic
    dies_at_reuse: bool


HEALTHY = Poison(re.compile(b""), CLEAN, CLEAN, dies_at_reuse=False)


class Proxy:
    """Stands before one port of this machine; what it is told holds at once, for everybody."""

    def __init__(self, target: int, holder: socket.socket) -> None:
        self.target = target
        self.connections = 0
        self.bytes: Counter[Way] = Counter()
        self.chance = Random(0)
        self._holder = holder
        self._server: asyncio.Server | None = None
        self._poisons: list[Poison] = []
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where it listens, and where nobody does while it refuses."""
        return int(self._holder.getsockname()[1])

    @property
    def url(self) -> str:
        """The same as a root URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def open(self) -> int:
        """How many are connected now."""
        return len(self._serving)

    def poison(
        self,
        head: bytes = b"",
        *,
        up: Toxic = CLEAN,
        down: Toxic = CLEAN,
        dies_at_reuse: bool = False,
    ) -> None:
        """Let requests go wrong that this pattern fits; what is said last counts first."""
        self._poisons.insert(0, Poison(re.compile(head), up, down, dies_at_reuse))

    def heal(self) -> None:
        """Let everything pass again."""
        self._poisons.clear()

    def poison_of(self, head: bytes) -> Poison:
        """What happens to a request that begins so."""
        fits = (poison for poison in self._poisons if poison.head.match(head))
        return next(fits, HEALTHY)

    async def listen(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, reuse_port=True
        )

    def refuse(self) -> None:
        """Take no more connections; the port stays ours."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def deserted(self) -> None:
        """Return when nobody is connected any more; fails when somebody stays."""
        async with asyncio.timeout(5):
            while self._serving:
                await asyncio.wait(self._serving)

    async def close(self) -> None:
        """Hang up on everybody."""
        self.refuse()
        for task in tuple(self._serving):
            await stop(task)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        serving = asyncio.create_task(Connection(self, reader, writer).serve())
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)


def _nowhere_yet() -> asyncio.Future[asyncio.StreamReader]:
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True, eq=False)
class Connection:
    """One client, and the connection that is made for it with its first byte."""

    proxy: Proxy
    client: asyncio.StreamReader
    back: asyncio.StreamWriter
    forth: asyncio.StreamWriter | None = None
    head: bytes = b""
    way: Way = "down"
    passed: int = 0
    messages: int = 0
    reached: asyncio.Future[asyncio.StreamReader] = field(default_factory=_nowhere_yet)

    @property
    def poison(self) -> Poison:
        """What happens to it now."""
        return self.proxy.poison_of(self.head)

    async def serve(self) -> None:
        """Pass on what comes from either side, until one of them ends it or a toxic does."""
        sides = [asyncio.create_task(side()) for side in (self._up, self._down)]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
            await self._hang_up()
        finally:
            for side in sides:
                await stop(side)
            for writer in self._writers:
                writer.transport.abort()

    @property
    def _writers(self) -> tuple[asyncio.StreamWriter, ...]:
        return tuple(filter(None, (self.back, self.forth)))

    async def _hang_up(self) -> None:
        """Let what was written arrive."""
        for writer in self._writers:
            writer.close()
        for writer in self._writers:
            with suppress(OSError):
                await writer.wait_closed()

    async def _up(self) -> None:
        while data := await self.client.read(CHUNK):
            if self.way != "up":
                self._begin("up")
                self.head = data
                if self.poison.dies_at_reuse and self.messages > 1:
                    return
                await self._late(self.poison.up)
            if not await self._passes("up", self.poison.up, data):
                return
        await asyncio.sleep(self.poison.up.slow_close)

    async def _down(self) -> None:
        vendor = await self.reached
        while data := await vendor.read(CHUNK):
            if self.way != "down":
                self._begin("down")
                await self._late(self.poison.down)
            if not await self._passes("down", self.poison.down, data):
                return
        await asyncio.sleep(self.poison.down.slow_close)

    def _begin(self, way: Way) -> None:
        """Somebody speaks who has listened until now."""
        self.way, self.passed = way, 0
        self.messages += way == "up"

    async def _late(self, toxic: Toxic) -> None:
        await asyncio.sleep(toxic.latency + toxic.jitter * self.proxy.chance.random())

    async def _passes(self, way: Way, toxic: Toxic, data: bytes) -> bool:
        """Pass on what may; False when that was the end."""
        left = None if toxic.passes is None else max(0, toxic.passes - self.passed)
        spared = max(0, toxic.spares - self.passed)
        self.passed += len(data)
        if left is not None and len(data) >= left:
            await self._write(way, toxic, data[:left], spared)
            await self._end(way, toxic.ending)
            return False
        await self._write(way, toxic, data, spared)
        return True

    async def _write(self, way: Way, toxic: Toxic, data: bytes, spared: int) -> None:
        if not data:
            return
        writer = self.back if way == "down" else await self._vendor()
        writer.write(data[:spared])
        for piece in toxic.pieces(data[spared:]):
            writer.write(piece)
            await writer.drain()
            await toxic.rest(len(piece))
        self.proxy.bytes[way] += len(data)

    async def _vendor(self) -> asyncio.StreamWriter:
        """The way to the vendor; it is made when there is something to say."""
        if self.forth is None:
            target = self.proxy.target
            vendor, self.forth = await asyncio.open_connection("127.0.0.1", target)
            self.reached.set_result(vendor)
        return self.forth

    async def _end(self, way: Way, ending: Ending) -> None:
        if ending == "reset":
            sock = self.back.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
            self.back.transport.abort()
        if ending == "silence" and way == "up":
            while await self.client.read(CHUNK):
                pass
        elif ending == "silence":
            await asyncio.Event().wait()


@asynccontextmanager
async def proxied(url: str) -> AsyncGenerator[Proxy]:
    """Stand before a server on this machine while the block lasts; nobody stays connected."""
    with socket.socket() as holder:
        # Bound and never listening: nobody else gets the port while the proxy refuses.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        proxy = Proxy(int(url.rpartition(":")[2]), holder)
        await proxy.listen()
        try:
            yield proxy
        finally:
            await proxy.close()
