"""The process: how it ends, with which code, and what becomes of who is being served."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from pydantic import JsonValue

from imageway.qwen.demo import DemoEngine
from imageway.qwen.run import serve
from tests.checkout import ROOT
from tests.qwen.lab import lab_settings

SLOW = ("demo_step_seconds=0.02", "stop_grace_seconds=10")
PATIENCE = 20.0
NEVER_OPEN = frozenset({"config", "load"})
CLIENT = """
import sys, urllib.request
ask = urllib.request.Request(sys.argv[1] + "/api/generate", b'{"prompt": "nobody waits for it"}')
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(ask)
"""


@dataclass(slots=True)
class Running:
    """A service in another process, and a client."""

    process: Process
    url: str
    session: aiohttp.ClientSession

    async def ask(self, prompt: str) -> tuple[int, JsonValue]:
        """Status and code of a request that is waited for."""
        body = {"prompt": prompt}
        async with self.session.post(f"{self.url}/api/generate", json=body) as response:
            if response.content_type.startswith("image/"):
                assert await response.read()
                return response.status, int(response.headers["X-Code"])
            return response.status, (await response.json())["code"]

    async def status(self) -> dict[str, JsonValue]:
        async with self.session.get(f"{self.url}/api/queue/status") as response:
            told: dict[str, JsonValue] = await response.json()
            return told

    async def until(self, **members: JsonValue) -> None:
        """Wait until the line looks so."""
        async with asyncio.timeout(PATIENCE):
            # What happens in another process cannot be awaited.
            while not (members.items() <= (await self.status()).items()):  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@asynccontextmanager
async def running(failure: str = "none", *settings: str) -> AsyncGenerator[Running]:
    program = (sys.executable, "-W", "error", "-m", "tests.qwen.program", failure, *settings)
    process = await asyncio.create_subprocess_exec(*program, stdout=PIPE, stderr=PIPE, cwd=ROOT)
    assert process.stdout is not None
    first = (await process.stdout.readline()).decode()
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            it = Running(process, first.partition(" at ")[2].split()[0], session)
            if failure not in NEVER_OPEN:
                await it.until(status="idle")
            yield it
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_acceptance_14_a_signal_lets_what_runs_finish_and_turns_away_who_waits(
    number: signal.Signals,
) -> None:
    async with running("none", *SLOW) as it:
        first = asyncio.create_task(it.ask("first"))
        await it.until(processing=1)
        second = asyncio.create_task(it.ask("second"))
        await it.until(queued=1)
        it.signal(number)
        assert await second == (503, 3904)
        assert await first == (200, 0)
        assert await it.ended() == 0


async def test_acceptance_14_new_requests_are_refused_while_the_last_one_finishes() -> None:
    async with running("none", *SLOW) as it:
        first = asyncio.create_task(it.ask("first"))
        await it.until(processing=1)
        it.signal(signal.SIGTERM)
        await it.until(status="stopping")
        assert await it.ask("too late") == (503, 3904)
        assert await first == (200, 0)
        assert await it.ended() == 0


async def test_acceptance_14_a_picture_that_was_only_announced_can_still_be_fetched() -> None:
    async with running("none", *SLOW) as it:
        body = {"prompt": "announced", "async": True}
        async with it.session.post(f"{it.url}/api/generate", json=body) as accepted:
            request = f"{it.url}/api/requests/{(await accepted.json())['request_id']}"
        async with it.session.get(f"{request}/events") as events:
            await it.until(processing=1)
            it.signal(signal.SIGTERM)
            assert b"event: done" in await events.read()
        async with it.session.get(f"{request}/image") as image:
            assert (image.status, image.content_type) == (200, "image/png")
            assert await image.read()
        assert await it.ended() == 0


async def test_a_second_signal_stops_what_runs_at_its_next_step() -> None:
    async with running("none", "demo_step_seconds=0.2", "stop_grace_seconds=60") as it:
        first = asyncio.create_task(it.ask("first"))
        await it.until(processing=1)
        it.signal(signal.SIGTERM)
        await it.until(status="stopping")
        it.signal(signal.SIGTERM)
        assert await first == (503, 3904)
        assert await it.ended() == 0


async def test_when_the_time_of_grace_is_up_what_runs_is_stopped() -> None:
    async with running("none", "demo_step_seconds=0.2", "stop_grace_seconds=0.1") as it:
        first = asyncio.create_task(it.ask("first"))
        await it.until(processing=1)
        it.signal(signal.SIGTERM)
        assert await first == (503, 3904)
        assert await it.ended() == 0


async def test_a_step_that_never_ends_does_not_keep_the_process() -> None:
    async with running("endless", "stop_grace_seconds=0.1") as it:
        first = asyncio.create_task(it.ask("first"))
        await it.until(processing=1)
        it.signal(signal.SIGTERM)
        assert await first == (503, 3904)
        assert await it.ended() == 0


async def test_acceptance_09_a_device_that_failed_ends_the_process_with_70() -> None:
    async with running("device") as it:
        assert await it.ask("first") == (500, 4001)
        assert await it.ended() == 70


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [("config", 78, "there is no folder 'x'"), ("load", 1, "the disk is gone")],
)
async def test_a_model_that_does_not_load_ends_the_process(
    failure: str, code: int, said: str
) -> None:
    async with running(failure) as it:
        assert await it.ended() == code
        assert it.process.stderr is not None
        assert said in (await it.process.stderr.read()).decode()


async def test_a_client_that_is_killed_frees_the_engine() -> None:
    async with running("none", "demo_step_seconds=0.05") as it:
        environment = {**os.environ, "no_proxy": "127.0.0.1"}
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CLIENT, it.url, env=environment, stderr=PIPE
        )
        await it.until(processing=1)
        client.kill()
        await client.communicate()
        await it.until(processing=0)
        async with it.session.get(f"{it.url}/api/metrics") as response:
            assert (await response.json())["cancelled"] == 1
        it.signal(signal.SIGTERM)
        assert await it.ended() == 0


def test_a_port_that_is_taken_is_refused_with_advice(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = lab_settings(port=taken.getsockname()[1])
        assert serve(settings, DemoEngine(settings)) == 1
    assert "--port" in capsys.readouterr().err
