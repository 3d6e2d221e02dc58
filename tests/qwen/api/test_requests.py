"""/api/requests/{id}: state, events, picture, cancel."""

from __future__ import annotations

import asyncio
from base64 import b64decode

import pytest

from imageway.core.picture import Picture
from tests.qwen.lab import SMALL, Lab, lab


async def test_the_state_of_a_finished_request(it: Lab) -> None:
    number = await it.submit(num_steps=20, seed=7)
    told = await it.ended(number)
    timings = told.pop("timings")
    assert isinstance(timings, dict)
    assert told == {
        "code": 0,
        "request_id": number,
        "state": "done",
        "position": None,
        "step": 20,
        "total_steps": 20,
        "eta_seconds": 0,
        "seed": 7,
        "num_steps": 20,
        "cfg_scale": 4.0,
        "width": SMALL["1:1"][0],
        "height": SMALL["1:1"][1],
        "format": "png",
        "degraded": None,
        "events": f"/api/requests/{number}/events",
        "image": f"/api/requests/{number}/image",
    }


async def test_the_state_of_one_that_waits_and_of_one_that_runs(it: Lab) -> None:
    hold = it.engine.hold(5)
    running = await it.submit(num_steps=20)
    await hold.until_reached()
    waiting = await it.submit()
    await it.until(running, "progress")
    told = await it.state(running)
    assert (told["state"], told["step"], told["total_steps"]) == ("running", 5, 20)
    told = await it.state(waiting)
    assert (told["state"], told["position"], told["step"]) == ("queued", 1, 0)
    assert "image" not in told
    hold.go.set()
    await it.ended(waiting)


async def test_the_state_of_a_failed_one_has_its_error_in_the_readers_language(it: Lab) -> None:
    it.engine.fails("internal")
    number = await it.submit()
    await it.events(number)
    told = (await it.get(f"/api/requests/{number}", Accept_Language="zh")).json
    assert told["state"] == "failed"
    assert told["error"] == {
        "code": 4001,
        "message": "图像生成失败",
        "request_id": number,
        "reason": "internal",
        "suggested_fix": ["请附上请求编号反馈此问题"],
    }


@pytest.mark.parametrize("path", ["", "/events", "/image"])
async def test_an_unknown_id_is_404_and_a_forgotten_one_410(path: str) -> None:
    async with lab(result_ttl_seconds=0) as it:
        number = await it.submit()
        await it.service_is_idle()
        answer = await it.get(f"/api/requests/{number}{path}")
        assert (answer.status, answer.code) == (410, 3902)
        answer = await it.get(f"/api/requests/req_ffffffff{path}")
        assert (answer.status, answer.code) == (404, 3902)


async def test_events_tell_the_whole_life_in_order(it: Lab) -> None:
    hold = it.engine.hold()
    await it.submit()
    await hold.until_reached()
    number = await it.submit(num_steps=20, seed=7)
    listening = asyncio.create_task(it.events(number))
    await it.is_listened_to(number)
    hold.go.set()
    events = await listening
    names = [event.name for event in events]
    assert names[0] == "queued"
    assert names[1] == "started"
    assert names[-1] == "done"
    assert set(names[2:-1]) <= {"progress", "preview"}
    assert events[1].data == {
        "width": SMALL["1:1"][0],
        "height": SMALL["1:1"][1],
        "num_steps": 20,
        "seed": 7,
    }
    assert events[-1].data == {
        "image": f"/api/requests/{number}/image",
        "seed": 7,
        "degraded": None,
    }
    steps = [event.data["step"] for event in events if event.name == "progress"]
    assert steps == [*range(1, 21)]
    ids = [event.id for event in events]
    assert ids == sorted(set(ids))


async def test_a_preview_is_a_small_picture(it: Lab) -> None:
    hold = it.engine.hold(0)
    number = await it.submit(num_steps=20)
    listening = asyncio.create_task(it.until(number, "preview"))
    await it.is_listened_to(number)
    hold.go.set()
    told = (await listening).data
    picture = Picture.from_bytes(b64decode(str(told["data"])))
    assert told["mime"] == picture.media_type == "image/jpeg"
    assert (told["width"], told["height"]) == (picture.width, picture.height)


