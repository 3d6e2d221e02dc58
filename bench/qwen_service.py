"""What the Qwen service adds to its engine: overhead, health and cancel latency, memory."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from imageway.qwen.demo import DemoEngine
from imageway.qwen.encoding import encode
from imageway.qwen.engine import Task
from imageway.qwen.settings import Settings

PROMPT = "a red fox in snow"
SIZE = 1328
ROUNDS, CANCELS, REQUESTS = 15, 30, 200
STEP_SECONDS = 0.1
HEALTH_EVERY = 0.005


@dataclass(frozen=True, slots=True)
class Service:
    """A running demo service and a client of it."""

    url: str
    session: aiohttp.ClientSession

    async def generate(self, **fields: object) -> tuple[float, float]:
        """Seconds that a client waits, and seconds that the turn took."""
        start = time.perf_counter()
        body = {"prompt": PROMPT, **fields}
        async with self.session.post(f"{self.url}/api/generate", json=body) as response:
            await response.read()
            response.raise_for_status()
            turn = float(response.headers["X-Generate-Seconds"])
        return time.perf_counter() - start, turn

    async def ready(self) -> None:
        """Wait until it has warmed up."""
        while True:
            async with self.session.get(f"{self.url}/api/ready") as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.05)

    async def number(self, name: str) -> float:
        """One of the service's own numbers."""
        async with self.session.get(f"{self.url}/api/metrics") as response:
            return float((await response.json())[name])


async def main() -> None:
    """Print every figure."""
    print(f"Python {sys.version.split()[0]}, demo backend, {SIZE}x{SIZE}, 50 steps")
    async with served("--demo-step-seconds", "0.01") as service:
        await show_overhead(service)
    async with served("--demo-step-seconds", "0") as service:
        await show_health(service)
    async with served("--demo-step-seconds", str(STEP_SECONDS / 2)) as service:
        await show_cancel(service)
    async with served("--demo-step-seconds", "0", "--result-max-bytes", "0") as service:
        await show_memory(service)


@asynccontextmanager
async def served(*options: str) -> AsyncGenerator[Service]:
    """Start `imageway qwen serve` on a free port, and end it."""
    command = ("-m", "imageway", "qwen", "serve", "--backend", "demo", "--port", "0", *options)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    if process.stdout is None:
        raise SystemExit("the service has no output")
    try:
        first = (await process.stdout.readline()).decode()
        if " at http://" not in first:
            raise SystemExit(f"the service did not start: {first!r}")
        async with aiohttp.ClientSession() as session:
            service = Service(first.partition(" at ")[2].split()[0], session)
            await service.ready()
            yield service
    finally:
        process.terminate()
        await process.wait()


async def show_overhead(service: Service) -> None:
    """The same pictures from the engine alone, and through the service."""
    engine = DemoEngine(Settings(backend="demo", demo_step_seconds=0.01))
    alone, encoding = zip(*(own_seconds(engine, seed) for seed in range(ROUNDS)), strict=True)
    waited, turns = zip(*[await service.generate(seed=seed) for seed in range(ROUNDS)], strict=True)
    print_line("engine alone", alone)
    print_line("encoding a PNG alone", encoding)
    print_line("turn in the service", turns)
    print_line("waited by the client", waited)
    own = statistics.median(alone) + statistics.median(encoding)
    more = statistics.median(waited) - own
    print(f"{'overhead of the service':28} {more * 1000:8.1f} ms   ({more / own:.1%})")


def own_seconds(engine: DemoEngine, seed: int) -> tuple[float, float]:
    """Seconds to make one picture, and to encode it."""
    task = Task(PROMPT, " ", SIZE, SIZE, 50, 4.0, seed)
    start = time.perf_counter()
    image = engine.generate(task, lambda number, sketch: None).decode()
    middle = time.perf_counter()
    encode(image, "png", engine.describe(), None)
    return middle - start, time.perf_counter() - middle


async def show_health(service: Service) -> None:
    """How fast health answers while one picture after the other is made, as fast as can be."""
    seconds: list[float] = []
    working = asyncio.create_task(work(service, 30))
    while not working.done():
        start = time.perf_counter()
        async with service.session.get(f"{service.url}/api/health") as response:
            await response.read()
        seconds.append(time.perf_counter() - start)
        await asyncio.sleep(HEALTH_EVERY)
    seconds.sort()
    at = {share: seconds[int(len(seconds) * share)] * 1000 for share in (0.5, 0.99)}
    print(
        f"{'health while generating':28} {at[0.5]:8.1f} ms   (p99 {at[0.99]:.1f}, "
        f"most {seconds[-1] * 1000:.1f}, {len(seconds)} asked)"
    )


async def work(service: Service, count: int) -> None:
    """Keep the engine busy."""
    for seed in range(count):
        await service.generate(seed=seed)


async def show_cancel(service: Service) -> None:
    """From DELETE to the event that says it is over, beside the time of a step."""
    seconds = [await cancelled(service) for _ in range(CANCELS)]
    print_line(f"cancel, {STEP_SECONDS:g} s a step", seconds)


async def cancelled(service: Service) -> float:
    """Cancel a request in the middle of its work."""
    body = {"prompt": PROMPT, "async": True}
    async with service.session.post(f"{service.url}/api/generate", json=body) as response:
        here = f"{service.url}{response.headers['Location']}"
    start = 0.0
    async with service.session.get(f"{here}/events") as events:
        async for line in events.content:
            if line.startswith(b'data: {"step":3,') and not start:
                start = time.perf_counter()
                async with service.session.delete(here) as answer:
                    answer.raise_for_status()
            if line == b"event: cancelled\n":
                return time.perf_counter() - start
    raise SystemExit("a request ended without being cancelled")


async def show_memory(service: Service) -> None:
    """The service's memory while it makes many pictures, none of which it keeps."""
    figures: list[str] = []
    for number in range(REQUESTS + 1):
        if number % 40 == 0:
            figures.append(f"{number}: {await service.number('memory_mb'):.0f} MB")
        await service.generate(seed=number)
    print(f"{'memory after requests':28} {', '.join(figures)}")


def print_line(what: str, seconds: Sequence[float]) -> None:
    """The middle and the range."""
    middle = statistics.median(seconds)
    print(f"{what:28} {middle * 1000:8.1f} ms   ({min(seconds):.3f} … {max(seconds):.3f} s)")


if __name__ == "__main__":
    asyncio.run(main())
