"""The contract's acceptance tests 6 to 12, by number: cancelling, failing, and how it is told."""

from __future__ import annotations

import asyncio
from io import BytesIO

import orjson
import pytest
from PIL import Image
from pydantic import JsonValue

from imageway.qwen.engine import Repair
from tests.qwen.lab import GENERATE, Json, Lab, lab
from tests.qwen.scripted import Hold


async def test_acceptance_06_one_that_waits_is_cancelled_at_once(it: Lab) -> None:
    hold = it.engine.hold()
    running = it.begin()
    await hold.until_reached()
    number = await it.submit("never drawn")
    asking = it.begin("never drawn either")
    await it.waiting(2)
    [_, second] = it.service.line
    assert [(await it.delete(each)).status for each in (number, second.id)] == [202, 202]
    assert (await it.events(number))[-1].name == "cancelled"
    answer = await asking
    assert (answer.status, answer.code) == (409, 3901)
    hold.go.set()
    assert (await running).status == 200
    assert len(it.engine.tasks) == 1


async def test_acceptance_06_one_that_runs_stops_within_a_step(it: Lab) -> None:
    before = (await it.generate("the same")).body
    hold = it.engine.hold(10)
    number = await it.submit()
    await hold.until_reached()
    await it.delete(number)
    hold.go.set()
    told = await it.ended(number)
    assert told["state"] == "cancelled"
    assert it.engine.last_step == 11
    assert (await it.generate("the same")).body == before


async def test_acceptance_06_a_client_that_leaves_frees_the_engine(it: Lab) -> None:
    before = (await it.generate("the same")).body
    hold = it.engine.hold(10)
    asking = it.begin()
    await hold.until_reached()
    assert it.service.turn is not None
    job = it.service.turn.job
    asking.cancel()
    await stopping(job.stop.is_set)
    hold.go.set()
    await job.ended.wait()
    assert job.state == "cancelled"
    assert (await it.generate("the same")).body == before


async def stopping(is_set: object) -> None:
    """Wait until the service has seen that its client is gone."""
    assert callable(is_set)
    async with asyncio.timeout(10):
        while not is_set():  # noqa: ASYNC110 - a thread's event cannot be awaited
            await asyncio.sleep(0.001)


async def test_acceptance_06_a_client_that_leaves_the_line_is_not_drawn_for(it: Lab) -> None:
    hold = it.engine.hold()
    running = it.begin()
    await hold.until_reached()
    asking = it.begin("never drawn")
    await it.waiting(1)
    asking.cancel()
    await it.waiting(0)
    hold.go.set()
    await running
    assert len(it.engine.tasks) == 1


async def test_acceptance_06_who_leaves_takes_nothing_from_who_joined(it: Lab) -> None:
    hold = it.engine.hold(10)
    body: Json = {"prompt": "shared"}
    first, second = (
        asyncio.create_task(it.ask("POST", GENERATE, body, Idempotency_Key="k")) for _ in range(2)
    )
    await hold.until_reached()
    assert it.service.turn is not None
    job = it.service.turn.job
    while job.waiters < 2:
        await it.get("/api/health")
    first.cancel()
    while job.waiters > 1:
        await it.get("/api/health")
    hold.go.set()
    assert (await second).status == 200


async def test_acceptance_06_who_hangs_up_and_comes_back_with_the_same_key_is_drawn_for(
    it: Lab,
) -> None:
    hold = it.engine.hold(10)
    body: Json = {"prompt": "twice"}
    first = asyncio.create_task(it.ask("POST", GENERATE, body, Idempotency_Key="k"))
    await hold.until_reached()
    assert it.service.turn is not None
    job = it.service.turn.job
    first.cancel()
    await stopping(job.stop.is_set)
    second = asyncio.create_task(it.ask("POST", GENERATE, body, Idempotency_Key="k"))
    await it.waiting(1)
    hold.go.set()
    assert (await second).status == 200


