"""A compatible server that is no OpenAI: other fields, other errors, no stream, no usage."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import openai
import pytest
from PIL import Image
from pydantic import JsonValue

from imageway.emulators.faults import Fault
from imageway.emulators.serving import serve
from imageway.emulators.vllm import VllmEmulator

Body = dict[str, JsonValue]
MODEL = "Qwen/Qwen-Image"


@pytest.fixture
def emulator() -> VllmEmulator:
    return VllmEmulator(key=None)


@pytest.fixture
async def client(emulator: VllmEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(emulator) as url, aiohttp.ClientSession(f"{url}/v1/") as session:
        yield session


async def post(client: aiohttp.ClientSession, **body: JsonValue) -> tuple[int, Body]:
    whole: Body = {"prompt": "mug", "size": "64x32", **body}
    async with client.post("images/generations", json=whole) as response:
        return response.status, await response.json()


async def test_an_answer_has_nothing_but_pictures(client: aiohttp.ClientSession) -> None:
    status, answer = await post(client, model=MODEL, n=2, num_inference_steps=20)
    assert (status, set(answer)) == (200, {"created", "data"})
    data = answer["data"]
    assert isinstance(data, list)
    first, second = data
    assert isinstance(first, dict)
    assert first != second
    assert (first["url"], first["revised_prompt"]) == (None, None)
    content = base64.b64decode(str(first["b64_json"]))
    assert Image.open(BytesIO(content)).size == (64, 32)


async def test_the_same_seed_paints_the_same(client: aiohttp.ClientSession) -> None:
    seven, other = await post(client, seed=7), await post(client, seed=8)
    again = await post(client, seed=7, prompt="another mug")
    assert seven[1]["data"] == again[1]["data"]
    assert seven[1]["data"] != other[1]["data"]


async def test_a_stream_is_not_known_here(client: aiohttp.ClientSession) -> None:
    async with client.post("images/generations", json={"prompt": "a", "stream": True}) as response:
        assert response.content_type == "application/json"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"response_format": "url"}, "response_format"),
        ({"n": 11}, "n"),
        ({"prompt": None}, "prompt"),
        ({"guidance_scale": -1}, "guidance_scale"),
    ],
)
async def test_a_wrong_value_is_located(
    client: aiohttp.ClientSession, body: Body, place: str
) -> None:
    status, answer = await post(client, **body)
    detail = answer["detail"]
    assert isinstance(detail, list)
    assert isinstance(detail[0], dict)
    assert (status, detail[0]["loc"]) == (422, ["body", place])


async def test_a_malformed_size_is_told(client: aiohttp.ClientSession) -> None:
    status, answer = await post(client, size="big")
    assert (status, answer["detail"]) == (
        400,
        "Invalid size format: 'big'. Expected 'WIDTHxHEIGHT'.",
    )


async def test_another_model_is_not_there(client: aiohttp.ClientSession) -> None:
    assert (await post(client, model="x"))[0] == 404


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.UNAVAILABLE, 503),
        (Fault.BAD_KEY, 401),
        (Fault.NOT_FOUND, 404),
        (Fault.SERVER_ERROR, 500),
    ],
)
async def test_an_error_is_a_detail(
    emulator: VllmEmulator, client: aiohttp.ClientSession, fault: Fault, status: int
) -> None:
    emulator.script(fault)
    answer = await post(client)
    assert answer[0] == status
    assert isinstance(answer[1]["detail"], str)


@pytest.mark.parametrize(
    ("fault", "count"), [(Fault.NO_IMAGE, 0), (Fault.FEWER_IMAGES, 2), (Fault.NOT_A_PICTURE, 3)]
)
async def test_pictures_may_be_missing_or_none(
    emulator: VllmEmulator, client: aiohttp.ClientSession, fault: Fault, count: int
) -> None:
    emulator.script(fault)
    _, answer = await post(client, n=3)
    data = answer["data"]
    assert isinstance(data, list)
    assert len(data) == count
    assert [charge.pictures for charge in emulator.charges] == [count]


async def test_an_unknown_route_is_a_detail(client: aiohttp.ClientSession) -> None:
    async with client.post("images/edits") as response:
        assert (response.status, await response.json()) == (404, {"detail": "Not Found"})


async def test_the_sdk_reads_it(emulator: VllmEmulator) -> None:
    async with (
        serve(emulator) as url,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client,
    ):
        assert [model.id async for model in client.models.list()] == [MODEL]
        answer = await client.images.generate(
            prompt="mug", response_format="b64_json", extra_body={"seed": 1}
        )
        with pytest.raises(openai.UnprocessableEntityError):
            await client.images.generate(prompt="mug", n=11)
    assert answer.usage is None
    assert len(answer.data or []) == 1
