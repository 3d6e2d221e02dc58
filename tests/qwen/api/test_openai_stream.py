"""A streamed answer as OpenAI's own SDK reads it."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncGenerator

import openai
import pytest
from openai import AsyncOpenAI
from openai.types import ImageGenCompletedEvent, ImageGenPartialImageEvent

from imageway.core.picture import Picture
from tests.qwen.lab import Lab


@pytest.fixture
async def sdk(it: Lab) -> AsyncGenerator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=0) as client:
        yield client


async def test_acceptance_13_partial_images_and_then_the_picture(it: Lab, sdk: AsyncOpenAI) -> None:
    hold = it.engine.hold(0)
    asking = asyncio.create_task(sdk.images.generate(prompt="a fox", stream=True, partial_images=2))
    await hold.until_reached()
    assert it.service.turn is not None
    await it.is_listened_to(it.service.turn.job.id)
    hold.go.set()
    events = [event async for event in await asking]
    *partials, completed = events
    assert isinstance(completed, ImageGenCompletedEvent)
    assert [type(each) for each in partials] == [ImageGenPartialImageEvent] * len(partials)
    assert 1 <= len(partials) <= 2
    assert Picture.from_bytes(b64decode(completed.b64_json)).format == "png"
    for number, partial in enumerate(partials):
        assert isinstance(partial, ImageGenPartialImageEvent)
        assert partial.partial_image_index == number
        assert Picture.from_bytes(b64decode(partial.b64_json)).format == "jpeg"


async def test_without_partial_images_no_preview_is_drawn(it: Lab, sdk: AsyncOpenAI) -> None:
    it.engine.fails(RuntimeError("a preview was drawn"), "preview")
    stream = await sdk.images.generate(prompt="a fox", stream=True)
    assert [type(event) async for event in stream] == [ImageGenCompletedEvent]


async def test_several_pictures_come_one_after_the_other(it: Lab, sdk: AsyncOpenAI) -> None:
    stream = await sdk.images.generate(prompt="a fox", n=3, stream=True, extra_body={"seed": 1})
    pictures = [event.b64_json async for event in stream]
    assert len(set(pictures)) == 3


async def test_acceptance_13_a_failure_is_raised_by_the_sdk(it: Lab, sdk: AsyncOpenAI) -> None:
    it.engine.fails("internal", step=5)
    stream = await sdk.images.generate(prompt="a fox", stream=True)
    with pytest.raises(openai.APIError) as caught:
        async for _ in stream:
            pass
    assert caught.value.code == "4001"


async def test_one_that_failed_does_not_stop_the_others(it: Lab, sdk: AsyncOpenAI) -> None:
    it.engine.fails("internal", step=5)
    stream = await sdk.images.generate(prompt="a fox", n=2, stream=True)
    assert [str(event.type) async for event in stream] == [
        "image_generation.failed",
        "image_generation.completed",
    ]


async def test_a_reader_that_leaves_frees_the_engine(it: Lab, sdk: AsyncOpenAI) -> None:
    hold = it.engine.hold(5)
    stream = await sdk.images.generate(prompt="a fox", n=2, stream=True)
    await hold.until_reached()
    assert it.service.turn is not None
    job, waiting = it.service.turn.job, next(iter(it.service.line))
    await stream.close()
    await waiting.ended.wait()
    hold.go.set()
    await job.ended.wait()
    assert [each.state for each in (job, waiting)] == ["cancelled", "cancelled"]
