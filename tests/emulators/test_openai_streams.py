"""Streams as OpenAI's own SDK sees them, and the exceptions that captured answers raised."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openai
import pytest
from openai.types import ImageGenCompletedEvent, ImageGenPartialImageEvent
from PIL import Image
from pydantic import JsonValue

from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.openai_order import Facts
from imageway.emulators.serving import serve

CAPTURED = Path(__file__).parents[1] / "data" / "openai" / "captured_requests.json"


@pytest.fixture
def emulator() -> OpenAIEmulator:
    return OpenAIEmulator(clock=lambda: 1_795_302_099.5)


@pytest.fixture
async def client(emulator: OpenAIEmulator) -> AsyncIterator[openai.AsyncOpenAI]:
    async with (
        serve(emulator) as url,
        openai.AsyncOpenAI(
            base_url=f"{url}/v1", api_key="sk-emulated", max_retries=0, timeout=5
        ) as client,
    ):
        yield client


def opened(text: str | None) -> Image.Image:
    image = Image.open(BytesIO(base64.b64decode(text or "", validate=True)))
    image.load()
    return image


async def streamed(
    client: openai.AsyncOpenAI, n: int = 1, partials: int = 2, prompt: str = "A red mug"
) -> AsyncIterator[ImageGenPartialImageEvent | ImageGenCompletedEvent]:
    stream = await client.images.generate(
        model="gpt-image-2",
        prompt=prompt,
        quality="low",
        n=n,
        stream=True,
        partial_images=partials,
    )
    async for event in stream:
        yield event


async def watch(client: openai.AsyncOpenAI, seen: list[str], n: int = 1, partials: int = 2) -> None:
    async for event in streamed(client, n, partials):
        seen += [event.type.partition(".")[2] or event.type]


async def types(client: openai.AsyncOpenAI, n: int = 1, partials: int = 2) -> list[str]:
    seen: list[str] = []
    await watch(client, seen, n, partials)
    return seen


async def test_a_stream_shows_partials_before_the_picture(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    events = [event async for event in streamed(client)]
    *partials, last = events
    assert [isinstance(each, ImageGenPartialImageEvent) for each in partials] == [True, True]
    assert isinstance(last, ImageGenCompletedEvent)
    assert last.usage.output_tokens == 196 + 2 * 100
    assert len({event.b64_json for event in events}) == 3
    assert opened(partials[0].b64_json).size == (1024, 1024)
    assert emulator.charges[0].amount == Decimal(3 * 5 + 396 * 30) / 1_000_000


async def test_partials_are_counted_from_nought(client: openai.AsyncOpenAI) -> None:
    events = [event async for event in streamed(client, partials=3)]
    counted = [e.partial_image_index for e in events if isinstance(e, ImageGenPartialImageEvent)]
    assert counted == [0, 1, 2]


async def test_a_stream_of_two_pictures_completes_twice_and_is_charged_once(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    assert await types(client, n=2, partials=0) == ["completed", "completed"]
    assert [charge.pictures for charge in emulator.charges] == [2]


@pytest.mark.parametrize(("keep", "partials"), [(0, 0), (1, 1)])
async def test_a_stream_may_show_fewer_partials_than_asked(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI, keep: int, partials: int
) -> None:
    emulator.script(Fault.NO_PREVIEWS, keep=keep)
    assert await types(client) == ["partial_image"] * partials + ["completed"]


@pytest.mark.parametrize("shown", [0, 1])
async def test_an_error_in_a_stream_is_raised_after_what_came(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI, shown: int
) -> None:
    emulator.script(Fault.SERVER_ERROR, variant="image_generation_failed", after_events=shown)
    seen: list[str] = []
    with pytest.raises(openai.APIError) as caught:
        await watch(client, seen)
    assert seen == ["partial_image"] * shown
    assert (caught.value.code, caught.value.message) == (
        "image_generation_failed",
        "Image generation failed",
    )
    assert emulator.charges == []


async def test_an_error_may_come_after_a_completed_picture(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    emulator.script(Fault.REFUSED, variant="output", after_events=1)
    seen: list[str] = []
    with pytest.raises(openai.APIError, match="safety system"):
        await watch(client, seen, n=2, partials=0)
    assert seen == ["completed"]


async def test_a_flat_error_is_not_noticed_by_the_sdk(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    emulator.facts = Facts(stream_errors="flat")
    emulator.script(Fault.REFUSED, after_events=1)
    assert await types(client) == ["partial_image", "error"]


async def test_a_bare_error_is_raised(emulator: OpenAIEmulator, client: openai.AsyncOpenAI) -> None:
    emulator.facts = Facts(stream_errors="bare")
    emulator.script(Fault.REFUSED, after_events=1)
    with pytest.raises(openai.APIError, match="safety system"):
        await types(client)


async def test_a_chatty_stream_says_more_than_is_documented(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    emulator.facts = Facts(chatty_streams=True)
    assert await types(client, partials=1) == ["progress", "partial_image", "completed"]


async def test_a_server_that_ignores_stream_gives_the_sdk_nothing(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    emulator.facts = Facts(ignores_stream=True)
    assert await types(client) == []


async def test_a_stream_that_ends_early_gives_no_picture(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    emulator.script(Fault.CUT_STREAM)
    assert await types(client) == ["partial_image", "partial_image"]
    assert len(emulator.charges) == 1


async def test_a_cut_stream_is_a_connection_error(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    emulator.script(Fault.CUT, after_events=1)
    with pytest.raises(openai.APIConnectionError):
        await types(client)


SCRIPT_BY_CAPTURE: Mapping[str, tuple[Fault, dict[str, JsonValue]]] = {
    "o03-stream-cut": (Fault.CUT, {"after_events": 1}),
    "o03-stream-error-nested": (Fault.REFUSED, {"after_events": 1}),
    "o07-error-401": (Fault.BAD_KEY, {}),
    "o07-error-404": (Fault.NOT_FOUND, {}),
    "o07-error-429": (Fault.RATE_LIMITED, {"retry_after": "1"}),
    "o07-error-500": (Fault.SERVER_ERROR, {}),
    "o07-error-moderation": (Fault.REFUSED, {}),
    "o07-error-quota": (Fault.QUOTA, {}),
    "o07-error-retired": (Fault.NOT_FOUND, {"variant": "retired"}),
    "o12b-stream-n2-one-error": (Fault.REFUSED, {"after_events": 1}),
}


@pytest.mark.parametrize("name", SCRIPT_BY_CAPTURE)
async def test_an_error_raises_what_the_captured_one_did(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI, name: str
) -> None:
    [captured] = [each for each in json.loads(CAPTURED.read_text()) if each["name"] == name]
    fault, details = SCRIPT_BY_CAPTURE[name]
    emulator.add(Scripted.model_validate({"fault": fault, **details}))
    asked = (
        types(client)
        if captured["json"].get("stream")
        else client.images.generate(model="gpt-image-2", prompt="mug")
    )
    with pytest.raises(openai.APIError) as caught:
        await asked
    expected = captured["exception"]
    assert f"openai.{type(caught.value).__name__}" == expected.pop("class")
    assert {name: getattr(caught.value, name) for name in expected} == expected
