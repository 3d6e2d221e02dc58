"""What a gallery's cached page costs, and whether ten thousand queries stay within their bounds.

The first table is CPU: the gateway in a process of its own, as the operating system counts it, for
pages that it keeps, in turn with a page of its own health (the least that it answers). The second
asks for 10,000 different queries and looks at memory and disk after each thousand.

    python bench/gallery.py
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import BaseModel, JsonValue

from imageway.client import Imageway
from imageway.core.capability import Capabilities
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.powers import GalleryPage
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.providers.loading import load
from imageway.providers.snapshot import provision

QUERIES, REQUESTS, MIB = 10_000, 300, 1 << 20
# Of the kept page a hundred pictures with their makers' words; of the others three.
SIZES = {"3 items": 3, "100 items": 100, "200 items": 200}
CONFIG = """
[providers.wall]
adapter = "{here}:Wall"
gallery = {{ cache = "1h", queries = {queries}, memory = "{memory}MiB", disk = "{disk}MiB" }}
"""


class Nothing(BaseModel):
    """It takes no keys."""


class Wall:
    """A gallery that is as long as its query says."""

    Config = Nothing

    def __init__(self, config: Nothing, http: Http, memo: Memo) -> None:
        self._asked = 0

    async def describe(self, model: str) -> Capabilities:
        """It draws nothing."""
        return Capabilities.permissive()

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """It draws nothing."""

    async def browse(self, query: Mapping[str, JsonValue]) -> GalleryPage:
        """As many items as asked for."""
        self._asked += 1
        count = int(str(query.get("limit", 3)))
        return GalleryPage(
            items=tuple(item(self._asked * 1000 + n) for n in range(count)), cursor=str(self._asked)
        )


def item(number: int) -> dict[str, JsonValue]:
    """A picture as a vendor tells it, of about 900 bytes."""
    return {
        "id": number,
        "url": f"https://image.example.org/1f0c4a52-0000-4000-8000-6b7c8d9e0f11/{number}.jpeg",
        "width": 832,
        "height": 1216,
        "createdAt": "2026-07-02T09:14:03.551Z",
        "stats": {"likeCount": number % 50, "heartCount": 17, "commentCount": 2},
        "meta": {"prompt": f"a lighthouse, number {number}, " * 20, "seed": number, "steps": 30},
        "username": "lamplighter",
        "baseModel": "SDXL 1.0",
    }


@contextmanager
def gateway(config: Path) -> Generator[tuple[str, int]]:
    """A gateway in a process of its own; gives its address and its process id."""
    command = [sys.executable, "-m", "imageway", "--config", str(config), "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
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


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one page: milliseconds of CPU, milliseconds until it was there, and its bytes."""

    cpu: float
    wall: float
    size: int


async def cost(session: aiohttp.ClientSession, path: str, process: int) -> Cost:
    """Ask for the same again and again."""
    size, times = 0, list[float]()
    before = cpu_of(process)
    for _ in range(REQUESTS):
        began = time.perf_counter()
        async with session.get(path) as answer:
            size = len(await answer.read())
            assert answer.status == 200, await answer.text()
        times.append(time.perf_counter() - began)
    return Cost((cpu_of(process) - before) / REQUESTS * 1000, statistics.median(times) * 1000, size)


async def pages(config: Path, rounds: int) -> None:
    """Each page in turn, some rounds, the first of which only warms up."""
    paths = {"health": "/health"}
    paths |= {name: f"/v1/gallery/wall?limit={count}" for name, count in SIZES.items()}
    found: dict[str, list[Cost]] = {name: [] for name in paths}
    with gateway(config) as (url, process):
        async with aiohttp.ClientSession(url) as session:
            for turn in range(rounds + 1):
                for name, path in paths.items():
                    told = await cost(session, path, process)
                    if turn:
                        found[name].append(told)
    print(f"{'page':12}{'KiB':>8}{'CPU ms':>10}{'× health':>10}{'there in ms':>14}")
    least = statistics.median(each.cpu for each in found["health"])
    for name, costs in found.items():
        cpu = statistics.median(each.cpu for each in costs)
        wall = statistics.median(each.wall for each in costs)
        print(f"{name:12}{costs[0].size / 1024:8.1f}{cpu:10.3f}{cpu / least:10.2f}{wall:14.2f}")


async def flood(config: Path, count: int) -> None:
    """Ask for so many different queries, and look at what is kept."""
    way = Imageway(provision(load(config), {}))
    provider = way.snapshot.providers["wall"]
    kept, keeping = provider.state.gallery.kept, provider.policies.gallery
    print(f"\n{'queries':>9}{'in memory':>11}{'MiB':>8}{'on disk':>9}{'MiB':>8}{'ms each':>9}")
    began = time.perf_counter()
    for number in range(1, count + 1):
        await way.gallery("wall", {"limit": 3, "page": number})
        if number % (count // 10) == 0:
            files = [path.stat().st_size for path in kept.drawer.folder.iterdir()]
            each = (time.perf_counter() - began) / (count // 10) * 1000
            print(
                f"{number:9}{kept.shelf.count:11}{kept.shelf.size / MIB:8.1f}"
                f"{len(files):9}{sum(files) / MIB:8.1f}{each:9.2f}",
                flush=True,
            )
            began = time.perf_counter()
    print(
        f"bounds: {keeping.queries} answers, {keeping.memory / MIB:g} MiB in memory, "
        f"{keeping.disk / MIB:g} MiB on disk"
    )
    await way.close(0)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queries", type=int, default=QUERIES)
    chosen = parser.parse_args()
    here = Path(__file__).resolve()
    for play, bounds in ((pages, (100, 32, 64)), (flood, (4000, 8, 16))):
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "plugins.toml")
            queries, memory, disk = bounds
            config.write_text(CONFIG.format(here=here, queries=queries, memory=memory, disk=disk))
            asyncio.run(play(config, chosen.rounds if play is pages else chosen.queries))


if __name__ == "__main__":
    main()