async def test_acceptance_06_a_client_that_leaves_may_be_drawn_for_if_the_settings_say_so() -> None:
    async with lab(cancel_on_disconnect=False) as it:
        hold = it.engine.hold(10)
        asking = it.begin()
        await hold.until_reached()
        assert it.service.turn is not None
        job = it.service.turn.job
        asking.cancel()
        while job.waiters:
            await it.get("/api/health")
        hold.go.set()
        await job.ended.wait()
        assert job.state == "done"


async def test_acceptance_07_numbers_that_are_none_are_degraded_once_and_it_is_seen(
    it: Lab,
) -> None:
    it.engine.fails("nan", step=30)
    answer = await it.generate(seed=7)
    assert answer.status == 200
    headers = answer.headers
    assert (headers["X-Degraded"], headers["X-Degrade-Reason"]) == ("true", "nan")
    assert (headers["X-Num-Steps"], headers["X-Requested-Steps"]) == ("40", "50")
    assert headers["X-Requested-Seed"] == "7" != headers["X-Seed"]
    with Image.open(BytesIO(answer.body)) as image:
        image.load()
        told = orjson.loads(str(image.info["imageway"]))
    assert told["degraded"] == {"reason": "nan", "requested_steps": 50, "requested_seed": 7}
    assert (await it.get("/api/metrics")).json["degraded"] == {"nan": 1}


async def test_acceptance_07_it_is_seen_in_json_and_in_events(it: Lab) -> None:
    it.engine.fails("nan", step=30)
    told = (await it.ask("POST", GENERATE, {"prompt": "x"}, Accept="application/json")).json
    degraded = told["degraded"]
    assert isinstance(degraded, dict)
    assert (degraded["num_steps"], degraded["requested_steps"]) == (40, 50)
    it.engine.fails("nan", step=30)
    hold = it.engine.hold(0)
    number = await it.submit()
    listening = asyncio.create_task(it.events(number))
    await it.is_listened_to(number)
    hold.go.set()
    events = await listening
    [event] = [each for each in events if each.name == "degraded"]
    assert (event.data["reason"], event.data["num_steps"]) == ("nan", 40)
    last = events[-1].data["degraded"]
    assert isinstance(last, dict)
    assert (last["seed"], last["requested_seed"]) == (event.data["seed"], 42)
    totals = {str(each.data["total"]) for each in events if each.name == "progress"}
    assert totals == {"50", "40"}


@pytest.mark.parametrize(
    ("steps", "fixes"),
    [(50, ["reduce num_steps to 40", "try a different seed"]), (20, ["try a different seed"])],
)
async def test_acceptance_07_twice_is_told_with_what_may_help(
    it: Lab, steps: int, fixes: list[str]
) -> None:
    it.engine.fails("nan", step=15)
    it.engine.fails("nan", step=15)
    answer = await it.generate(num_steps=steps)
    assert (answer.status, answer.code) == (500, 4001)
    assert (answer.json["reason"], answer.json["suggested_fix"]) == ("nan", fixes)


async def test_acceptance_07_nothing_is_degraded_for_who_does_not_allow_it(it: Lab) -> None:
    it.engine.fails("nan", step=30)
    assert (await it.generate(allow_degrade=False)).code == 4001
    assert len(it.engine.tasks) == 1


async def test_acceptance_07_in_decoding_alone_it_is_repaired_and_not_degraded(it: Lab) -> None:
    expected = (await it.generate()).body
    it.engine.fails("nan", "decode")
    answer = await it.generate()
    assert (answer.status, answer.headers["X-Degraded"]) == (200, "false")
    assert answer.body == expected


async def test_acceptance_08_no_memory_to_decode_is_met_by_tiles_with_the_same_seed(
    it: Lab,
) -> None:
    it.engine.repairable = {Repair.TILING}
    it.engine.fails("oom", "decode")
    answer = await it.generate(seed=7)
    assert (answer.status, answer.headers["X-Degraded"]) == (200, "false")
    assert answer.headers["X-Seed"] == "7"
    assert it.engine.repairs == [Repair.FREE_MEMORY, Repair.TILING]


