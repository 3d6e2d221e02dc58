"""What it costs to read four answers of Google's with pictures of 2 MiB: ours, naively, barely.

Each way reads the same bytes in the same chunks, round by round in turn. The naive way is `json`
and `b64decode` of the whole; the bare way puts the chunks together and looks at none. The second
table is the same over loopback, from a server in a process of its own, with all that HTTP costs.

    python bench/gemini_reading.py
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from imageway.adapters.gemini import GeminiAdapter, GeminiConfig
from imageway.adapters.gemini.documents import Documents
from imageway.adapters.gemini.errors import Explainer
from imageway.adapters.gemini.reading import Reader
from imageway.adapters.gemini.wire import Said
from imageway.core import document
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.request import ImageRequest
from imageway.core.run import Ledger, Run

ANSWERS, PICTURE, CHUNK, ROUNDS = 4, 2 << 20, 1 << 16, 15
MODEL = "gemini-nano-banana-2.1"
MILLION = 1_000_000

Way = Callable[[list[bytes]], None]
Asking = Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class Figures:
    """Seconds of CPU and of the clock, one of each a round."""

    cpu: list[float] = field(default_factory=list[float])
    wall: list[float] = field(default_factory=list[float])

    @contextmanager
    def measured(self) -> Generator[None]:
        """Measure the block."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)


def main() -> None:
    """Print both tables."""
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(serve())
        return
    body = answer()
    print(f"Python {sys.version.split()[0]}, {ANSWERS} answers of {len(body) / MILLION:.1f} MB")
    print(f"{ROUNDS} rounds, the middle of each\n")
    show("in memory", len(body), in_memory(body))
    with server() as url:
        show("over loopback", len(body), asyncio.run(over_loopback(url)))


def answer() -> bytes:
    """An answer as Google prints it, with a picture of random bytes between head and end."""
    noise = random.Random(7).randbytes(PICTURE)
    picture = b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in (
            (b"IHDR", b"\0\0\x04\0\0\0\x04\0\x08\2\0\0\0"),
            (b"IDAT", noise),
            (b"IEND", b""),
        )
    )
    blob = {"mimeType": "image/png", "data": base64.b64encode(picture).decode()}
    content = {"role": "model", "parts": [{"inlineData": blob}]}
    usage = {"promptTokenCount": 12, "candidatesTokenCount": 1120, "totalTokenCount": 1132}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    said = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": MODEL}
    return json.dumps(said, indent=2).encode()


def event(body: bytes) -> bytes:
    """The same as an event of a stream."""
    return b"data: " + json.dumps(json.loads(body)).encode() + b"\r\n\r\n"


def in_memory(body: bytes) -> dict[str, Figures]:
    """Read chunks that are already here."""
    plain, stream = chunks(body), chunks(event(body))
    ways: dict[str, tuple[Way, list[bytes]]] = {
        "bare": (lambda pieces: consume(b"".join(pieces)), plain),
        "naive": (naive, plain),
        "ours, one piece": (ours_whole, plain),
        "ours, a stream": (ours_streamed, stream),
    }
    found = {name: Figures() for name in ways}
    for _ in range(ROUNDS):
        for name, (way, pieces) in ways.items():
            with found[name].measured():
                for _ in range(ANSWERS):
                    way(pieces)
    return found


def chunks(body: bytes) -> list[bytes]:
    """The bytes as a network brings them."""
    return [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)]


def consume(body: bytes) -> int:
    """Look at nothing."""
    return len(body)


def naive(pieces: list[bytes]) -> None:
    """What most clients do."""
    said = json.loads(b"".join(pieces))
    part = said["candidates"][0]["content"]["parts"][0]
    consume(base64.b64decode(part["inlineData"]["data"]))


def reader() -> Reader:
    """A reader for one picture, whose events go nowhere."""
    run = Run(Ledger(lambda event: None, 1), (0,))
    run.call.charged = "maybe"
    return Reader(run=run, explainer=Explainer("google", MODEL), last_is_final=False)


