"""What OpenAI's emulator takes and refuses: each row is one mistake and the error that names it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from io import BytesIO
from typing import Literal

import aiohttp
import pytest
from PIL import Image
from pydantic import JsonValue

from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.openai_order import Facts
from imageway.emulators.serving import serve

NEWEST, SECOND, FIFTH = "gpt-image-2.5-flare", "gpt-image-2", "gpt-image-1.5"
Body = dict[str, JsonValue]
# Status, and the param and the code of an error.
Told = tuple[int, str | None, str | None]


@pytest.fixture
def emulator() -> OpenAIEmulator:
    return OpenAIEmulator(key=None)


@pytest.fixture
async def client(emulator: OpenAIEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(emulator) as url, aiohttp.ClientSession(f"{url}/v1/") as session:
        yield session


def png(mode: str = "RGB", edge: int = 16, kind: str = "png") -> bytes:
    out = BytesIO()
    Image.new(mode, (edge, edge)).save(out, kind)
    return out.getvalue()


async def told(asked: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> Told:
    async with asked as response:
        answer = await response.json()
        error = answer.get("error", {"param": None, "code": None})
        return response.status, error["param"], error["code"]


async def generate(client: aiohttp.ClientSession, model: str, **body: JsonValue) -> Told:
    whole: Body = {"model": model, "prompt": "mug", **body}
    return await told(client.post("images/generations", json=whole))


@pytest.mark.parametrize(
    ("model", "body", "param"),
    [
        (SECOND, {"response_format": "b64_json"}, "response_format"),
        (SECOND, {"style": "vivid"}, "style"),
        (SECOND, {"seed": 7}, "seed"),
        (SECOND, {"input_fidelity": "high"}, "input_fidelity"),
        (SECOND, {"complexity": "low"}, "complexity"),
        (SECOND, {"frame_count": 4}, "frame_count"),
        (NEWEST, {"output_format": "svg", "svg": {"model": "x", "colour": 1}}, "svg.colour"),
    ],
)
async def test_an_unknown_parameter_is_named(
    client: aiohttp.ClientSession, model: str, body: Body, param: str
) -> None:
    assert await generate(client, model, **body) == (400, param, "unknown_parameter")


@pytest.mark.parametrize(
    ("model", "body", "param"),
    [
        (SECOND, {"n": 0}, "n"),
        (SECOND, {"n": 11}, "n"),
        (SECOND, {"n": "2"}, "n"),
        (SECOND, {"n": True}, "n"),
        (SECOND, {"prompt": ""}, "prompt"),
        (SECOND, {"prompt": "x" * 32_001}, "prompt"),
        (SECOND, {"prompt": 7}, "prompt"),
        (SECOND, {"size": "big"}, "size"),
        (SECOND, {"size": "4096x4096"}, "size"),
        (SECOND, {"size": "1000x1024"}, "size"),
        (SECOND, {"size": "1024x1000"}, "size"),
        (SECOND, {"size": "512x3072"}, "size"),
        (SECOND, {"size": "3072x512"}, "size"),
        (SECOND, {"size": "3840x3840"}, "size"),
        (FIFTH, {"size": "512x512"}, "size"),
        (SECOND, {"quality": "standard"}, "quality"),
        (SECOND, {"quality": "max"}, "quality"),
        (SECOND, {"background": "green"}, "background"),
        (SECOND, {"background": "transparent", "output_format": "jpeg"}, "background"),
        (SECOND, {"moderation": "off"}, "moderation"),
        (SECOND, {"output_format": "gif"}, "output_format"),
        (SECOND, {"output_compression": 50}, "output_compression"),
        (SECOND, {"output_compression": 101, "output_format": "webp"}, "output_compression"),
        (SECOND, {"partial_images": 1}, "partial_images"),
        (SECOND, {"partial_images": 4, "stream": True}, "partial_images"),
        (SECOND, {"stream": "true"}, "stream"),
        (NEWEST, {"frame_count": 4}, "frame_count"),
        (NEWEST, {"frame_count": 1, "output_format": "gif"}, "frame_count"),
        (NEWEST, {"frame_duration_ms": 100}, "frame_duration_ms"),
        (NEWEST, {"output_format": "gif", "stream": True}, "stream"),
        (NEWEST, {"output_format": "gif", "background": "transparent"}, "background"),
        (NEWEST, {"output_format": "svg", "n": 2}, "n"),
        (NEWEST, {"svg": {"model": "x"}}, "svg"),
        (NEWEST, {"svg": "x", "output_format": "svg"}, "svg"),
        (NEWEST, {"complexity": "max"}, "complexity"),
    ],
)
async def test_a_wrong_value_is_named(
    client: aiohttp.ClientSession, model: str, body: Body, param: str
) -> None:
    assert await generate(client, model, **body) == (400, param, "invalid_value")


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (SECOND, {"size": "auto", "quality": "auto", "background": "auto"}),
        (SECOND, {"n": None, "size": None, "stream": None, "style": None}),
        (SECOND, {"size": "3840x1280", "quality": "low"}),
        (SECOND, {"size": "2160x3840"}),
        (SECOND, {"background": "transparent"}),
        (SECOND, {"output_compression": 100}),
        (FIFTH, {"size": "1024x1536", "moderation": "low"}),
        (NEWEST, {"quality": "max", "complexity": "high"}),
        (NEWEST, {"output_format": "svg"}),
    ],
)
async def test_what_is_documented_is_taken(
    client: aiohttp.ClientSession, model: str, body: Body
) -> None:
    assert await generate(client, model, **body) == (200, None, None)


async def test_a_missing_prompt_is_named(client: aiohttp.ClientSession) -> None:
    answer = await told(client.post("images/generations", json={"model": SECOND}))
    assert answer == (400, "prompt", "missing_required_parameter")


@pytest.mark.parametrize("body", [b"{", b"[]", b"7"])
async def test_a_body_that_is_no_object_is_refused(
    client: aiohttp.ClientSession, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    asked = client.post("images/generations", data=body, headers=headers)
    assert (await told(asked))[0] == 400


@pytest.mark.parametrize("model", ["gpt-image-1", "dall-e-2", "dall-e-3"])
async def test_a_retired_model_is_a_400(client: aiohttp.ClientSession, model: str) -> None:
    assert await generate(client, model) == (400, "model", "invalid_value")


async def test_a_model_may_be_shut_down(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.facts = Facts(shut_down=frozenset({FIFTH}))
    assert await generate(client, FIFTH) == (400, "model", "invalid_value")


async def test_a_model_that_is_shut_down_is_not_listed(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.facts = Facts(shut_down=frozenset({FIFTH}))
    assert (await told(client.get(f"models/{FIFTH}")))[0] == 404


async def test_an_unknown_model_is_a_404(client: aiohttp.ClientSession) -> None:
    assert await generate(client, "x") == (404, None, "model_not_found")


@pytest.mark.parametrize(
    ("facts", "body"),
    [
        (Facts(streams_many=False), {"stream": True, "n": 2}),
        (Facts(transparent_preview=False), {"background": "transparent"}),
    ],
)
async def test_an_open_fact_may_be_switched_to_a_refusal(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession, facts: Facts, body: Body
) -> None:
    emulator.facts = facts
    assert (await generate(client, SECOND, **body))[0] == 400


async def test_an_open_fact_may_be_switched_to_a_consent(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.facts = Facts(partials_need_stream=False)
    assert (await generate(client, SECOND, partial_images=2))[0] == 200


@pytest.mark.parametrize(("status", "code"), [(404, "unknown_url"), (400, "invalid_value")])
async def test_variations_are_gone_one_way_or_the_other(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession, status: Literal[404, 400], code: str
) -> None:
    emulator.facts = Facts(variations_status=status)
    form = aiohttp.FormData()
    form.add_field("image", png(), filename="a.png")
    answer = await told(client.post("images/variations", data=form))
    assert (answer[0], answer[2]) == (status, code)


async def test_an_unknown_url_is_told(client: aiohttp.ClientSession) -> None:
    async with client.post("pictures") as response:
        assert json.loads(await response.text()) == {
            "error": {
                "message": "Invalid URL (POST /v1/pictures)",
                "type": "invalid_request_error",
                "param": None,
                "code": "unknown_url",
            }
        }
