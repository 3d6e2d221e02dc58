"""Requests that Google's and other clients made, replayed: each is answered, or refused so."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from google.genai.types import File
from PIL import Image
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_files import Stored
from imageway.emulators.serving import serve

CAPTURED = Path(__file__).parents[1] / "data" / "gemini" / "captured_requests.json"
KEY = "captured"
# The server that the clients were captured at told by a model's name what it shall answer.
SCRIPT_BY_MODEL: Mapping[str, tuple[Fault, str | None]] = {
    "t-400-key": (Fault.BAD_KEY, "invalid"),
    "t-400-location": (Fault.REGION, None),
    "t-403": (Fault.FORBIDDEN, None),
    "t-429": (Fault.RATE_LIMITED, None),
    "t-429-credits": (Fault.QUOTA, None),
    "t-503": (Fault.UNAVAILABLE, None),
    "t-504": (Fault.SERVER_ERROR, "deadline"),
    "t-html-502": (Fault.HTML, None),
    "t-array-error": (Fault.NOT_FOUND, None),
    "imagen-prompt-blocked": (Fault.REFUSED, "imagen_prompt"),
}
STATUS_BY_FAULT: Mapping[Fault, int] = {
    Fault.BAD_KEY: 400,
    Fault.REGION: 400,
    Fault.FORBIDDEN: 403,
    Fault.RATE_LIMITED: 429,
    Fault.QUOTA: 429,
    Fault.UNAVAILABLE: 503,
    Fault.SERVER_ERROR: 504,
    Fault.HTML: 502,
    Fault.NOT_FOUND: 404,
    Fault.REFUSED: 400,
}
# Everything else succeeds.
STATUS_BY_NAME: Mapping[str, int] = {
    "g01-models-list-2": 400,  # a page of another server
    "g07-404-imagen-at-generateContent": 404,
    "g14-base64-alphabet": 400,
    "o11-gemini-compat-chat-404-array-error": 404,
    "o11b-gemini-compat-images": 404,
    "g08c-imagen-developer-api-gemini-3.1-flash-image": 404,
}
# As far as they are looked at.
Part = dict[str, dict[str, str]]
Chunk = dict[str, list[dict[str, dict[str, list[Part]]]]]
Error = dict[str, dict[str, JsonValue]]
ERRORS = TypeAdapter[Error | list[Error]](Error | list[Error])
PICTURE_MODEL, IMAGEN = "gemini-3.1-flash-image", "imagen-4.0-generate-001"


class Captured(BaseModel):
    """One captured request."""

    model_config = ConfigDict(frozen=True)

    name: str
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = {}
    json_: JsonValue = None
    raw: bool = False

    @property
    def kind(self) -> str:
        """The name without the client's age."""
        return self.name.removeprefix("older-")

    @property
    def model(self) -> str:
        return self.path.rpartition("/models/")[2].partition(":")[0]

    @property
    def asked_path(self) -> str:
        """The path with a model that there is."""
        if self.model.startswith(("t-", "s-")):
            return self.path.replace(self.model, PICTURE_MODEL)
        is_imagen = self.path.endswith(":predict") and self.model.startswith("imagen-")
        known = self.model.startswith(("imagen-3.0-", "imagen-4.0-"))
        return self.path.replace(self.model, IMAGEN) if is_imagen and not known else self.path


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, "png")
    return out.getvalue()


def read() -> list[Captured]:
    text = CAPTURED.read_text().replace('"json"', '"json_"')
    text = text.replace("<PNG_B64>", base64.b64encode(picture()).decode())
    return TypeAdapter(list[Captured]).validate_json(text)


@pytest.fixture
def emulator() -> GeminiEmulator:
    emulator = GeminiEmulator(key=KEY)
    emulator.facts = Facts(
        imagen_on_developer=True,
        imagen_on_vertex=True,
        locations=frozenset({"global", "us-central1"}),
    )
    stored = Stored("files/abc123", None, "image/png", picture(), emulator.clock())
    emulator.files.kept[stored.name] = stored
    return emulator


@pytest.fixture
async def client(emulator: GeminiEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"x-goog-api-key": KEY, "Authorization": f"Bearer {KEY}"}
    async with serve(emulator) as url, aiohttp.ClientSession(url, headers=headers) as session:
        yield session


