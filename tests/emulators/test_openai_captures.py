"""Requests that real clients made, replayed: each is answered, or refused as documented."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from openai.types import (
    ImageEditCompletedEvent,
    ImageEditPartialImageEvent,
    ImageGenCompletedEvent,
    ImageGenPartialImageEvent,
    ImagesResponse,
)
from PIL import Image
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.serving import serve
from imageway.emulators.vllm import VllmEmulator

CAPTURED = Path(__file__).parents[1] / "data" / "openai" / "captured_requests.json"
EVENT_BY_NAME: Mapping[str, type[BaseModel]] = {
    "image_generation.partial_image": ImageGenPartialImageEvent,
    "image_generation.completed": ImageGenCompletedEvent,
    "image_edit.partial_image": ImageEditPartialImageEvent,
    "image_edit.completed": ImageEditCompletedEvent,
}
# Everything else succeeds.
REFUSAL_BY_NAME: Mapping[str, tuple[int, str]] = {
    "o01c-generate-legacy-url": (400, "invalid_value"),
    "o01d-generate-extra-body": (404, "model_not_found"),
    "o06-variation": (404, "unknown_url"),
    "w01-openwebui-openai-generations": (404, "model_not_found"),
    "w01-openwebui-openai-edits-single": (404, "model_not_found"),
    "w01-openwebui-openai-edits-multi": (404, "model_not_found"),
}


class Field(BaseModel):
    """One part of a captured form; a file is a test picture."""

    model_config = ConfigDict(frozen=True)

    name: str
    text: str | None = None
    filename: str | None = None
    content_type: str | None = None


class Captured(BaseModel):
    """One captured request."""

    model_config = ConfigDict(frozen=True)

    name: str
    method: str
    path: str
    json_: JsonValue = None
    parts: tuple[Field, ...] = ()


def read() -> list[Captured]:
    text = CAPTURED.read_text().replace('"json"', '"json_"').replace("<PNG_B64>", picture_text())
    return TypeAdapter(list[Captured]).validate_json(text)


def picture(mode: str = "RGBA") -> bytes:
    out = BytesIO()
    Image.new(mode, (16, 16)).save(out, "png")
    return out.getvalue()


def picture_text() -> str:
    return base64.b64encode(picture()).decode()


def form(captured: Captured) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True)
    for part in captured.parts:
        value = picture() if part.text is None else part.text
        data.add_field(part.name, value, filename=part.filename, content_type=part.content_type)
    return data


@pytest.fixture
async def emulator() -> OpenAIEmulator:
    return OpenAIEmulator(key="sk-FAKE")


@pytest.fixture
async def client(emulator: OpenAIEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": "Bearer sk-FAKE"}
    async with serve(emulator) as url, aiohttp.ClientSession(url, headers=headers) as session:
        yield session


async def replay(client: aiohttp.ClientSession, captured: Captured) -> tuple[int, str, str]:
    asked = (
        client.request(captured.method, captured.path, data=form(captured))
        if captured.parts
        else client.request(captured.method, captured.path, json=captured.json_)
    )
    async with asked as response:
        return response.status, response.content_type, await response.text()


@pytest.mark.parametrize("captured", read(), ids=lambda captured: captured.name)
async def test_a_captured_request_is_answered(
    client: aiohttp.ClientSession, captured: Captured
) -> None:
    status, content_type, body = await replay(client, captured)
    if captured.name in REFUSAL_BY_NAME:
        error = json.loads(body)["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert (status, error["code"]) == REFUSAL_BY_NAME[captured.name]
    elif content_type == "text/event-stream":
        check_events(body)
    else:
        assert status == 200, body
        check_plain(captured, body)


def check_events(body: str) -> None:
    names: list[str] = []
    for block in body.removesuffix("\n\n").split("\n\n"):
        event, data = block.split("\n")
        names.append(event.removeprefix("event: "))
        EVENT_BY_NAME[names[-1]].model_validate_json(data.removeprefix("data: "))
    assert names[-1].endswith(".completed")


def check_plain(captured: Captured, body: str) -> None:
    if captured.method == "GET":
        assert json.loads(body)["object"] == "list"
        return
    answer = ImagesResponse.model_validate_json(body)
    assert answer.data
    for made in answer.data:
        check_picture(base64.b64decode(made.b64_json or ""), answer)


def check_picture(content: bytes, answer: ImagesResponse) -> None:
    if answer.output_format == "svg":
        assert content.startswith(b"<svg")
        return
    image = Image.open(BytesIO(content))
    image.load()
    assert (image.format or "").lower() == answer.output_format
    assert f"{image.width}x{image.height}" == answer.size


@pytest.mark.parametrize("name", ["o01b-generate-minimal", "o05-edit-multi-mask"])
async def test_a_captured_generation_is_charged_once(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession, name: str
) -> None:
    [captured] = [each for each in read() if each.name == name]
    await replay(client, captured)
    assert len(emulator.charges) == 1


@pytest.mark.parametrize("name", REFUSAL_BY_NAME)
async def test_a_captured_request_that_is_refused_is_not_charged(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession, name: str
) -> None:
    [captured] = [each for each in read() if each.name == name]
    await replay(client, captured)
    assert emulator.charges == []


async def test_a_captured_request_with_a_local_servers_fields_is_answered_by_one() -> None:
    class LocalEmulator(VllmEmulator):
        usual_model = "local-qwen"

    emulator = LocalEmulator(key=None)
    [captured] = [each for each in read() if each.name == "o01d-generate-extra-body"]
    async with serve(emulator) as url, aiohttp.ClientSession(url) as client:
        status, _, body = await replay(client, captured)
    assert status == 200
    assert set(json.loads(body)) == {"created", "data"}
