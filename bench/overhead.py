"""What the gateway costs above a bare aiohttp pass-through, in one interleaved run.

Two things stand between a client and the same vendor, each in a process of its own: the gateway
with the OpenAI adapter, and a proxy of twenty lines that hands the answer through. CPU is what the
operating system counted for that process; latency is what the client saw.

    python bench/overhead.py             the figures
    python bench/overhead.py --profile   and where the gateway's time goes
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import pstats
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import aiohttp
import orjson
from aiohttp import web
from PIL import Image

ROUTE = "/v1/images/generations"
CONFIG = """
[providers.{name}]
adapter = "openai"
base_url = "{upstream}/v1"
network = "private"
split = {split}
concurrency = {{ at_once = 64, queue = 1000 }}
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of answer, and how often it is asked for in each round."""

    name: str
    size: int
    pictures: int
    requests: int
    model: str = "split/gpt-image-2"


CASES = (
    Case("1 KiB", 1 << 10, 1, 200),
    Case("256 KiB", 256 << 10, 1, 60),
    Case("4 × 2 MiB, one call", 2 << 20, 4, 8, "whole/gpt-image-2"),
    Case("4 × 2 MiB, four calls", 2 << 20, 4, 8),
)


@dataclass(slots=True)
class Figures:
    """Of one door, over all rounds: CPU seconds a request, and every latency."""

    cpu: list[float] = field(default_factory=list[float])
    seconds: list[float] = field(default_factory=list[float])


def picture(size: int) -> bytes:
    """A PNG of noise with about so many bytes."""
    edge = max(1, round((size / 3) ** 0.5))
    file = BytesIO()
    noise = random.Random(7).randbytes(edge * edge * 3)
    Image.frombytes("RGB", (edge, edge), noise).save(file, "png", compress_level=0)
    return file.getvalue()


async def upstream(request: web.Request) -> web.Response:
    """The vendor: ready answers, chosen by the size that stands in the prompt."""
    asked = orjson.loads(await request.read())
    body = request.app[ANSWERS][int(asked["prompt"]), asked.get("n", 1)]
    return web.Response(body=body, content_type="application/json")


async def pass_through(request: web.Request) -> web.Response:
    """The least that anybody could do."""
    body = await request.read()
    headers = {"Content-Type": "application/json"}
    url = request.app[UPSTREAM] + ROUTE
    async with request.app[SESSION].post(url, data=body, headers=headers) as answer:
        return web.Response(body=await answer.read(), content_type="application/json")


ANSWERS = web.AppKey("answers", dict[tuple[int, int], bytes])
UPSTREAM = web.AppKey("upstream", str)
SESSION = web.AppKey("session", aiohttp.ClientSession)


def serve_upstream() -> web.Application:
    """An application with every answer made beforehand."""
    app = web.Application(client_max_size=64 << 20)
    answers: dict[tuple[int, int], bytes] = {}
    for size in {case.size for case in CASES}:
        item = {"b64_json": base64.b64encode(picture(size)).decode()}
        for count in (1, 4):
            answers[size, count] = orjson.dumps({"created": 1, "data": [item] * count})
    app[ANSWERS] = answers
    app.router.add_post(ROUTE, upstream)
    return app


def serve_pass_through(target: str) -> web.Application:
    """An application with one session."""
    app = web.Application(client_max_size=64 << 20)
    app[UPSTREAM] = target
    app.router.add_post(ROUTE, pass_through)

    async def session(app: web.Application):
        app[SESSION] = aiohttp.ClientSession()
        yield
        await app[SESSION].close()

    app.cleanup_ctx.append(session)
    return app


async def play(role: str, target: str) -> None:
    """Serve one of the two until the parent ends."""
    app = serve_upstream() if role == "upstream" else serve_pass_through(target)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"ready at http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


@contextmanager
def started(*command: str) -> Generator[tuple[str, int]]:
    """A process that prints its address first; gives the address and the process id."""
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1], process.pid
        finally:
            process.terminate()


def cpu_of(process: int) -> float:
    """Seconds of CPU that the threads of a process have used, by the scheduler's own count."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


async def measure(
    session: aiohttp.ClientSession, url: str, process: int, case: Case, into: Figures
) -> None:
    """Ask one after the other, so that latency is the door's own."""
    body = {"model": case.model, "prompt": str(case.size), "n": case.pictures}
    before = cpu_of(process)
    for _ in range(case.requests):
        began = time.perf_counter()
        async with session.post(url + ROUTE, json=body) as answer:
            await answer.read()
            assert answer.status == 200, await answer.text()
        into.seconds.append(time.perf_counter() - began)
    into.cpu.append((cpu_of(process) - before) / case.requests)


async def compare(rounds: int, doors: dict[str, tuple[str, int]]) -> None:
    """Let both do the same in turn, and print what the one costs above the other."""
    async with aiohttp.ClientSession() as session:
        for case in CASES:
            figures = {name: Figures() for name in doors}
            for turn in range(rounds + 1):
                for name, (url, process) in doors.items():
                    found = figures[name] if turn else Figures()
                    await measure(session, url, process, case, found)
            show(case, figures["bare"], figures["gateway"])


def show(case: Case, bare: Figures, gateway: Figures) -> None:
    """One row: CPU, its ratio, the median latency of each, and what was added."""
    ratios = [mine / theirs for mine, theirs in zip(gateway.cpu, bare.cpu, strict=True)]
    cpu = statistics.median(bare.cpu) * 1000, statistics.median(gateway.cpu) * 1000
    slow = statistics.median(bare.seconds) * 1000, statistics.median(gateway.seconds) * 1000
    print(
        f"{case.name:24} CPU {cpu[0]:8.2f} {cpu[1]:8.2f} ms  × {statistics.median(ratios):5.2f}"
        f" ({min(ratios):.2f} … {max(ratios):.2f})   latency {slow[0]:8.2f} {slow[1]:8.2f} ms,"
        f" added {slow[1] - slow[0]:6.2f} ms",
        flush=True,
    )


def main() -> None:
    """Start everything, compare, and end everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--play", nargs="+")
    chosen = parser.parse_args()
    if chosen.play:
        asyncio.run(play(chosen.play[0], chosen.play[-1]))
        return
    with tempfile.TemporaryDirectory() as folder, started(__file__, "--play", "upstream") as vendor:
        config, profile = Path(folder, "plugins.toml"), Path(folder, "profile")
        config.write_text(
            "".join(
                CONFIG.format(name=name, upstream=vendor[0], split=split)
                for name, split in (("split", "true"), ("whole", "false"))
            )
        )
        profiled = ["-m", "cProfile", "-o", str(profile)] if chosen.profile else []
        with (
            started(__file__, "--play", "bare", vendor[0]) as bare,
            started(
                *profiled, "-m", "imageway", "--config", str(config), "serve", "--port", "0"
            ) as gateway,
        ):
            print(f"{'':24}     bare  gateway      ratio")
            asyncio.run(compare(chosen.rounds, {"bare": bare, "gateway": gateway}))
        if chosen.profile:
            pstats.Stats(str(profile)).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
