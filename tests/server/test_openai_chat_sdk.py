"""OpenAI's own SDK, unmodified, in a chat with a gateway on loopback."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessageParam,
)

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.server.lab import Lab, picture, png


@pytest.fixture(params=["/v1", "/openwebui/v1"])
async def sdk(it: Lab, request: pytest.FixtureRequest) -> AsyncGenerator[AsyncOpenAI]:
    base = f"{it.url}{request.param}"
    async with AsyncOpenAI(api_key="any", base_url=base, max_retries=0) as client:
        yield client


def fox(text: str = "a red fox") -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


async def test_a_whole_answer(sdk: AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.create(model="default", messages=fox())
    ChatCompletion.model_validate(answer.to_dict())
    choice = answer.choices[0]
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    assert choice.message.content is not None
    assert choice.message.content.startswith("![Picture](http")
    assert answer.usage is not None
    assert answer.usage.model_extra == {"images": 1}


async def test_images_in_a_whole_answer(it: Lab) -> None:
    async with AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=0) as sdk:
        answer = await sdk.chat.completions.create(
            model="default", messages=fox(), extra_body={"modalities": ["image", "text"]}
        )
    message = answer.choices[0].message
    assert message.model_extra is not None
    url = message.model_extra["images"][0]["image_url"]["url"]
    assert base64.b64decode(url.partition(",")[2]) == png()


async def test_a_stream_is_what_the_sdk_expects(it: Lab, sdk: AsyncOpenAI) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.charge(0.04, "USD")
        run.charge(392, "tokens")
        for _ in range(request.count):
            run.image(picture())

    it.adapter.play = play
    stream = await sdk.chat.completions.create(
        model="default",
        messages=fox("two foxes --n 2"),
        stream=True,
        stream_options={"include_usage": True},
    )
    # Open WebUI's own lines come through the SDK as chunks that have no other member.
    chunks = [chunk async for chunk in stream if "event" not in (chunk.model_extra or {})]
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk.to_dict())
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    usage = next(chunk.usage for chunk in chunks if chunk.usage is not None)
    assert (usage.completion_tokens, usage.total_tokens) == (392, 392)
    assert usage.model_extra == {"images": 2, "cost": 0.04}


async def test_an_error_in_a_stream_is_raised(
    it: Lab, sdk: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(ErrorCode.REJECTED, "refused by the filter")

    it.adapter.play = play
    monkeypatch.setattr("imageway.server.dialects.chat.stream.GRACE_SECONDS", 0)
    stream = await sdk.chat.completions.create(model="default", messages=fox(), stream=True)
    with pytest.raises(openai.APIError, match="refused by the filter") as caught:
        async for _ in stream:
            pass
    assert caught.value.code == "moderation_blocked"


async def test_a_failed_picture_does_not_take_the_others_away(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="refused"), 0)
        run.image(picture(), 1)

    it.adapter.play = play
    async with AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=0) as sdk:
        stream = await sdk.chat.completions.create(
            model="default", messages=fox("two foxes --n 2"), stream=True
        )
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert "![Picture 2 of 2](http" in text
    assert text.endswith("picture 1 of 2: refused")


async def test_a_wrong_setting_is_a_bad_request_that_names_it(sdk: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="did you mean '--seed'") as caught:
        await sdk.chat.completions.create(model="default", messages=fox("a fox --sed 7"))
    assert caught.value.param == "--sed"


async def test_fields_beside_the_messages_are_heeded(it: Lab, sdk: AsyncOpenAI) -> None:
    await sdk.chat.completions.create(
        model="default",
        messages=fox(),
        n=2,
        seed=7,
        extra_body={"negative_prompt": "text", "image_config": {"aspect_ratio": "16:9"}},
    )
    asked = it.adapter.asked[0]
    assert (asked.count, asked.seed, asked.negative_prompt) == (2, 7, "text")
    assert str(asked.aspect) == "16:9"
