"""kill -9 while a vendor draws: what was paid is brought home by the next process, once."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from pydantic import JsonValue, TypeAdapter

from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.faults import Fault, Spot
from imageway.emulators.serving import serve
from tests.emulators.civitai_lab import emulator
from tests.whole.harbour import CONFIG, KEY

pytestmark = pytest.mark.slow

Json = dict[str, JsonValue]
LONG = 1_000_000.0
HEADERS = {"Idempotency-Key": "a-key-of-mine"}
BODY: Json = {"prompt": "a lighthouse"}
PATH = "/v1/images/generations"


@pytest.fixture
async def vendor(tmp_path: Path) -> AsyncGenerator[CivitaiEmulator]:
    vendor = emulator()
    async with serve(vendor) as url:
        (tmp_path / "plugins.toml").write_text(CONFIG.format(url=url, feature="true"))
        yield vendor


@asynccontextmanager
async def gateway(folder: Path) -> AsyncGenerator[tuple[asyncio.subprocess.Process, str]]:
    """A gateway as a process of its own; killed at the end, if it still lives."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "imageway", "serve", "--port", "0"),
        cwd=folder,
        env={**os.environ, "CIVITAI_API_TOKEN": KEY},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        ready = (await process.stdout.readline()).decode()
        yield process, ready.split()[-1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ask(session: aiohttp.ClientSession, url: str) -> tuple[int, Json, bool]:
    async with session.post(url + PATH, json=BODY, headers=HEADERS) as answer:
        body = TypeAdapter(Json).validate_json(await answer.read())
        return answer.status, body, answer.headers.get("Idempotent-Replayed") == "true"


async def heard(vendor: CivitaiEmulator, spot: Spot) -> None:
    """Wait until another process has asked the vendor something."""
    while not vendor.heard_at(spot):  # noqa: ASYNC110 - the emulator tells nobody
        await asyncio.sleep(0.02)


async def killed_while_it_draws(folder: Path, vendor: CivitaiEmulator) -> None:
    """Ask, wait until the vendor's ticket must be known, and kill."""
    vendor.seconds_per_picture = LONG
    async with gateway(folder) as (process, url), aiohttp.ClientSession() as session:
        asking = asyncio.create_task(ask(session, url))
        await heard(vendor, Spot.POLL)
        process.kill()
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_what_was_under_way_is_fetched_by_the_next_process(
    tmp_path: Path, vendor: CivitaiEmulator
) -> None:
    await killed_while_it_draws(tmp_path, vendor)
    vendor.ahead += 2 * LONG
    async with gateway(tmp_path) as (_, url), aiohttp.ClientSession() as session:
        status, body, replayed = await ask(session, url)
    assert (status, replayed) == (200, True)
    assert isinstance(body["data"], list)
    assert len(body["data"]) == 1
    assert len(vendor.charges) == 1


async def test_a_ticket_that_was_never_heard_is_looked_for(
    tmp_path: Path, vendor: CivitaiEmulator
) -> None:
    vendor.script(Fault.STALL, spot=Spot.WORK)
    async with gateway(tmp_path) as (process, url), aiohttp.ClientSession() as session:
        asking = asyncio.create_task(ask(session, url))
        await heard(vendor, Spot.WORK)
        process.kill()
        with pytest.raises(aiohttp.ClientError):
            await asking
    async with gateway(tmp_path) as (_, url), aiohttp.ClientSession() as session:
        status, body, replayed = await ask(session, url)
    assert replayed
    assert len(vendor.heard_at(Spot.WORK)) == 1
    assert status == 424, body


async def test_a_second_crash_changes_nothing(tmp_path: Path, vendor: CivitaiEmulator) -> None:
    await killed_while_it_draws(tmp_path, vendor)
    async with gateway(tmp_path) as (process, _):
        process.kill()
        await process.wait()
    vendor.ahead += 2 * LONG
    async with gateway(tmp_path) as (_, url), aiohttp.ClientSession() as session:
        status, _, replayed = await ask(session, url)
    assert (status, replayed, len(vendor.charges)) == (200, True, 1)


async def test_what_is_under_way_when_it_is_stopped_is_left_to_the_next_process(
    tmp_path: Path, vendor: CivitaiEmulator
) -> None:
    with (tmp_path / "plugins.toml").open("a") as file:
        file.write('\n[gateway]\ndrain_timeout = "300ms"\n')
    vendor.seconds_per_picture = LONG
    async with gateway(tmp_path) as (process, url), aiohttp.ClientSession() as session:
        asking = asyncio.create_task(ask(session, url))
        await heard(vendor, Spot.POLL)
        process.terminate()
        status, body, _ = await asking
        assert (status, await process.wait()) == (503, 0)
        assert "Idempotency-Key" in str(body)
    assert vendor.heard_at(Spot.CANCEL) == []
    vendor.ahead += 2 * LONG
    async with gateway(tmp_path) as (_, url), aiohttp.ClientSession() as session:
        status, _, replayed = await ask(session, url)
    assert (status, replayed, len(vendor.charges)) == (200, True, 1)
