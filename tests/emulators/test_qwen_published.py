"""The Qwen service as the article has it: a call, its picture, three looks, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO

import aiohttp
import pytest
from PIL import Image

from imageway.emulators.faults import Fault
from imageway.emulators.serving import serve
from tests.emulators.qwen_client import SMALL, SmallPublishedQwen, generate, look


@pytest.fixture
def emulator() -> SmallPublishedQwen:
    return SmallPublishedQwen()


@pytest.fixture
async def client(emulator: SmallPublishedQwen) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(emulator) as url, aiohttp.ClientSession(url) as session:
        yield session


async def test_the_picture_is_the_answer_and_nothing_is_said_of_it(
    emulator: SmallPublishedQwen, client: aiohttp.ClientSession
) -> None:
    body = {"prompt": "a fox", "aspect_ratio": "9:16", "async": True, "format": "jpeg"}
    async with client.post("/api/generate", json=body) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert not [name for name in response.headers if name.startswith("X-")]
        assert Image.open(BytesIO(await response.read())).size == (64, 112)
    assert len(emulator.drawn) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/info"),
        ("GET", "/api/ready"),
        ("GET", "/api/requests/req_1"),
        ("DELETE", "/api/requests/req_1"),
        ("POST", "/v1/images/generations"),
    ],
)
async def test_what_was_added_later_is_not_there(
    client: aiohttp.ClientSession, method: str, path: str
) -> None:
    async with client.request(method, path) as response:
        assert (response.status, await response.json()) == (404, {"detail": "Not Found"})


async def test_the_looks_have_the_published_members(client: aiohttp.ClientSession) -> None:
    queue = (await look(client, "/api/queue/status"))[1]
    assert queue == {
        "status": "idle",
        "queued": 0,
        "processing": 0,
        "estimated_wait_seconds": 0,
    }
    assert await look(client, "/api/health") == (200, {"status": "ok"})
    assert "queue_length" in (await look(client, "/api/metrics"))[1]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.UNAVAILABLE, 503, 3001),
        (Fault.RATE_LIMITED, 503, 3002),
        (Fault.SERVER_ERROR, 500, 4001),
    ],
)
async def test_a_published_code_is_the_answer_itself(
    emulator: SmallPublishedQwen,
    client: aiohttp.ClientSession,
    fault: Fault,
    status: int,
    code: int,
) -> None:
    emulator.script(fault)
    said, answer = await generate(client)
    assert (said, answer["code"]) == (status, code)
    assert emulator.charges == []


async def test_with_a_lock_the_second_caller_is_refused(
    emulator: SmallPublishedQwen, client: aiohttp.ClientSession
) -> None:
    emulator.facts = replace(SMALL, queue_depth=0)
    emulator.crowd(1)
    assert (await generate(client))[1]["code"] == 3002


async def test_a_caller_who_goes_frees_nothing(
    emulator: SmallPublishedQwen, client: aiohttp.ClientSession
) -> None:
    working = asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds:
            working.set()
            await asyncio.Event().wait()

    emulator.sleep = sleep
    emulator.polls_until_done = 2
    asking = asyncio.ensure_future(generate(client))
    await working.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert (await look(client, "/api/queue/status"))[1]["status"] == "busy"


@pytest.mark.parametrize("fault", [Fault.DEGRADED, Fault.CUT_STREAM, Fault.BAD_KEY])
def test_what_it_has_no_way_of_saying_is_refused(
    emulator: SmallPublishedQwen, fault: Fault
) -> None:
    with pytest.raises(ValueError, match="qwen-published has no way of saying"):
        emulator.script(fault)
