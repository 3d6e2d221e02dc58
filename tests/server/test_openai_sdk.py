"""OpenAI's own SDK, unmodified, against a gateway on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import openai
import pytest
from openai import AsyncOpenAI
from openai.types import ImageEditCompletedEvent, ImageGenCompletedEvent, ImageGenPartialImageEvent

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.server.lab import Lab, lab, picture, png


@pytest.fixture
async def sdk(it: Lab) -> AsyncGenerator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=0) as client:
        yield client


async def test_generate(sdk: AsyncOpenAI) -> None:
    answer = await sdk.images.generate(model="default", prompt="a red circle", n=2, size="auto")
    assert answer.data is not None
    assert [image.b64_json for image in answer.data] == [picture().base64] * 2


async def test_generate_with_fields_of_our_own(it: Lab, sdk: AsyncOpenAI) -> None:
    await sdk.images.generate(prompt="x", extra_body={"seed": 7, "negative_prompt": "text"})
    asked = it.adapter.asked[0]
    assert (asked.seed, asked.negative_prompt) == (7, "text")


async def test_partial_success_reaches_the_caller(it: Lab, sdk: AsyncOpenAI) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="refused"), 0)
        run.image(picture(), 1)

    it.adapter.play = play
    answer = await sdk.images.generate(prompt="x", n=2)
    assert answer.data is not None
    assert [image.to_dict()["index"] for image in answer.data] == [1]
    assert answer.model_extra is not None
    assert answer.model_extra["imageway"]["failures"][0]["index"] == 0


async def test_edit_with_a_list_and_a_mask(it: Lab, sdk: AsyncOpenAI) -> None:
    answer = await sdk.images.edit(image=[png("red"), png("blue")], mask=png(), prompt="x", n=1)
    assert answer.data is not None
    asked = it.adapter.asked[0]
    assert [each.picture.bytes for each in asked.references] == [png("red"), png("blue")]
    assert asked.mask is not None


async def test_stream_with_two_partial_images(it: Lab, sdk: AsyncOpenAI) -> None:
    seen = asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        for colour in ("grey", "pink"):
            seen.clear()
            run.preview(picture(colour))
            await seen.wait()
        run.image(picture())

    it.adapter.play = play
    events: list[object] = []
    async for event in await sdk.images.generate(prompt="x", stream=True, partial_images=2):
        events.append(event)
        seen.set()
    first, second, last = events
    assert isinstance(first, ImageGenPartialImageEvent)
    assert isinstance(second, ImageGenPartialImageEvent)
    assert isinstance(last, ImageGenCompletedEvent)
    assert (first.partial_image_index, second.partial_image_index) == (0, 1)
    assert second.b64_json == picture("pink").base64
    assert last.b64_json == picture().base64


async def test_stream_of_an_edit(sdk: AsyncOpenAI) -> None:
    stream = await sdk.images.edit(image=png(), prompt="x", stream=True)
    assert [type(event) async for event in stream] == [ImageEditCompletedEvent]


async def test_a_failed_picture_in_a_stream_does_not_stop_the_sdk(
    it: Lab, sdk: AsyncOpenAI
) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="refused"), 0)
        run.image(picture(), 1)

    it.adapter.play = play
    stream = await sdk.images.generate(prompt="x", n=2, stream=True)
    kinds = [event.type async for event in stream]
    assert [str(kind) for kind in kinds] == [
        "image_generation.failed",
        "image_generation.completed",
    ]


async def test_an_error_in_a_stream_is_raised(
    it: Lab, sdk: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(ErrorCode.REJECTED, "refused by the filter")

    it.adapter.play = play
    monkeypatch.setattr("imageway.server.dialects.openai_events.GRACE_SECONDS", 0)
    stream = await sdk.images.generate(prompt="x", stream=True)
    with pytest.raises(openai.APIError, match="refused by the filter") as caught:
        async for _ in stream:
            pass
    assert caught.value.code == "moderation_blocked"


async def test_a_wrong_field_is_a_bad_request_that_names_it(sdk: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.images.generate(prompt="x", size="0x0")
    assert caught.value.param == "size"
    assert caught.value.request_id is not None
    assert caught.value.request_id.startswith("req_")


async def test_models(sdk: AsyncOpenAI) -> None:
    listed = await sdk.models.list()
    assert [model.id for model in listed.data] == ["default", "lab/one", "lab/two"]
    assert (await sdk.models.retrieve("lab/one")).owned_by == "lab"
    with pytest.raises(openai.NotFoundError, match="lab/one"):
        await sdk.models.retrieve("lab/onne")


async def test_a_wrong_key_is_an_authentication_error() -> None:
    keys = {"family": {"token": {"env": "FAMILY"}}}
    async with (
        lab(keys=keys, environment={"FAMILY": "iw-secret"}) as it,
        AsyncOpenAI(api_key="wrong", base_url=f"{it.url}/v1") as client,
    ):
        with pytest.raises(openai.AuthenticationError, match="does not know the key"):
            await client.images.generate(prompt="x")


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (ImagewayError(ErrorCode.FAILED, "nothing came", charged="yes"), 1),
        (ImagewayError(ErrorCode.OUTCOME_UNKNOWN, "lost", charged="maybe"), 1),
        (ImagewayError(ErrorCode.INTERNAL, "a bug"), 1),
        (ImagewayError(ErrorCode.TIMEOUT, "too slow", charged="maybe"), 1),
        (ImagewayError(ErrorCode.UNAVAILABLE, "later", retry_after=0), 3),
    ],
    ids=lambda value: str(getattr(value, "info", value))[:30],
)
async def test_the_sdks_own_retries_never_pay_twice(
    it: Lab, error: ImagewayError, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise error

    async def at_once(seconds: float) -> None:
        """Stand in for the SDK's pause."""

    it.adapter.play = play
    async with AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=2) as client:
        monkeypatch.setattr("openai._base_client.anyio.sleep", at_once)
        with pytest.raises(openai.APIStatusError):
            await client.images.generate(prompt="x")
    assert len(it.adapter.asked) == calls


async def test_two_partial_images_of_the_demo_arrive_however_fast_it_paints() -> None:
    async with (
        lab(providers={"demo": {"adapter": "demo", "cost": "local"}}) as it,
        AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=0) as client,
    ):
        stream = await client.images.generate(
            model="demo/demo", prompt="a fox", size="256x256", stream=True, partial_images=2
        )
        kinds = [type(event) async for event in stream]
    assert kinds == [ImageGenPartialImageEvent, ImageGenPartialImageEvent, ImageGenCompletedEvent]
