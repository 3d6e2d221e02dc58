"""Idempotency keys and repeats, as a client of the gateway sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx2
import pytest
from openai import AsyncOpenAI

from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.providers.stack import candidate_stack
from imageway.providers.tables.features import Rollout
from tests.server.lab import GENERATIONS, Answer, Json, Lab, lab, picture
from tests.whole.town import town

KEY = "0190-a-key"


@pytest.fixture
async def it() -> AsyncGenerator[Lab]:
    async with lab() as found:
        yield found


async def keyed(it: Lab) -> Answer:
    return await it.ask(GENERATIONS, {"prompt": "a fox"}, Idempotency_Key=KEY)


async def test_the_same_key_gets_the_same_pictures_and_is_told(it: Lab) -> None:
    first, again = await keyed(it), await keyed(it)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(it.adapter.asked) == 1


async def test_five_at_once_are_one_call_and_four_replays(it: Lab) -> None:
    answers = await asyncio.gather(*(keyed(it) for _ in range(5)))
    assert len(it.adapter.asked) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 4


async def test_another_body_under_the_key_is_unprocessable(it: Lab) -> None:
    await keyed(it)
    answer = await it.ask(GENERATIONS, {"prompt": "a hen"}, Idempotency_Key=KEY)
    assert (answer.status, answer.error["param"]) == (422, "Idempotency-Key")
    assert len(it.adapter.asked) == 1


async def test_a_refused_body_does_not_use_the_key_up(it: Lab) -> None:
    assert (await it.ask(GENERATIONS, {"prompt": ""}, Idempotency_Key=KEY)).status == 400
    assert (await keyed(it)).status == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "ключ".encode().decode("latin-1")])
async def test_a_key_that_is_none_is_refused_before_anything_is_drawn(it: Lab, key: str) -> None:
    answer = await it.ask(GENERATIONS, {"prompt": "a fox"}, Idempotency_Key=key)
    assert (answer.status, answer.error["param"]) == (400, "Idempotency-Key")
    assert it.adapter.asked == []


async def test_a_stream_is_replayed_from_its_beginning(it: Lab) -> None:
    body: Json = {"prompt": "a fox", "stream": True}
    first = await it.ask(GENERATIONS, body, Idempotency_Key=KEY)
    again = await it.ask(GENERATIONS, body, Idempotency_Key=KEY)
    assert b"image_generation.completed" in again.body
    assert first.body.count(b"event:") == again.body.count(b"event:")
    assert len(it.adapter.asked) == 1


async def test_a_client_that_hangs_up_and_asks_the_same_joins(it: Lab) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        await run.paying()
        entered.set()
        await run.ledger.leaving.wait()
        go_on.set()
        run.settled("yes")
        run.image(picture())

    lab_table = it.way.snapshot.providers["lab"]
    paid = lab_table.config.model_copy(update={"cost": "paid"})
    policies, state = lab_table.policies, lab_table.state
    lab_table.stack = partial(candidate_stack, it.adapter, paid, policies, state, None)
    it.adapter.play = play
    leaving = asyncio.create_task(it.draw())
    await entered.wait()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await go_on.wait()
    answer = await it.draw()
    assert (answer.status, answer.headers["Idempotent-Replayed"]) == (200, "true")
    assert len(it.adapter.asked) == 1


@pytest.mark.slow
async def test_the_sdk_that_loses_patience_and_asks_again_pays_once(tmp_path: Path) -> None:
    async with town(tmp_path, vendors=1) as it:
        it.vendors[0].seconds_per_picture = 1.5
        impatient = AsyncOpenAI(
            api_key="any", base_url=f"{it.url}/v1", max_retries=3, timeout=httpx2.Timeout(1.0)
        )
        async with impatient:
            result = await impatient.images.generate(model="default", prompt="a fox", n=1)
        assert result.data
        assert it.charged == [1]
        assert it.asked == [1]


async def test_whether_an_unfetched_answer_is_given_again_is_a_flag(it: Lab) -> None:
    config = it.way.snapshot.source.config
    off = config.features.model_copy(update={"retry_coalescing": Rollout(on=False)})
    it.way.snapshot.source = replace(
        it.way.snapshot.source, config=config.model_copy(update={"features": off})
    )
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        entered.set()
        await go_on.wait()
        run.image(picture())

    it.adapter.play = play
    first = asyncio.create_task(it.ask(GENERATIONS, {"prompt": "x"}))
    await entered.wait()
    entered.clear()
    again = asyncio.create_task(it.ask(GENERATIONS, {"prompt": "x"}, x_stainless_retry_count="1"))
    await entered.wait()
    go_on.set()
    answers = await asyncio.gather(first, again)
    assert [each.status for each in answers] == [200, 200]
    assert len(it.adapter.asked) == 2
