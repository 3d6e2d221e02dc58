"""The Qwen service's alias, read by OpenAI's own SDK."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import openai
import pytest
from openai.types import Image as Told
from PIL import Image

from imageway.emulators.faults import Fault
from imageway.emulators.serving import serve
from tests.emulators.qwen_client import SmallQwen


@pytest.fixture
def emulator() -> SmallQwen:
    return SmallQwen()


@pytest.fixture
async def client(emulator: SmallQwen) -> AsyncIterator[openai.AsyncOpenAI]:
    async with (
        serve(emulator) as url,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client,
    ):
        yield client


def opened(picture: Told) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(picture.b64_json or "")))


async def test_the_model_is_listed(client: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["qwen-image-2512"]


async def test_so_many_pictures_as_asked_with_seeds_in_a_row(
    emulator: SmallQwen, client: openai.AsyncOpenAI
) -> None:
    answer = await client.images.generate(
        prompt="a fox", n=3, size="256x512", extra_body={"seed": 5}
    )
    pictures = answer.data or []
    assert [opened(picture).size for picture in pictures] == [(256, 512)] * 3
    assert len({picture.b64_json for picture in pictures}) == 3
    assert [job.order.seed for job in emulator.line.jobs.values()] == [5, 6, 7]
    assert len(emulator.charges) == 3


async def test_without_a_seed_every_picture_is_another(client: openai.AsyncOpenAI) -> None:
    first = await client.images.generate(prompt="a fox")
    second = await client.images.generate(prompt="a fox")
    assert (first.data or [])[0].b64_json != (second.data or [])[0].b64_json


async def test_quality_is_a_number_of_steps(
    emulator: SmallQwen, client: openai.AsyncOpenAI
) -> None:
    for quality in ("low", "medium", "high", "auto"):
        await client.images.generate(prompt="a fox", quality=quality)
    steps = [job.order.num_steps for job in emulator.line.jobs.values()]
    assert steps == [20, 35, 50, 50]


async def test_a_stream_has_previews_and_an_end(client: openai.AsyncOpenAI) -> None:
    stream = await client.images.generate(prompt="a fox", stream=True, partial_images=2)
    heard = [event.type async for event in stream]
    partial, completed = "image_generation.partial_image", "image_generation.completed"
    assert heard == [partial, partial, completed]


async def test_an_address_leads_to_the_picture(client: openai.AsyncOpenAI) -> None:
    answer = await client.images.generate(prompt="a fox", response_format="url")
    [picture] = answer.data or []
    async with aiohttp.ClientSession() as session, session.get(picture.url or "") as response:
        assert response.content_type == "image/png"


@pytest.mark.parametrize(
    ("size", "code"),
    [("250x256", "1003"), ("128x256", "1003"), ("1664x1664", "1003"), ("big", "1003")],
)
async def test_a_size_that_cannot_be_made_is_refused(
    client: openai.AsyncOpenAI, size: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.images.generate(prompt="a fox", size=size)
    assert (caught.value.code, caught.value.param) == (code, "size")


async def test_a_loading_model_is_told_in_openais_envelope(
    emulator: SmallQwen, client: openai.AsyncOpenAI
) -> None:
    emulator.script(Fault.UNAVAILABLE)
    with pytest.raises(openai.InternalServerError) as caught:
        await client.images.generate(prompt="a fox")
    assert (caught.value.code, caught.value.type) == ("3001", "server_error")
    assert caught.value.response.headers["Retry-After"] == "20"


async def test_nothing_is_edited(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await client.images.edit(prompt="a fox", image=("a.png", b"x", "image/png"))
    assert caught.value.code == "unsupported"