async def replay(client: aiohttp.ClientSession, captured: Captured) -> tuple[int, bytes, str]:
    url = f"{captured.asked_path}?{captured.query}"
    if captured.raw:
        asked = client.request(captured.method, url, data=picture(), headers=captured.headers)
    else:
        json_ = None if captured.method == "GET" else captured.json_
        asked = client.request(captured.method, url, json=json_, headers=captured.headers)
    async with asked as response:
        where = response.headers.get("X-Goog-Upload-URL", "")
        return response.status, await response.read(), where


@pytest.mark.parametrize("captured", read(), ids=lambda captured: captured.name)
async def test_a_captured_google_request_is_answered(
    emulator: GeminiEmulator, client: aiohttp.ClientSession, captured: Captured
) -> None:
    if captured.model == IMAGEN and captured.kind.startswith("g07"):
        emulator.facts = replace(emulator.facts, imagen_on_developer=False)
    expected = STATUS_BY_NAME.get(captured.kind, 200)
    if captured.model in SCRIPT_BY_MODEL:
        fault, variant = SCRIPT_BY_MODEL[captured.model]
        emulator.script(fault, variant=variant)
        expected = STATUS_BY_FAULT[fault]
    if captured.raw:
        captured = await begun(client, captured)
    status, body, _ = await replay(client, captured)
    assert status == expected, body
    check(captured, status, body)


async def begun(client: aiohttp.ClientSession, captured: Captured) -> Captured:
    """The second step of an upload, at the address that the first step tells."""
    [first] = [each for each in read() if each.name == captured.name.replace("-2", "-1")]
    _, _, where = await replay(client, first)
    return captured.model_copy(update={"query": where.partition("?")[2]})


def check(captured: Captured, status: int, body: bytes) -> None:
    if status >= 400:
        check_refusal(body)
    elif captured.raw:
        assert File.model_validate(json.loads(body)["file"]).size_bytes == len(picture())
    elif captured.path.endswith(":predict"):
        check_predictions(body)
    elif captured.path.endswith("eamGenerateContent"):
        events = body.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")
        chunks = [json.loads(event.removeprefix(b"data: ")) for event in events]
        check_parts([part for chunk in chunks for part in parts_of(chunk)])
        assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"
    elif captured.path.endswith(":generateContent"):
        check_parts(parts_of(json.loads(body)))


def parts_of(chunk: Chunk) -> list[Part]:
    return chunk["candidates"][0]["content"].get("parts", [])


def check_parts(parts: list[Part]) -> None:
    [*_, blob] = [part["inlineData"] for part in parts if "inlineData" in part]
    image = Image.open(BytesIO(base64.b64decode(blob["data"])))
    image.load()
    assert f"image/{(image.format or '').lower()}" == blob["mimeType"]


def check_refusal(body: bytes) -> None:
    if body.startswith(b"<"):
        return
    said = ERRORS.validate_json(body)
    error = (said[0] if isinstance(said, list) else said)["error"]
    assert {"code", "message", "status"} <= error.keys()


def check_predictions(body: bytes) -> None:
    for entry in json.loads(body)["predictions"]:
        if "bytesBase64Encoded" in entry:
            content = base64.b64decode(entry["bytesBase64Encoded"])
            image = Image.open(BytesIO(content))
            image.load()
            assert f"image/{(image.format or '').lower()}" == entry["mimeType"]
        else:
            assert "gcsUri" in entry or entry["contentType"] == "Positive Prompt"


async def test_a_captured_generation_of_google_is_charged_once(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    [captured] = [each for each in read() if each.name == "g03b-generate-content-minimal"]
    await replay(client, captured)
    assert len(emulator.charges) == 1


@pytest.mark.parametrize("name", STATUS_BY_NAME)
async def test_a_refused_request_of_google_is_not_charged(
    emulator: GeminiEmulator, client: aiohttp.ClientSession, name: str
) -> None:
    emulator.facts = replace(emulator.facts, imagen_on_developer=False)
    [captured, *_] = [each for each in read() if each.kind == name]
    await replay(client, captured)
    assert emulator.charges == []
