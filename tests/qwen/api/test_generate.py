"""POST /api/generate: a picture with everything in headers, JSON, or a place to look."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from io import BytesIO

import orjson
import pytest
from PIL import Image

from imageway.core.picture import Picture
from tests.qwen.lab import GENERATE, SMALL, Lab, lab


async def test_the_answer_is_the_picture_and_its_headers_tell_how_it_was_made(it: Lab) -> None:
    answer = await it.generate(aspect_ratio="16:9", num_steps=20, cfg_scale=3, seed=7)
    assert (answer.status, answer.picture.media_type) == (200, "image/png")
    assert (answer.picture.width, answer.picture.height) == SMALL["16:9"]
    number = answer.headers["X-Request-Id"]
    told = {name: value for name, value in answer.headers.items() if name.startswith("X-")}
    times = [float(told.pop(f"X-{name}-Seconds")) for name in ("Queue", "Generate")]
    assert min(times) >= 0
    told = {name: value for name, value in told.items() if value != number}
    assert told == {
        "X-Code": "0",
        "X-Seed": "7",
        "X-Num-Steps": "20",
        "X-Cfg-Scale": "3.0",
        "X-Width": str(SMALL["16:9"][0]),
        "X-Height": str(SMALL["16:9"][1]),
        "X-Model": "imageway-demo (procedural, not AI)",
        "X-Degraded": "false",
        "X-Content-Type-Options": "nosniff",
    }
    assert answer.headers["Content-Disposition"] == f'inline; filename="qwen-7-{number}.png"'


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_the_format_is_what_was_asked_for(it: Lab, kind: str) -> None:
    answer = await it.generate(format=kind)
    assert answer.headers["Content-Type"] == f"image/{kind}" == answer.picture.media_type


async def test_json_is_for_who_prefers_it(it: Lab) -> None:
    body = {"prompt": "a red fox", "num_steps": 20, "seed": 5}
    answer = await it.ask("POST", GENERATE, body, Accept="application/json")
    told = answer.json
    assert Picture.from_bytes(b64decode(str(told.pop("image_base64")))).width == SMALL["1:1"][0]
    timings = told.pop("timings")
    assert isinstance(timings, dict)
    assert set(timings) == {"queue_seconds", "generate_seconds"}
    assert told == {
        "code": 0,
        "message": "ok",
        "request_id": answer.headers["X-Request-Id"],
        "mime": "image/png",
        "seed": 5,
        "num_steps": 20,
        "cfg_scale": 4.0,
        "width": SMALL["1:1"][0],
        "height": SMALL["1:1"][1],
        "model": "imageway-demo (procedural, not AI)",
        "degraded": None,
    }


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "image/png"),
        ("image/*", "image/png"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("image/webp,application/json;q=0.5", "image/png"),
        ("application/json;q=0", "image/png"),
        ("text/html", "image/png"),
        ("application/json;q=nonsense", "application/json"),
    ],
)
async def test_what_accept_likes_best_is_sent(it: Lab, accept: str, kind: str) -> None:
    answer = await it.ask("POST", GENERATE, {"prompt": "x"}, Accept=accept)
    assert answer.headers["Content-Type"] == kind


async def test_no_content_type_is_needed(it: Lab) -> None:
    async with it.session.post(
        it.url + GENERATE, data=b'{"prompt":"test"}', skip_auto_headers=["Content-Type"]
    ) as response:
        assert response.status == 200


async def test_a_background_request_is_accepted_with_where_to_look(it: Lab) -> None:
    hold = it.engine.hold()
    first = await it.submit()
    await hold.until_reached()
    answer = await it.generate(**{"async": True})
    number = str(answer.json["request_id"])
    assert answer.status == 202
    assert answer.headers["Location"] == f"/api/requests/{number}"
    assert answer.headers["X-Request-Id"] == number
    told = answer.json
    waits = told.pop("estimated_wait_seconds")
    assert isinstance(waits, float | int)
    assert told == {
        "code": 0,
        "request_id": number,
        "status": "queued",
        "queue_position": 1,
        "events": f"/api/requests/{number}/events",
        "image": f"/api/requests/{number}/image",
    }
    hold.go.set()
    assert (await it.ended(first))["state"] == "done"
    assert (await it.ended(number))["state"] == "done"
    assert (await it.image(number)).picture.media_type == "image/png"


async def test_fields_that_nobody_reads_are_named(it: Lab) -> None:
    answer = await it.generate(**{"promt": "x", "a b\r\nX-Evil: 1": 1, "狐": 2})
    assert answer.status == 200
    assert answer.headers["X-Ignored-Fields"] == "promt, a%20b%0D%0AX-Evil%3A%201, %E7%8B%90"
    assert "X-Evil" not in answer.headers


async def test_a_png_tells_what_its_headers_tell(it: Lab) -> None:
    answer = await it.generate("一只狐狸", seed=9, negative_prompt="rain")
    with Image.open(BytesIO(answer.body)) as image:
        image.load()
        told = orjson.loads(str(image.info["imageway"]))
    assert (told["prompt"], told["negative_prompt"], told["seed"]) == ("一只狐狸", "rain", 9)
    assert told["ai_generated"] is False


async def test_prompts_stay_out_of_files_when_the_settings_say_so() -> None:
    async with lab(embed_metadata=False) as it:
        answer = await it.generate("a secret fox")
        assert b"secret" not in answer.body


async def test_a_flat_picture_is_served_with_a_warning(it: Lab) -> None:
    it.engine.decoded = lambda image: Image.new("RGB", image.size, "black")
    answer = await it.generate()
    assert (answer.status, answer.headers["X-Warning"]) == (200, "flat-image")


async def ask_with_key(it: Lab, key: str, **fields: object) -> tuple[int, str]:
    answer = await it.ask("POST", GENERATE, {"prompt": "x", **fields}, Idempotency_Key=key)
    return answer.status, answer.headers["X-Request-Id"]


async def test_the_same_key_joins_the_same_request(it: Lab) -> None:
    hold = it.engine.hold()
    first = asyncio.create_task(ask_with_key(it, "k1", seed=None))
    await hold.until_reached()
    second = asyncio.create_task(ask_with_key(it, "k1", seed=None))
    third = asyncio.create_task(ask_with_key(it, "k1", **{"seed": None, "async": True}))
    assert (await third)[0] == 202
    hold.go.set()
    answers = [await first, await second]
    assert {number for _, number in answers} == {(await third)[1]}
    assert [status for status, _ in answers] == [200, 200]
    assert len(it.engine.tasks) == 1


async def test_the_same_key_after_the_end_brings_the_same_picture(it: Lab) -> None:
    assert await ask_with_key(it, "k1", seed=None) == await ask_with_key(it, "k1", seed=None)
    assert len(it.engine.tasks) == 1


async def test_the_same_key_for_something_else_is_refused(it: Lab) -> None:
    await ask_with_key(it, "k1")
    answer = await it.ask("POST", GENERATE, {"prompt": "other"}, Idempotency_Key="k1")
    assert (answer.status, answer.code) == (409, 1906)


async def test_a_key_that_is_too_long_is_refused(it: Lab) -> None:
    answer = await it.ask("POST", GENERATE, {"prompt": "x"}, Idempotency_Key="k" * 201)
    assert (answer.status, answer.code) == (400, 2904)


async def test_a_joined_request_is_joined_also_when_no_place_is_free() -> None:
    async with lab(queue_depth=0) as it:
        hold = it.engine.hold()
        first = asyncio.create_task(ask_with_key(it, "k1"))
        await hold.until_reached()
        assert (await ask_with_key(it, "k2"))[0] == 503
        second = asyncio.create_task(ask_with_key(it, "k1"))
        hold.go.set()
        assert (await first) == (await second)


async def test_a_request_that_would_take_longer_than_callers_wait_is_refused_at_once() -> None:
    async with lab(sync_budget_seconds=10, default_step_seconds=1) as it:
        refused = await it.generate(num_steps=20)
        assert (refused.status, refused.code) == (503, 3002)
        assert refused.json["retry_after"] == int(refused.headers["Retry-After"]) == 10
        assert (await it.generate(num_steps=20, **{"async": True})).status == 202


async def test_who_waited_too_long_is_told_so(it: Lab) -> None:
    hold = it.engine.hold()
    first = it.begin()
    await hold.until_reached()
    answer = await it.generate(max_wait_seconds=0.01)
    assert (answer.status, answer.code) == (503, 3903)
    assert int(answer.headers["Retry-After"]) >= 1
    number = answer.headers["X-Request-Id"]
    assert (await it.state(number))["state"] == "expired"
    hold.go.set()
    assert (await first).status == 200
