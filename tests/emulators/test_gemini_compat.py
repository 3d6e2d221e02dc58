"""OpenAI's own SDK against the layer of Google that speaks like OpenAI."""

from __future__ import annotations

from collections.abc import AsyncIterator

import openai
import pytest
from openai.types.chat import ChatCompletion

from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.serving import serve

IMAGEN, FLASH, OLD = (
    "imagen-3.0-generate-002",
    "gemini-3.1-flash-image",
    "gemini-2.5-flash-image",
)


@pytest.fixture
def emulator() -> GeminiEmulator:
    return GeminiEmulator()


@pytest.fixture
async def client(emulator: GeminiEmulator) -> AsyncIterator[openai.AsyncOpenAI]:
    async with (
        serve(emulator) as url,
        openai.AsyncOpenAI(
            base_url=f"{url}/v1beta/openai/", api_key="sk-emulated", max_retries=0, timeout=5
        ) as client,
    ):
        yield client


async def chat(client: openai.AsyncOpenAI, model: str) -> ChatCompletion:
    return await client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Draw a red mug"}]
    )


async def test_imagen_in_a_chat_is_a_404_in_an_array(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await chat(client, IMAGEN)
    assert caught.value.message == "Error code: 404"
    body = str(caught.value.body)
    assert body.startswith("[{'error'")
    assert "is not found for API version v1main" in body


async def test_an_image_model_in_a_chat_answers_with_nothing_and_is_charged(
    emulator: GeminiEmulator, client: openai.AsyncOpenAI
) -> None:
    answer = await chat(client, FLASH)
    assert answer.choices[0].message.content == ""
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 1120
    assert len(emulator.charges) == 1


async def test_an_image_model_in_a_chat_may_answer_with_pictures(
    emulator: GeminiEmulator, client: openai.AsyncOpenAI
) -> None:
    emulator.facts = Facts(compat_chat="images")
    message = (await chat(client, FLASH)).choices[0].message
    assert "data:image/png;base64," in str(message.model_extra)


async def test_a_model_that_writes_answers_in_a_stream_too(client: openai.AsyncOpenAI) -> None:
    chunks = await client.chat.completions.create(
        model="gemini-3.1-flash", messages=[{"role": "user", "content": "hello"}], stream=True
    )
    text = "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])
    assert text == "A red mug."


async def test_the_image_route_has_only_old_models(
    emulator: GeminiEmulator, client: openai.AsyncOpenAI
) -> None:
    answer = await client.images.generate(model=OLD, prompt="mug", n=2, response_format="b64_json")
    assert len(answer.data or []) == 2
    with pytest.raises(openai.NotFoundError):
        await client.images.generate(model=FLASH, prompt="mug")
    with pytest.raises(openai.NotFoundError):
        await client.images.generate(model=IMAGEN, prompt="mug")
    assert len(emulator.charges) == 1


async def test_every_model_is_listed_with_a_prefix(client: openai.AsyncOpenAI) -> None:
    listed = [model.id async for model in client.models.list()]
    assert f"models/{FLASH}" in listed
    assert "models/imagen-4.0-generate-001" in listed
    assert (await client.models.retrieve(f"models/{FLASH}")).owned_by == "google"


async def test_a_wrong_key_is_refused_in_an_array(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.with_options(api_key="nope").models.list()
    assert str(caught.value.body).startswith("[{'error'")


async def test_there_are_no_edits(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        await client.images.edit(model=OLD, prompt="mug", image=b"x")