async def test_acceptance_08_a_damaged_model_is_told_each_time_and_then_not_ready(
    it: Lab,
) -> None:
    for _ in range(6):
        it.engine.fails("nan", step=30)
    assert [(await it.generate()).code for _ in range(2)] == [4001, 4001]
    assert (await it.get("/api/ready")).status == 200
    assert (await it.generate()).code == 4001
    answer = await it.get("/api/ready")
    assert (answer.status, answer.json["status"]) == (503, "error")
    assert (await it.get("/api/queue/status")).json["status"] == "error"
    assert (await it.get("/api/health")).status == 200
    assert (await it.generate()).status == 200, "it is still tried, and one that works heals it"
    assert (await it.get("/api/ready")).status == 200


async def test_acceptance_09_a_picture_that_cannot_be_encoded_is_4002(
    it: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(*arguments: object, **options: object) -> None:
        raise OSError("encoder error -2 when writing image file")

    monkeypatch.setattr(Image.Image, "save", save)
    answer = await it.generate()
    assert (answer.status, answer.code) == (500, 4002)
    monkeypatch.undo()
    assert (await it.generate()).status == 200


async def test_acceptance_09_a_device_that_failed_makes_the_service_ill(it: Lab) -> None:
    hold = it.engine.hold(5)
    it.engine.fails("device", step=10)
    running = it.begin()
    await hold.until_reached()
    others = [it.begin() for _ in range(2)]
    await it.waiting(2)
    hold.go.set()
    answer = await running
    assert (answer.status, answer.code, answer.json["reason"]) == (500, 4001, "device")
    assert [(await each).code for each in others] == [3904, 3904]
    health = await it.get("/api/health")
    assert (health.status, health.json) == (503, {"status": "error", "reason": "device"})
    assert (await it.generate()).code == 3904
    assert it.service.has_broken.is_set()
    assert it.service.broken is not None
    assert it.service.broken.reason == "device"


async def test_acceptance_11_events_end_with_exactly_one_end(it: Lab) -> None:
    ends: list[str] = []
    for script in ("done", "error", "cancelled", "degraded"):
        hold = it.engine.hold(5)
        number = await it.submit()
        listening = asyncio.create_task(it.events(number))
        await hold.until_reached()
        await play(it, script, number, hold)
        names = [event.name for event in await listening]
        finals = [name for name in names if name in {"done", "error", "cancelled"}]
        assert finals == names[-1:]
        ends += finals
        late = await it.events(number)
        assert [event.name for event in late] == finals, "who comes late hears the end alone"
    assert ends == ["done", "error", "cancelled", "done"]


async def play(it: Lab, script: str, number: str, hold: Hold) -> None:
    if script == "error":
        it.engine.fails("internal", step=7)
    if script == "degraded":
        it.engine.fails("nan", step=30)
    if script == "cancelled":
        await it.delete(number)
    hold.go.set()


async def test_acceptance_11_who_comes_late_hears_the_present_state_first(it: Lab) -> None:
    hold = it.engine.hold(25)
    number = await it.submit()
    await hold.until_reached()
    await it.until(number, "progress")
    events = it.listen(number)
    first = [await anext(events) for _ in range(2)]
    assert [event.name for event in first] == ["started", "progress"]
    assert first[1].data["step"] == 25
    hold.go.set()
    assert [event async for event in events][-1].name == "done"


async def test_acceptance_12_the_published_numbers_are_there(it: Lab) -> None:
    told: dict[str, JsonValue] = (await it.get("/api/metrics")).json
    keys = ("memory_mb", "queue_length", "uptime_seconds", "avg_generate_seconds", "processing")
    more = ("model_loaded", "gpu_memory_allocated_mb", "gpu_memory_reserved_mb")
    assert {*keys, *more} <= set(told)
    memory = told["memory_mb"]
    assert isinstance(memory, float)
    assert memory > 10
