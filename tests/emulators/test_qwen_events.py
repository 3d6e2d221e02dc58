"""The events of the Qwen service: what they tell, to whom, and how they break."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from imageway.emulators.faults import Fault, Spot
from imageway.emulators.serving import serve
from tests.emulators.qwen_client import (
    Body,
    Clock,
    Event,
    SmallQwen,
    events,
    look,
    names,
    read_one,
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


async def test_events_tell_everything_from_the_line_to_the_picture(
    client: aiohttp.ClientSession,
) -> None:
    name = await submit(client, num_steps=20, aspect_ratio="16:9", seed=5)
    heard = await events(client, name)
    steps = [event.data["step"] for event in heard if event.name == "progress"]
    shown = [event.data for event in heard if event.name == "preview"]
    assert heard[0] == Event("queued", {"position": 1, "eta_seconds": 0})
    started: Body = {"width": 112, "height": 64, "num_steps": 20, "seed": 5}
    assert heard[1] == Event("started", started)
    assert steps == [*range(1, 21)]
    assert [preview["step"] for preview in shown] == [5, 10, 15]
    assert {(preview["width"], preview["height"]) for preview in shown} == {(56, 32)}
    end: Body = {"image": f"/api/requests/{name}/image", "seed": 5, "degraded": None}
    assert heard[-1] == Event("done", end)


async def test_who_listens_after_the_end_hears_only_the_end(client: aiohttp.ClientSession) -> None:
    name = await submit(client)
    await events(client, name)
    assert names(await events(client, name)) == ["done"]


async def test_who_comes_late_hears_how_it_stands(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.polls_until_done = 5
    name = await submit(client)
    for _ in range(3):
        await look(client, f"/api/requests/{name}")
    heard = await events(client, name)
    assert names(heard)[:2] == ["started", "progress"]
    assert heard[1].data["step"] == 30


async def test_they_are_drawn_one_at_a_time_in_the_order_they_came(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.polls_until_done = 2
    asked = [await submit(client) for _ in range(4)]
    heard = await events(client, asked[-1])
    positions = [event.data["position"] for event in heard if event.name == "queued"]
    assert positions == [3, 2, 1]
    assert emulator.drawn == tuple(asked)


async def test_a_listener_hears_that_somebody_cancelled(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.script(Fault.NEVER_ENDS)
    name = await submit(client)
    async with client.get(f"/api/requests/{name}/events") as response:
        while read_one((await response.content.readuntil(b"\n\n")).decode()).name != "progress":
            pass
        await client.delete(f"/api/requests/{name}")
        assert "event: cancelled" in await response.text()


async def test_a_degraded_picture_says_so_everywhere(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.script(Fault.DEGRADED)
    name = await submit(client, num_steps=50, seed=5)
    heard = await events(client, name)
    told = next(event.data for event in heard if event.name == "degraded")
    assert (told["reason"], told["num_steps"]) == ("nan", 40)
    assert heard[-1].data["degraded"] == told
    assert heard[-1].data["seed"] == told["seed"] != 5
    async with client.get(f"/api/requests/{name}/image") as response:
        said = response.headers
    assert [said[f"X-{each}"] for each in ("Degraded", "Degrade-Reason")] == ["true", "nan"]
    assert [said[f"X-Requested-{each}"] for each in ("Seed", "Steps")] == ["5", "50"]


async def test_what_fails_while_it_is_drawn_is_accepted_first(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.script(Fault.SERVER_ERROR, variant="oom")
    name = await submit(client)
    end = (await events(client, name))[-1]
    assert (end.name, end.data["code"], end.data["reason"]) == ("error", 4001, "oom")
    told = (await look(client, f"/api/requests/{name}"))[1]
    assert (told["state"], told["error"]) == ("failed", end.data)
    assert emulator.drawn == (name,)


async def test_previews_may_be_left_out(emulator: SmallQwen, client: aiohttp.ClientSession) -> None:
    emulator.script(Fault.NO_PREVIEWS, keep=1)
    heard = await events(client, await submit(client))
    assert len([event for event in heard if event.name == "preview"]) == 1


async def test_events_may_end_early(emulator: SmallQwen, client: aiohttp.ClientSession) -> None:
    emulator.script(Fault.CUT_STREAM, after_events=3)
    name = await submit(client)
    assert names(await events(client, name)) == ["queued", "started", "progress"]
    assert names(await events(client, name))[-1] == "done"


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.CUT_STREAM])
@pytest.mark.parametrize("after", [None, 0, 2])
async def test_what_breaks_the_events_does_not_break_the_request(
    emulator: SmallQwen, client: aiohttp.ClientSession, fault: Fault, after: int | None
) -> None:
    emulator.script(fault, spot=Spot.POLL, after_events=after)
    name = await submit(client)
    try:
        heard = await events(client, name)
    except aiohttp.ClientError:
        heard = []
    assert "done" not in names(heard)
    assert names(await events(client, name))[-1] == "done"


async def test_an_error_may_come_after_some_events(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.script(Fault.NOT_FOUND, after_events=2)
    heard = await events(client, await submit(client))
    assert names(heard) == ["queued", "started", "error"]
    assert heard[-1].data["code"] == 3902


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.OVERSIZED])
async def test_what_only_slows_the_events_leaves_them_whole(
    emulator: SmallQwen, client: aiohttp.ClientSession, fault: Fault
) -> None:
    emulator.script(fault, spot=Spot.POLL, size=100, step=1000, pause=0)
    assert names(await events(client, await submit(client)))[-1] == "done"
