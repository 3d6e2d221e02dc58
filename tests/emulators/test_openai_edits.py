"""What OpenAI's emulator takes and refuses of an edit, as a form and as JSON."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from io import BytesIO

import aiohttp
import pytest
from PIL import Image
from pydantic import JsonValue

from imageway.emulators import openai_uploads
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


def url_of(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


async def told(asked: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> Told:
    async with asked as response:
        answer = await response.json()
        error = answer.get("error", {"param": None, "code": None})
        return response.status, error["param"], error["code"]


async def edit(
    client: aiohttp.ClientSession, model: str = FIFTH, /, **fields: str | bytes | list[bytes]
) -> Told:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in {"model": model, "prompt": "blue", **fields}.items():
        for each in value if isinstance(value, list) else [value]:
            field = f"{name}[]" if isinstance(value, list) else name
            form.add_field(field, each, filename=None if isinstance(each, str) else "a.png")
    return await told(client.post("images/edits", data=form))


async def edit_json(client: aiohttp.ClientSession, **body: JsonValue) -> Told:
    whole: Body = {"model": FIFTH, "prompt": "blue", **body}
    return await told(client.post("images/edits", json=whole))


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({}, "image", "missing_required_parameter"),
        ({"image": b"<html>"}, None, "invalid_image_file"),
        ({"image": b""}, None, "invalid_image_file"),
        ({"image": png(kind="gif")}, None, "invalid_image_file"),
        ({"image": png()[:-30]}, None, "invalid_image_file"),
        ({"image": png(), "mask": png("RGBA", 8)}, None, "invalid_image_file"),
        ({"image": png(), "mask": png("RGB")}, None, "invalid_image_file"),
        ({"image": png(), "mask": png("RGBA", kind="webp")}, None, "invalid_image_file"),
        ({"image": [png()] * 17}, "image", "invalid_value"),
        ({"image": png(), "markup": png("RGBA")}, "markup", "unknown_parameter"),
        ({"image": png(), "picture": png()}, "picture", "unknown_parameter"),
        ({"image": png(), "moderation": "low"}, "moderation", "unknown_parameter"),
        ({"image": png(), "n": "two"}, "n", "invalid_value"),
        ({"image": png(), "stream": "1"}, "stream", "invalid_value"),
        ({"image": png(), "input_fidelity": "medium"}, "input_fidelity", "invalid_value"),
    ],
)
async def test_a_wrong_form_is_refused(
    client: aiohttp.ClientSession,
    fields: dict[str, str | bytes | list[bytes]],
    param: str | None,
    code: str,
) -> None:
    assert await edit(client, **fields) == (400, param, code)


@pytest.mark.parametrize("name", ["LARGEST_IMAGE", "LARGEST_MASK"])
async def test_a_large_file_is_refused(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(openai_uploads, name, 50)
    answer = await edit(client, image=png(), mask=png("RGBA"))
    assert answer == (400, None, "invalid_image_file")


async def test_sixteen_pictures_are_taken(client: aiohttp.ClientSession) -> None:
    assert (await edit(client, image=[png()] * 16, n="2"))[0] == 200


async def test_two_single_pictures_are_one_too_many(client: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData()
    form.add_field("prompt", "blue")
    for name in ("a.png", "b.png"):
        form.add_field("image", png(), filename=name)
    assert (await told(client.post("images/edits", data=form)))[:2] == (400, "image")


@pytest.mark.parametrize(
    ("model", "fidelity", "code"),
    [
        (SECOND, "high", "invalid_input_fidelity_model"),
        ("gpt-image-1-mini", "high", "invalid_value"),
        ("gpt-image-1-mini", "low", None),
        (FIFTH, "high", None),
    ],
)
async def test_fidelity_is_for_some_models(
    client: aiohttp.ClientSession, model: str, fidelity: str, code: str | None
) -> None:
    answer = await edit(client, model, image=png(), input_fidelity=fidelity)
    assert answer[2] == code


async def test_a_mask_and_a_markup_exclude_each_other(client: aiohttp.ClientSession) -> None:
    answer = await edit(client, NEWEST, image=png(), mask=png("RGBA"), markup=png("RGBA"))
    assert answer[1] == "markup"


async def test_a_moving_picture_takes_no_mask(client: aiohttp.ClientSession) -> None:
    answer = await edit(client, NEWEST, image=png(), mask=png("RGBA"), output_format="gif")
    assert answer == (400, "mask", "invalid_value")


async def test_a_form_carries_nested_fields(client: aiohttp.ClientSession) -> None:
    fields = {"output_format": "svg", "svg[model]": "x", "svg[reasoning][effort]": "huge"}
    answer = await edit(client, NEWEST, image=png(), **fields)
    assert answer == (400, "svg.reasoning.effort", "invalid_value")


async def test_the_service_may_read_media_types(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.facts = Facts(reads_media_types=True)
    assert (await edit(client, image=png()))[2] == "invalid_image_file"


WRONG_EDITS: list[Body] = [
    {},
    {"images": []},
    {"images": [{}]},
    {"images": [{"file_id": "file-1", "image_url": "https://x/y.png"}]},
    {"images": [{"file_id": "nothing"}]},
    {"images": [{"image_url": "http://x/y.png"}]},
    {"images": [{"image_url": "data:text/html;base64,PGh0bWw+"}]},
    {"images": [{"image_url": "data:image/png;base64,!"}]},
    {"images": [{"image_url": "data:image/png;base64,PGh0bWw+"}]},
    {"images": [{"file_id": "file-1"}], "mask": "m.png"},
]


@pytest.mark.parametrize("body", WRONG_EDITS)
async def test_a_wrong_json_edit_is_refused(client: aiohttp.ClientSession, body: Body) -> None:
    assert (await edit_json(client, **body))[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        {"images": [{"image_url": url_of(png())}], "mask": {"image_url": url_of(png("RGBA"))}},
        {"images": [{"image_url": "https://x/y.png"}, {"file_id": "file-1"}]},
    ],
)
async def test_an_edit_may_come_as_json(client: aiohttp.ClientSession, body: Body) -> None:
    assert (await edit_json(client, **body))[0] == 200


async def test_the_status_of_a_retired_model_on_edits_is_an_open_fact(
    emulator: OpenAIEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.facts = Facts(retired_status_on_edits=404)
    assert (await edit(client, "dall-e-2", image=png()))[0] == 404
