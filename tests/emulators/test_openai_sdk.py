"""OpenAI's own SDK against the emulator: pictures, streams, and the exceptions that it raises."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openai
import pytest
from openai.types import ImagesResponse
from PIL import Image

from imageway.emulators.answer import Charge
from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
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


def picture(mode: str = "RGB", edge: int = 16, kind: str = "png") -> bytes:
    out = BytesIO()
    Image.new(mode, (edge, edge)).save(out, kind)
    return out.getvalue()


async def test_every_parameter_of_a_generation_reaches_the_picture(
    client: openai.AsyncOpenAI,
) -> None:
    answer = await client.images.generate(
        model="gpt-image-2",
        prompt="A red mug",
        n=2,
        size="1536x864",
        quality="high",
        background="transparent",
        moderation="low",
        output_format="webp",
        output_compression=80,
        user="user-1",
        safety_identifier="hash",
    )
    pictures = [opened(each.b64_json) for each in answer.data or []]
    assert [(each.format, each.size, each.mode) for each in pictures] == [
        ("WEBP", (1536, 864), "RGBA")
    ] * 2
    assert pictures[0].getpixel((1535, 863)) == (0, 0, 0, 0)
    assert pictures[0].tobytes() != pictures[1].tobytes()
    assert (answer.created, answer.size, answer.quality) == (1_795_302_099, "1536x864", "high")
    assert (answer.background, answer.output_format) == ("transparent", "webp")
    assert answer.safety_identifier == "hash"


async def test_a_generation_is_charged_by_its_tokens(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    answer = await client.images.generate(
        model="gpt-image-2", prompt="A red mug", quality="low", n=2
    )
    assert answer.usage is not None
    assert answer.usage.output_tokens == 2 * 196
    assert answer.usage.input_tokens_details.text_tokens == 3
    assert answer.usage.total_tokens == 3 + 2 * 196
    price = (3 * Decimal(5) + 2 * 196 * Decimal(30)) / 1_000_000
    assert emulator.charges == [Charge("gpt-image-2", 2, price)]


async def test_a_refused_prompt_is_not_charged(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.images.generate(model="gpt-image-2", prompt="a Forbidden thing")
    assert (caught.value.code, caught.value.type) == (
        "moderation_blocked",
        "image_generation_user_error",
    )
    assert str(caught.value.request_id) in caught.value.message
    error = caught.value.response.json()["error"]
    assert error["moderation_details"] == {"moderation_stage": "input", "categories": ["violence"]}
    assert emulator.charges == []


async def test_the_headers_of_the_service_are_there(client: openai.AsyncOpenAI) -> None:
    raw = await client.images.with_raw_response.generate(model="gpt-image-2", prompt="mug")
    assert raw.headers["openai-version"] == "2020-10-01"
    assert raw.headers["x-ratelimit-remaining-requests"] == "4"
    assert int(raw.headers["openai-processing-ms"]) > 0
    assert raw.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("content", [picture(), picture(kind="jpeg"), picture(kind="webp")])
async def test_an_edit_takes_bare_bytes(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI, content: bytes
) -> None:
    answer = await client.images.edit(model="gpt-image-1.5", prompt="blue", image=content)
    [file] = emulator.heard[0].files("image")
    assert (file.filename, file.content_type) == ("upload", "application/octet-stream")
    assert file.content == content
    assert isinstance(answer, ImagesResponse)
    assert answer.usage is not None
    assert answer.usage.input_tokens_details.image_tokens > 0


async def test_an_edit_takes_a_list_and_a_mask(
    emulator: OpenAIEmulator, client: openai.AsyncOpenAI
) -> None:
    answer = await client.images.edit(
        model="gpt-image-1.5",
        prompt="blend",
        image=[("a.png", picture(), "image/png"), ("b.png", picture(edge=8), "image/png")],
        mask=("m.png", picture("RGBA"), "image/png"),
        n=2,
        size="1024x1536",
        input_fidelity="high",
        output_format="jpeg",
        output_compression=70,
    )
    assert [opened(each.b64_json).size for each in answer.data or []] == [(1024, 1536)] * 2
    assert [part.filename for part in emulator.heard[0].files("image[]")] == ["a.png", "b.png"]
    assert emulator.charges[0].pictures == 2


async def test_an_edit_streams(client: openai.AsyncOpenAI) -> None:
    stream = await client.images.edit(
        model="gpt-image-2", prompt="blend", image=[picture()], stream=True, partial_images=1
    )
    events = [event async for event in stream]
    assert [event.type for event in events] == ["image_edit.partial_image", "image_edit.completed"]


async def test_an_animated_picture_has_its_frames(client: openai.AsyncOpenAI) -> None:
    answer = await client.images.generate(
        model="gpt-image-2.6-sunburst",
        prompt="spin",
        output_format="gif",
        size="256x256",
        frame_count=4,
        frame_duration_ms=100,
    )
    [made] = answer.data or []
    image = opened(made.b64_json)
    assert (image.format, getattr(image, "n_frames", 1), image.size) == ("GIF", 4, (256, 256))


async def test_an_svg_says_what_its_author_used(client: openai.AsyncOpenAI) -> None:
    answer = await client.images.edit(
        model="gpt-image-2.6-sunburst",
        prompt="icon",
        image=picture(),
        markup=picture("RGBA"),
        output_format="svg",
        svg={"model": "gpt-5.2", "reasoning": {"effort": "low"}},
    )
    assert answer.svg_usage is not None
    assert answer.svg_usage.model == "gpt-5.2"
    [made] = answer.data or []
    assert base64.b64decode(made.b64_json or "").startswith(b"<svg")


async def test_the_sdk_sends_again_after_a_500(emulator: OpenAIEmulator) -> None:
    emulator.script(Fault.SERVER_ERROR, headers={"retry-after-ms": "1"})
    async with (
        serve(emulator) as url,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="sk-emulated") as client,
    ):
        await client.images.generate(model="gpt-image-2", prompt="mug")
    assert [heard.header("x-stainless-retry-count") for heard in emulator.heard] == ["0", "1"]
    assert len(emulator.charges) == 1


async def test_the_models_are_listed(client: openai.AsyncOpenAI) -> None:
    names = [model.id async for model in client.models.list()]
    assert "gpt-image-2" in names
    assert "dall-e-3" not in names


async def test_a_model_is_described(client: openai.AsyncOpenAI) -> None:
    model = await client.models.retrieve("gpt-image-2")
    assert (model.id, model.object, model.owned_by) == ("gpt-image-2", "model", "system")


@pytest.mark.parametrize("name", ["dall-e-3", "nope"])
async def test_a_model_that_is_not_there_is_not_described(
    client: openai.AsyncOpenAI, name: str
) -> None:
    with pytest.raises(openai.NotFoundError, match=f"The model `{name}` does not exist"):
        await client.models.retrieve(name)
