"""The contract's acceptance tests 1 to 5, by number: what a client asks for and gets."""

from __future__ import annotations

import asyncio

import pytest

from imageway.qwen.loading import USUAL_SECONDS
from tests.qwen.article_client import ArticleError, generate_image
from tests.qwen.lab import GENERATE, Json, Lab, lab


async def test_acceptance_01_the_articles_client_gets_a_picture(it: Lab) -> None:
    data = await generate_image(it.session, it.url, "一只戴墨镜的柴犬在冲浪", "16:9")
    assert data.startswith(b"\x89PNG")


async def test_acceptance_01_it_waits_while_the_model_loads_and_while_the_line_is_full() -> None:
    waited: list[float] = []
    async with lab(opens=False, queue_depth=0) as it:
        running: list[asyncio.Task[object]] = []
        hold = it.engine.hold(1, "somebody else")

        async def sleep(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 1:
                it.engine.release()
                await it.opening
                it.engine.released = False
                hold.go.clear()
                running.append(asyncio.create_task(it.generate("somebody else")))
                await hold.until_reached()
            else:
                hold.go.set()
                await asyncio.gather(*running)

        assert await generate_image(it.session, it.url, "a fox", sleep=sleep)
    assert len(waited) == 2
    assert 1 <= waited[0] <= USUAL_SECONDS
    assert waited[1] >= 1


@pytest.mark.parametrize(("prompt", "code"), [("", 1001), ("x" * 513, 1002)])
async def test_acceptance_01_it_fails_at_once_on_its_own_mistakes(
    it: Lab, prompt: str, code: int
) -> None:
    async def never(seconds: float) -> None:
        raise AssertionError("it must not wait")

    with pytest.raises(ArticleError) as caught:
        await generate_image(it.session, it.url, prompt, sleep=never)
    assert caught.value.code == code


PUBLISHED: list[tuple[Json, int, set[str]]] = [
    ({"prompt": ""}, 1001, set()),
    ({"prompt": "狐" * 513}, 1002, {"limit", "got"}),
    ({"prompt": "x", "aspect_ratio": "16/9"}, 1003, {"allowed", "got"}),
    ({"prompt": "x", "num_steps": 150}, 2001, {"limit", "got"}),
    ({"prompt": "x", "cfg_scale": 25}, 2002, {"limit", "got"}),
]


@pytest.mark.parametrize(("fields", "code", "beside"), PUBLISHED, ids=lambda each: str(each)[:30])
async def test_acceptance_02_wrong_requests_have_their_codes_and_keys(
    it: Lab, fields: Json, code: int, beside: set[str]
) -> None:
    answer = await it.ask("POST", GENERATE, fields)
    assert (answer.status, answer.code) == (400, code)
    assert set(answer.json) == {"code", "message", "request_id", *beside}


async def test_acceptance_02_512_chinese_characters_are_taken(it: Lab) -> None:
    assert (await it.generate("狐" * 512)).status == 200


async def test_acceptance_02_loading_and_busy_say_when_to_come_back() -> None:
    async with lab(opens=False, queue_depth=0) as it:
        loading = await it.generate()
        it.engine.release()
        await it.opening
        it.engine.released = False
        hold = it.engine.hold()
        running = it.begin()
        await hold.until_reached()
        busy = await it.generate()
        for answer, code in ((loading, 3001), (busy, 3002)):
            assert (answer.status, answer.code) == (503, code)
            assert set(answer.json) - {"limit"} == {"code", "message", "request_id", "retry_after"}
            assert answer.headers["Retry-After"] == str(answer.json["retry_after"])
        hold.go.set()
        await running


async def test_acceptance_02_failures_have_their_codes_and_keys(it: Lab) -> None:
    it.engine.fails("internal")
    answer = await it.generate()
    assert (answer.status, answer.code) == (500, 4001)
    assert set(answer.json) == {"code", "message", "request_id", "reason", "suggested_fix"}
    it.engine.decoded = lambda image: image.convert("CMYK")
    answer = await it.generate()
    assert (answer.status, answer.code) == (500, 4002)
    assert set(answer.json) == {"code", "message", "request_id"}


async def test_acceptance_03_without_a_seed_the_bytes_are_the_same(it: Lab) -> None:
    assert (await it.generate()).body == (await it.generate()).body
    assert {task.seed for task in it.engine.tasks} == {42}


async def test_acceptance_03_null_is_another_seed_each_time_and_can_be_had_again(it: Lab) -> None:
    first, second = await it.generate(seed=None), await it.generate(seed=None)
    assert first.body != second.body
    again = await it.generate(seed=int(first.headers["X-Seed"]))
    assert again.body == first.body


async def test_acceptance_03_minus_one_is_from_the_clock(it: Lab) -> None:
    first, second = await it.generate(seed=-1), await it.generate(seed=-1)
    assert first.headers["X-Seed"] != second.headers["X-Seed"]


async def test_acceptance_04_guidance_shows_without_a_negative_prompt(it: Lab) -> None:
    assert (await it.generate(cfg_scale=2)).body != (await it.generate(cfg_scale=9)).body
    assert {task.negative_prompt for task in it.engine.tasks} == {" "}


async def test_acceptance_04_without_guidance_it_takes_half_as_long() -> None:
    async with lab(demo_step_seconds=0.5) as it:
        await it.generate(cfg_scale=4, num_steps=20)
        guided = sum(it.engine.slept)
        await it.generate(cfg_scale=1, num_steps=20)
        assert sum(it.engine.slept) - guided == guided / 2


async def test_acceptance_05_four_at_once_are_served_in_order_and_one_at_a_time() -> None:
    async with lab(queue_depth=3) as it:
        hold = it.engine.hold()
        names = ["first", "second", "third", "fourth"]
        numbers = [await it.submit(name) for name in names]
        await hold.until_reached()
        listening = [asyncio.create_task(it.events(number)) for number in numbers]
        for number in numbers:
            await it.is_listened_to(number)
        over = await it.generate("one too many")
        assert (over.status, over.code) == (503, 3002)
        retry_after = over.json["retry_after"]
        assert isinstance(retry_after, int)
        assert 1 <= retry_after <= 60
        hold.go.set()
        told = [await each for each in listening]
    assert [task.prompt for task in it.engine.tasks] == names
    positions = [
        [event.data["position"] for event in events if event.name == "queued"] for events in told
    ]
    assert positions == [[], [1], [2, 1], [3, 2, 1]]


async def test_acceptance_05_plain_requests_wait_their_turn_too(it: Lab) -> None:
    hold = it.engine.hold()
    first = it.begin("first")
    await hold.until_reached()
    others = [it.begin(name) for name in ("second", "third", "fourth")]
    await it.waiting(3)
    hold.go.set()
    assert [(await each).status for each in (first, *others)] == [200] * 4
    assert [task.prompt for task in it.engine.tasks] == ["first", "second", "third", "fourth"]