def ours_whole(pieces: list[bytes]) -> None:
    """What the adapter does with a plain answer."""
    mine = reader()
    mine.take(document.read(Said, b"".join(pieces)))
    mine.end()


def ours_streamed(pieces: list[bytes]) -> None:
    """What the adapter does with a stream."""
    mine, documents = reader(), Documents()
    for piece in pieces:
        for each in documents.feed(piece):
            mine.take(document.read(Said, each))
    mine.end()


async def over_loopback(url: str) -> dict[str, Figures]:
    """Ask a server for the answers, one after the other."""
    # As ours does: a call that costs money goes over a connection of its own.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session, Http(private=True) as http:

        async def bare(url: str) -> None:
            async with session.post(url) as response:
                consume(await response.read())

        async def naively(url: str) -> None:
            async with session.post(url) as response:
                naive([await response.read()])

        adapter = GeminiAdapter(GeminiConfig(base_url=url), http, Memo())
        asking: dict[str, Asking] = {
            "bare": bare,
            "naive": naively,
            "ours, one piece": lambda _: ask(adapter, previews=0),
            "ours, a stream": lambda _: ask(adapter, previews=1),
        }
        found = {name: Figures() for name in asking}
        for _ in range(ROUNDS):
            for name, way in asking.items():
                with found[name].measured():
                    for _ in range(ANSWERS):
                        await way(f"{url}/v1beta/models/{MODEL}:generateContent")
        return found


async def ask(adapter: GeminiAdapter, previews: int) -> None:
    """Ask the adapter for one picture."""
    run = Run(Ledger(lambda event: None, 1), (0,))
    await adapter.generate(ImageRequest(prompt="p", model=MODEL, previews=previews), run)
    if not run.ledger.pictures:
        raise SystemExit("no picture came")


@contextmanager
def server() -> Generator[str]:
    """The server, in a process of its own."""
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise SystemExit("the server tells no address")
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def serve() -> None:
    """Answer every request with the same picture, as an event where a stream is asked for."""
    body = answer()
    kinds = {False: ("application/json", body), True: ("text/event-stream", event(body))}

    async def serve_one(coming: asyncio.StreamReader, going: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind, said = kinds[await asks_for_stream(coming)]
                going.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n".encode())
                going.write(f"Content-Length: {len(said)}\r\n\r\n".encode() + said)
                await going.drain()
        going.close()

    started = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{started.sockets[0].getsockname()[1]}", flush=True)
    async with started:
        await started.serve_forever()


async def asks_for_stream(coming: asyncio.StreamReader) -> bool:
    """Read one request, and say what it asks for."""
    head = (await coming.readuntil(b"\r\n\r\n")).decode().lower()
    line, *headers = head.split("\r\n")
    lengths = [each.split(":")[1] for each in headers if each.startswith("content-length")]
    await coming.readexactly(int(lengths[0]) if lengths else 0)
    return "streamgeneratecontent" in line


def show(what: str, size: int, found: dict[str, Figures]) -> None:
    """Print one table; the ratios are of rounds that ran side by side."""
    print(f"{what:18} {'CPU ms':>8} {'MB/s':>8} {'naive / it':>11} {'above bare':>11}")
    for name, figures in found.items():
        cpu = statistics.median(figures.cpu)
        speed = ANSWERS * size / MILLION / statistics.median(figures.wall)
        against = ratio(found["naive"].cpu, figures.cpu)
        last = "" if name == "bare" else f"{above(found, figures):10.1f}x"
        print(f"  {name:16} {cpu * 1e3:8.1f} {speed:8.0f} {against:10.1f}x {last:>11}")
    print()


def above(found: dict[str, Figures], figures: Figures) -> float:
    """The same ratio for what is done beyond the bare reading."""
    return ratio(over(found["naive"], found["bare"]), over(figures, found["bare"]))


def over(figures: Figures, floor: Figures) -> list[float]:
    """What each round took more than the bare one beside it."""
    return [mine - bare for mine, bare in zip(figures.cpu, floor.cpu, strict=True)]


def ratio(one: list[float], other: list[float]) -> float:
    """The middle of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True) if b > 0)


if __name__ == "__main__":
    main()
