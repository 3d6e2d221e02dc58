"""The Qwen service's requests: one at a time, in order, and forgotten in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import aiohttp
import pytest
from PIL import Image

from imageway.emulators.answer import Charge
from imageway.emulators.faults import Fault
from imageway.emulators.serving import serve
from tests.emulators.qwen_client import (
    BACKGROUND,
    SMALL,
    Clock,
    SmallQwen,
    events,
    generate,
    look,
    submit,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> SmallQwen:
    return SmallQwen(clock=clock)


@pytest.fixture
async def client(emulator: SmallQwen) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(emulator) as url, aiohttp.ClientSession(url) as session:
        yield session


async def test_a_request_is_accepted_with_its_place_and_its_addresses(
    client: aiohttp.ClientSession,
) -> None:
    body = {"prompt": "a", "async": True}
    async with client.post("/api/generate", json=body) as response:
        answer = await response.json()
        name = answer["request_id"]
        assert response.headers["X-Request-Id"] == name
        assert response.headers["Location"] == f"/api/requests/{name}"
    assert answer == {
        "code": 0,
        "request_id": name,
        "status": "queued",
        "queue_position": 1,
        "estimated_wait_seconds": 0,
        "events": f"/api/requests/{name}/events",
        "image": f"/api/requests/{name}/image",
    }


async def test_the_picture_says_how_it_was_made(
    clock: Clock, emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.seconds_per_picture = 8
    name = await submit(client, seed=5, format="jpeg")
    await look(client, f"/api/requests/{name}")
    clock.now += 8
    async with client.get(f"/api/requests/{name}/image") as response:
        said = response.headers
        assert Image.open(BytesIO(await response.read())).size == (64, 64)
    told = [said[f"X-{each}"] for each in ("Code", "Seed", "Num-Steps", "Cfg-Scale", "Model")]
    assert told == ["0", "5", "50", "4.0", "qwen-image-2512"]
    assert (said["X-Queue-Seconds"], said["X-Generate-Seconds"]) == ("0.000", "8.000")
    assert (said["Content-Type"], said["X-Degraded"]) == ("image/jpeg", "false")
    assert emulator.charges == [Charge(name, 1, Decimal("8.000"), "seconds")]
    assert said["Content-Disposition"] == f'inline; filename="qwen-5-{name}.jpeg"'


async def test_a_seed_that_is_absent_is_42_and_null_is_by_chance(
    client: aiohttp.ClientSession,
) -> None:
    first, second = await generate(client), await generate(client)
    assert first[1]["seed"] == second[1]["seed"] == 42
    assert first[1]["image_base64"] == second[1]["image_base64"]
    third, fourth = await generate(client, seed=None), await generate(client, seed=None)
    assert third[1]["seed"] != fourth[1]["seed"]
    assert third[1]["image_base64"] != fourth[1]["image_base64"]


async def test_what_nobody_knows_is_ignored_and_named(client: aiohttp.ClientSession) -> None:
    body = {"prompt": "a", "steps": 3, "model": "x"}
    async with client.post("/api/generate", json=body) as response:
        assert response.headers["X-Ignored-Fields"] == "steps,model"


async def test_a_line_that_is_full_takes_nobody(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.facts = replace(SMALL, queue_depth=2)
    emulator.crowd(3)
    status, answer = await generate(client)
    assert (status, answer["code"], answer["retry_after"]) == (503, 3002, 50)


async def test_a_depth_of_none_is_a_lock(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.facts = replace(SMALL, queue_depth=0)
    name = await submit(client)
    await look(client, "/api/queue/status")
    assert (await generate(client))[1]["code"] == 3002
    await events(client, name)
    assert (await generate(client))[0] == 200


async def test_a_state_is_told_without_the_prompt(
    clock: Clock, emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.seconds_per_picture = 10
    first, second = await submit(client, prompt="hush"), await submit(client)
    clock.now += 4
    told = (await look(client, f"/api/requests/{first}"))[1]
    assert (told["state"], told["step"], told["total_steps"]) == ("running", 20, 50)
    assert "hush" not in str(told)
    queue = (await look(client, f"/api/queue/status?request_id={second}"))[1]
    assert (queue["status"], queue["queued"], queue["processing"]) == ("busy", 1, 1)
    assert (queue["estimated_wait_seconds"], queue["capacity"]) == (16.0, 16)
    assert isinstance(queue["request"], dict)
    assert (queue["request"]["state"], queue["request"]["position"]) == ("queued", 1)


async def test_time_that_nobody_watched_has_passed_all_the_same(
    clock: Clock, emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.seconds_per_picture, emulator.polls_until_done = 10, 0
    asked = [await submit(client) for _ in range(3)]
    await look(client, "/api/queue/status")
    clock.now += 25
    states = [(await look(client, f"/api/requests/{name}"))[1]["state"] for name in asked]
    assert states == ["done", "done", "running"]


async def test_a_waiting_one_is_cancelled_at_once(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.crowd(1)
    name = await submit(client)
    async with client.delete(f"/api/requests/{name}") as response:
        assert (response.status, (await response.json())["status"]) == (202, "cancelling")
    heard = await events(client, name)
    assert [(event.name, event.data["code"]) for event in heard] == [("cancelled", 3901)]
    assert emulator.drawn == ()


async def test_cancelling_what_is_done_changes_nothing(client: aiohttp.ClientSession) -> None:
    name = await submit(client)
    await events(client, name)
    async with client.delete(f"/api/requests/{name}") as response:
        assert response.status == 200
    assert (await look(client, f"/api/requests/{name}"))[1]["state"] == "done"


async def test_a_caller_who_goes_frees_the_worker(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    working, gone = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds:
            working.set()
            try:
                await asyncio.Event().wait()
            finally:
                gone.set()

    emulator.sleep = sleep
    asking = asyncio.ensure_future(generate(client))
    await working.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await gone.wait()
    assert [job.state for job in emulator.line.jobs.values()] == ["cancelled"]


async def test_the_same_key_joins_the_same_request(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    key = {"Idempotency-Key": "call_1"}
    first = await generate(client, BACKGROUND, key)
    again = await generate(client, BACKGROUND, key)
    other = await generate(client, BACKGROUND, {"Idempotency-Key": "call_2"})
    assert first[1]["request_id"] == again[1]["request_id"] != other[1]["request_id"]
    assert len(emulator.line.jobs) == 2


async def test_who_is_not_begun_in_time_is_given_up(
    clock: Clock, emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.seconds_per_picture = 100
    emulator.crowd(1)
    name = await submit(client, max_wait_seconds=30)
    clock.now += 31
    [end] = await events(client, name)
    assert (end.name, end.data["code"]) == ("error", 3903)


async def test_a_result_is_kept_for_some_time_only(
    clock: Clock, client: aiohttp.ClientSession
) -> None:
    name = await submit(client)
    await events(client, name)
    clock.now += 601
    for path in ("", "/events", "/image"):
        status, answer = await look(client, f"/api/requests/{name}{path}")
        assert (status, answer["code"]) == (410, 3902)


async def test_nobody_is_known_after_a_restart(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    name = await submit(client)
    emulator.restart()
    assert (await look(client, f"/api/requests/{name}"))[0] == 404
    assert (await generate(client))[1]["request_id"] != name


async def test_a_service_that_stops_ends_what_waits_and_takes_nothing(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.crowd(1)
    name = await submit(client)
    emulator.stop()
    [end] = await events(client, name)
    assert end.data["code"] == 3904
    assert (await generate(client))[1]["code"] == 3904
    assert (await look(client, "/api/ready"))[1]["status"] == "stopping"


@pytest.mark.parametrize(
    ("fault", "body"), [(Fault.NO_IMAGE, b""), (Fault.NOT_A_PICTURE, b"<html>")]
)
async def test_a_picture_may_be_none(
    emulator: SmallQwen, client: aiohttp.ClientSession, fault: Fault, body: bytes
) -> None:
    emulator.script(fault)
    name = await submit(client)
    await events(client, name)
    async with client.get(f"/api/requests/{name}/image") as response:
        assert (response.content_type, (await response.read())[:6]) == ("image/png", body)


async def test_health_readiness_and_itself(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    assert await look(client, "/api/health") == (200, {"status": "ok"})
    assert await look(client, "/api/ready") == (200, {"status": "ready"})
    emulator.standing, emulator.ill = "loading", "stuck"
    assert await look(client, "/api/health") == (503, {"status": "error", "reason": "stuck"})
    assert await look(client, "/api/ready") == (503, {"status": "loading", "retry_after": 20})
    info = (await look(client, "/api/info"))[1]
    assert (info["model"], info["backend"]) == ("qwen-image-2512", "sdnq")


async def test_figures_come_in_the_form_that_is_asked_for(client: aiohttp.ClientSession) -> None:
    assert "gpu_memory_reserved_mb" in (await look(client, "/api/metrics"))[1]
    for path, accept in [("/api/metrics", "text/plain"), ("/metrics", "*/*")]:
        async with client.get(path, headers={"Accept": accept}) as response:
            assert "imageway_qwen_queue_length 0\n" in await response.text()


async def test_a_path_that_is_not_there(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/nothing") as response:
        assert (response.status, await response.text()) == (404, "404: Not Found")