async def test_nobody_listens_so_nothing_is_drawn_for_them(it: Lab) -> None:
    it.engine.fails(RuntimeError("a preview was drawn"), "preview")
    await it.generate()
    number = await it.submit()
    assert (await it.ended(number))["state"] == "done"


async def test_a_preview_that_fails_is_no_reason_for_anything(it: Lab) -> None:
    hold = it.engine.hold(0)
    it.engine.fails(RuntimeError("no preview today"), "preview")
    number = await it.submit()
    listening = asyncio.create_task(it.events(number))
    await it.is_listened_to(number)
    hold.go.set()
    assert (await listening)[-1].name == "done"


async def test_the_stream_says_how_to_come_back_and_that_it_must_not_be_kept_back(
    it: Lab,
) -> None:
    number = await it.submit()
    answer = await it.get(f"/api/requests/{number}/events")
    assert answer.body.startswith(b"retry: 2000\n\n")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Accel-Buffering"] == "no"


async def test_who_has_heard_the_end_is_told_not_to_come_back(it: Lab) -> None:
    number = await it.submit()
    last = (await it.events(number))[-1]
    path = f"/api/requests/{number}/events"
    assert (await it.get(path, Last_Event_ID=str(last.id))).status == 204
    assert (await it.get(path, Last_Event_ID=str(last.id - 1))).status == 200
    assert (await it.get(path, Last_Event_ID="nonsense")).status == 200


async def test_a_picture_that_is_not_there_yet_is_202(it: Lab) -> None:
    hold = it.engine.hold()
    number = await it.submit()
    await hold.until_reached()
    answer = await it.image(number)
    assert (answer.status, answer.json["state"]) == (202, "running")
    hold.go.set()
    await it.ended(number)
    assert (await it.image(number)).status == 200


async def test_a_picture_that_will_never_be_there_has_its_own_error(it: Lab) -> None:
    it.engine.fails("internal")
    number = await it.submit()
    await it.ended(number)
    answer = await it.image(number)
    assert (answer.status, answer.code) == (500, 4001)
    answer = await it.image(number, "?format=webp")
    assert (answer.status, answer.code) == (500, 4001)


async def test_a_picture_can_be_had_in_another_format(it: Lab) -> None:
    number = await it.submit(seed=7)
    await it.ended(number)
    answer = await it.image(number, "?format=webp")
    assert (answer.picture.media_type, answer.headers["X-Seed"]) == ("image/webp", "7")
    assert (await it.image(number, "?format=bmp")).code == 2904


async def test_a_picture_that_could_not_be_encoded_can_be_had_in_a_format_that_works(
    it: Lab,
) -> None:
    it.engine.decoded = lambda image: image.convert("CMYK")
    number = await it.submit()
    assert (await it.ended(number))["state"] == "failed"
    assert (await it.image(number)).code == 4002
    assert (await it.image(number, "?format=jpeg")).picture.media_type == "image/jpeg"
    assert (await it.image(number, "?format=png")).code == 4002


async def test_cancelling_one_that_is_over_changes_nothing(it: Lab) -> None:
    number = await it.submit()
    await it.ended(number)
    answer = await it.delete(number)
    assert (answer.status, answer.json) == (
        200,
        {"code": 0, "request_id": number, "status": "done"},
    )
    assert (await it.image(number)).status == 200


async def test_cancelling_a_strange_one_is_404(it: Lab) -> None:
    assert (await it.delete("req_ffffffff")).code == 3902


async def test_one_that_is_cancelled_ends_in_its_events(it: Lab) -> None:
    hold = it.engine.hold()
    number = await it.submit()
    await hold.until_reached()
    answer = await it.delete(number)
    assert (answer.status, answer.json["status"]) == (202, "cancelling")
    hold.go.set()
    last = (await it.events(number))[-1]
    assert last.name == "cancelled"
    assert last.data == {
        "code": 3901,
        "message": "The request was cancelled",
        "request_id": number,
    }


async def test_a_picture_that_came_after_the_cancel_is_not_handed_out(it: Lab) -> None:
    hold = it.engine.hold(50)
    number = await it.submit()
    await hold.until_reached()
    await it.delete(number)
    hold.go.set()
    assert (await it.ended(number))["state"] == "cancelled"


async def test_a_picture_can_be_looked_at_by_its_link(it: Lab) -> None:
    number = await it.submit(format="jpeg")
    await it.ended(number)
    answer = await it.image(number)
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Request-Id"] == number
