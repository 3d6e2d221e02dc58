"""A streamed answer: each picture as it comes, in events that OpenAI's SDK can read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest
from openai.types import (
    ImageEditCompletedEvent,
    ImageEditPartialImageEvent,
    ImageGenCompletedEvent,
    ImageGenPartialImageEvent,
)
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.server.lab import EDITS, GENERATIONS, OBJECT, Json, Lab, picture, png


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Json]]:
    """Read events; comments are passed over."""
    name = ""
    async for line in response.content:
        if line.startswith(b"event: "):
            name = line[7:].strip().decode()
        elif line.startswith(b"data: "):
            yield name, OBJECT.validate_python(orjson.loads(line[6:]))


async def heard(it: Lab, **fields: JsonValue) -> list[tuple[str, Json]]:
    body = {"prompt": "x", "stream": True, **fields}
    async with it.session.post(it.url + GENERATIONS, json=body) as response:
        assert response.content_type == "text/event-stream"
        return [each async for each in events(response)]


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin every stream at once, also one that is about to fail."""
    monkeypatch.setattr("imageway.server.dialects.openai_events.GRACE_SECONDS", 0)


async def test_a_picture_arrives_while_the_next_one_is_still_held_back(it: Lab) -> None:
    second = asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        run.image(picture("red"))
        await second.wait()
        run.image(picture("blue"))

    it.adapter.play = play
    body = {"prompt": "x", "n": 2, "stream": True}
    async with it.session.post(it.url + GENERATIONS, json=body) as response:
        told = events(response)
        name, first = await asyncio.wait_for(anext(told), 5)
        assert not second.is_set()
        assert (name, first["index"]) == ("image_generation.completed", 0)
        second.set()
        _, last = await asyncio.wait_for(anext(told), 5)
        assert (last["index"], last["b64_json"]) == (1, picture("blue").base64)


async def test_previews_and_pictures_are_what_the_sdk_expects(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        for _ in range(5):
            run.preview(picture("grey"))
            await asyncio.sleep(0)
        run.charge(12, "tokens")
        run.image(picture())

    it.adapter.play = play
    told = await heard(it, partial_images=2, quality="low")
    for name, event in told[:-1]:
        assert name == "image_generation.partial_image"
        ImageGenPartialImageEvent.model_validate(event)
    assert len(told) <= 3
    completed = ImageGenCompletedEvent.model_validate(told[-1][1])
    assert (completed.size, completed.quality, completed.background) == ("8x8", "low", "auto")
    assert completed.usage.total_tokens == 12


async def test_previews_that_nobody_asked_for_are_not_sent(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.preview(picture())
        run.image(picture())

    it.adapter.play = play
    assert [name for name, _ in await heard(it)] == ["image_generation.completed"]


async def test_an_edit_has_event_names_of_its_own(it: Lab) -> None:
    seen = asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        run.preview(picture())
        await seen.wait()
        run.image(picture())

    it.adapter.play = play
    form = aiohttp.FormData({"prompt": "x", "stream": "true", "partial_images": "1"})
    form.add_field("image", png(), filename="a.png")
    async with it.session.post(it.url + EDITS, data=form) as response:
        told: list[tuple[str, Json]] = []
        async for each in events(response):
            told.append(each)
            seen.set()
    ImageEditPartialImageEvent.model_validate(told[0][1])
    ImageEditCompletedEvent.model_validate(told[1][1])


async def test_one_failure_does_not_hide_the_others_pictures(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="refused"), 0)
        run.image(picture(), 1)

    it.adapter.play = play
    told = await heard(it, n=2)
    assert [name for name, _ in told] == ["image_generation.failed", "image_generation.completed"]
    assert (told[0][1]["index"], told[0][1]["code"]) == (0, "moderation_blocked")


@pytest.mark.usefixtures("no_grace")
async def test_nothing_at_all_ends_with_a_nested_error(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(ErrorCode.UNAVAILABLE, "down")

    it.adapter.play = play
    name, last = (await heard(it))[-1]
    assert (name, last["type"]) == ("error", "error")
    assert isinstance(last["error"], dict)
    assert (last["error"]["code"], last["error"]["message"]) == ("overloaded", "down")


async def test_what_fails_at_once_is_told_by_the_status(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(ErrorCode.UNSUPPORTED, "no masks here", details={"param": "mask"})

    it.adapter.play = play
    answer = await it.draw(stream=True)
    assert (answer.status, answer.error["param"]) == (422, "mask")


async def test_a_stream_is_not_buffered_or_cached_on_its_way(it: Lab) -> None:
    body = {"prompt": "x", "stream": True}
    async with it.session.post(it.url + GENERATIONS, json=body) as response:
        assert response.headers["X-Accel-Buffering"] == "no"
        assert response.headers["Cache-Control"] == "no-cache, no-transform"
        assert response.headers["X-Request-Id"].startswith("req_")
        assert (await response.read()).startswith(b": keep-alive\n\n")


async def test_notes_travel_with_the_picture(it: Lab) -> None:
    told = await heard(it, output_compression=80, style="vivid")
    beside = told[-1][1]["imageway"]
    assert isinstance(beside, dict)
    assert "output_compression" in str(beside["notes"])
    assert "style" in str(beside["notes"])
