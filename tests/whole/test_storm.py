"""Fifty requests a second for ten seconds in real time, while the first vendor is down for six."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import aiohttp
import pytest

from imageway.client import Imageway
from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.serving import serve
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from imageway.server.app import make_app
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener

A_SECOND, SECONDS, DOWN = 50, 10, 6
TOML = """
[defaults.breaker]
open_for = "1s"

[providers.sick]
adapter = "openai"
profile = "openai"
network = "private"
base_url = "{sick}/v1"
api_key = {{ env = "KEY" }}

[providers.well]
adapter = "openai"
profile = "openai"
network = "private"
base_url = "{well}/v1"
api_key = {{ env = "KEY" }}

[routes.default]
try = ["sick/gpt-image-2", "well/gpt-image-2"]
"""


@dataclass(slots=True)
class Storm:
    """A gateway before two vendors, and what its callers saw."""

    sick: OpenAIEmulator
    well: OpenAIEmulator
    way: Imageway
    url: str
    session: aiohttp.ClientSession
    began: float = field(default_factory=monotonic)
    statuses: list[int] = field(default_factory=list[int])
    seconds: list[float] = field(default_factory=list[float])
    opened: float | None = None
    closed: float | None = None

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return monotonic() - self.began

    async def ask(self) -> None:
        """One caller."""
        sent = monotonic()
        order = {"model": "default", "prompt": "a fox"}
        async with self.session.post(f"{self.url}/v1/images/generations", json=order) as got:
            await got.read()
            self.statuses.append(got.status)
            self.seconds.append(monotonic() - sent)

    def look(self) -> None:
        """Remember when the breaker opened, and when it closed for good."""
        state = self.way.snapshot.providers["sick"].state.breaker.state
        if state == "open":
            self.opened, self.closed = self.opened or self.now, None
        elif state == "closed" and self.opened and self.closed is None:
            self.closed = self.now

    def figures(self) -> str:
        """What there is to tell."""
        times = sorted(self.seconds)
        middle, late = times[len(times) // 2], times[len(times) * 95 // 100]
        return (
            f"\n{len(times)} asked, {len(self.sick.heard)} calls to the sick vendor, "
            f"{len(self.well.heard)} to the well one; breaker open after "
            f"{self.opened or -1:.2f} s, closed again {(self.closed or -1) - DOWN:.2f} s after "
            f"the recovery; callers waited {middle * 1000:.0f} ms (median), "
            f"{late * 1000:.0f} ms (95 %), {times[-1] * 1000:.0f} ms (longest)\n"
        )


@asynccontextmanager
async def storm(folder: Path) -> AsyncGenerator[Storm]:
    sick, well = OpenAIEmulator(), OpenAIEmulator()
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(serve(each)) for each in (sick, well)]
        file = folder / "plugins.toml"
        file.write_text(TOML.format(sick=urls[0], well=urls[1]))
        way = Imageway(provision(load(file), {"KEY": sick.key or ""}))
        stack.push_async_callback(way.close, 0)
        listener = Listener(make_app(way), Patience(), 256)
        host, port = await listener.open("127.0.0.1", 0)
        stack.push_async_callback(listener.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Storm(sick, well, way, f"http://{host}:{port}", session)


@pytest.mark.slow
async def test_a_storm_is_hardly_noticed_and_not_passed_on(tmp_path: Path) -> None:
    async with storm(tmp_path) as it:
        it.sick.script(Fault.UNAVAILABLE, None, status=503)
        asking: list[asyncio.Task[None]] = []
        passed_on = 0
        for number in range(A_SECOND * SECONDS):
            await asyncio.sleep(max(0.0, number / A_SECOND - it.now))
            asking.append(asyncio.create_task(it.ask()))
            it.look()
            if number == A_SECOND * DOWN:
                passed_on = len(it.sick.heard)
                it.sick.playlist.clear()
        await asyncio.gather(*asking)
        it.look()
        sys.stdout.write(it.figures())
    asked = len(asking)
    assert it.statuses == [200] * asked
    assert len(it.sick.heard) <= 1.1 * asked
    assert len(it.sick.charges) + len(it.well.charges) == asked
    # While it was down, only what opens the breaker and one try each second or more.
    assert passed_on <= 30
    assert it.opened is not None
    assert it.closed is not None
    assert it.opened <= 2
    assert it.sick.charges
