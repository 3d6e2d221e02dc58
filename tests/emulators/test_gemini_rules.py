"""What Google's service refuses, in its own words; everything else passes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import JsonValue

from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.serving import serve

Json = dict[str, JsonValue]
FLASH = "/v1beta/models/gemini-3.1-flash-image"
PROJECT = "/v1beta1/projects/p/locations/{}/publishers/google/models/gemini-3.1-flash-image"
WORDS: Json = {"contents": [{"parts": [{"text": "A red mug"}]}]}


@pytest.fixture
def emulator() -> GeminiEmulator:
    return GeminiEmulator()


@pytest.fixture
async def client(emulator: GeminiEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(emulator) as url, aiohttp.ClientSession(url) as session:
        yield session


async def ask(
    client: aiohttp.ClientSession, path: str, body: JsonValue, **headers: str
) -> tuple[int, Json]:
    headers = {"x-goog-api-key": "sk-emulated", **headers}
    async with client.post(path, json=body, headers=headers) as response:
        return response.status, await response.json()


async def refused(client: aiohttp.ClientSession, body: JsonValue, path: str = FLASH) -> Json:
    status, said = await ask(client, f"{path}:generateContent", body)
    error = said["error"]
    assert isinstance(error, dict)
    assert (status, error["code"]) == (error["code"], status)
    return error


def shaped(**image: JsonValue) -> Json:
    return {**WORDS, "generationConfig": {"imageConfig": {**image}}}


RATIOS = (
    "* GenerateContentRequest.generation_config.image_config.aspect_ratio: aspect_ratio must be"
    " one of '1:1', "
)


@pytest.mark.parametrize(
    ("model", "body", "message"),
    [
        ("gemini-3.1-flash-image", shaped(aspectRatio="5:7"), RATIOS),
        (
            "gemini-3-pro-image",
            shaped(aspectRatio="1:4"),
            "Aspect ratio 1:4 is not supported for this model",
        ),
        (
            "gemini-3.1-flash-image",
            shaped(imageSize="8K"),
            "Unsupported image_size '8K'. Supported values are: 1K, 2K, 4K, 512, 512P, 512PX.",
        ),
        (
            "gemini-3.1-flash-lite-image",
            shaped(imageSize="2K"),
            "Image size 2K is not supported for this model",
        ),
        (
            "gemini-nano-banana-2.1",
            shaped(imageSize="512"),
            "Image size 512 is not supported for this model",
        ),
        (
            "gemini-3.1-flash-image",
            {"contents": []},
            "* GenerateContentRequest.contents: contents is not specified",
        ),
        (
            "gemini-3.1-flash-image",
            {**WORDS, "generationConfig": {"candidateCount": 2}},
            "Multiple candidates is not enabled for this model",
        ),
        (
            "gemini-3.1-flash",
            {**WORDS, "generationConfig": {"responseModalities": ["IMAGE"]}},
            "The requested combination of response modalities (IMAGE) is not supported by the",
        ),
    ],
)
async def test_a_request_that_the_model_does_not_take_is_refused_in_googles_words(
    client: aiohttp.ClientSession, model: str, body: JsonValue, message: str
) -> None:
    error = await refused(client, body, f"/v1beta/models/{model}")
    assert error["code"] == 400
    assert str(error["message"]).startswith(message)


@pytest.mark.parametrize(
    ("body", "name", "field"),
    [
        ({**WORDS, "n": 2}, "n", ""),
        (
            {**WORDS, "generation_config": {"negativePrompt": "text"}},
            "negativePrompt",
            "generation_config",
        ),
        (shaped(outputFormat="png"), "outputFormat", "generation_config.image_config"),
        (
            shaped(personGeneration="ALLOW_ALL"),
            "personGeneration",
            "generation_config.image_config",
        ),
        ({**WORDS, "labels": {"team": "x"}}, "labels", ""),
        ({"contents": [{"parts": [{"image": "x"}]}]}, "image", "contents[0].parts[0]"),
    ],
)
async def test_an_undocumented_field_is_refused_with_its_place(
    client: aiohttp.ClientSession, body: JsonValue, name: str, field: str
) -> None:
    error = await refused(client, body)
    at = f" at '{field}'" if field else ""
    message = f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
    assert error["message"] == message
    violation = {"description": message} | ({"field": field} if field else {})
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [violation],
        }
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {**WORDS, "generationConfig": {"seed": 2**31}},
            "Invalid value at 'generation_config.seed'",
        ),
        (
            {"contents": [{"parts": [{"inlineData": {"data": "*"}}]}]},
            "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64",
        ),
        (
            {"contents": [{"parts": [{"inlineData": {"data": "AAAA"}}]}]},
            "Unable to process input image.",
        ),
    ],
)
async def test_a_wrong_value_is_refused_with_its_place(
    client: aiohttp.ClientSession, body: JsonValue, message: str
) -> None:
    error = await refused(client, body)
    assert str(error["message"]).startswith(message)


async def test_both_spellings_may_be_mixed_and_the_role_may_be_missing(
    client: aiohttp.ClientSession,
) -> None:
    body: Json = {
        **WORDS,
        "generation_config": {
            "imageConfig": {"aspect_ratio": "1:1", "imageSize": "512PX"},
            "thinkingConfig": {"include_thoughts": True, "thinking_level": "low"},
        },
        "system_instruction": {"parts": [{"text": "draw"}]},
        "serviceTier": "flex",
    }
    status, _ = await ask(client, f"{FLASH}:generateContent", body)
    assert status == 200


async def test_without_a_key_google_speaks_of_unregistered_callers(
    client: aiohttp.ClientSession,
) -> None:
    async with client.post(f"{FLASH}:generateContent", json=WORDS) as response:
        said = await response.json()
    assert (response.status, said["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert "unregistered callers" in said["error"]["message"]


async def test_a_wrong_key_is_a_400_with_a_reason(client: aiohttp.ClientSession) -> None:
    async with client.post(f"{FLASH}:generateContent?key=nope", json=WORDS) as response:
        said = await response.json()
    assert (response.status, said["error"]["details"][0]["reason"]) == (400, "API_KEY_INVALID")


async def test_the_key_may_stand_in_the_query(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/models?key=sk-emulated") as response:
        assert response.status == 200


async def test_a_project_wants_a_token(client: aiohttp.ClientSession) -> None:
    path = f"{PROJECT.format('global')}:generateContent"
    status, said = await ask(client, path, WORDS)
    assert (status, said["error"]["status"]) == (401, "UNAUTHENTICATED")  # type: ignore[call-overload,index]  # an error is an object
    async with client.post("/token", data={"grant_type": "jwt"}) as response:
        token = (await response.json())["access_token"]
    status, said = await ask(client, path, WORDS, Authorization=f"Bearer {token}")
    assert status == 200
    assert "createTime" in said


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/v1/models/nope", "models/nope is not found for API version v1, or is not supported"),
        (
            "/v1beta/models/imagen-4.0-generate-001",
            "models/imagen-4.0-generate-001 is not found for API version v1beta, or is not"
            " supported for generateContent.",
        ),
        (
            "/v1beta1/publishers/google/models/nope",
            "Publisher Model `publishers/google/models/nope` was not found",
        ),
    ],
)
async def test_a_model_that_is_not_there_is_not_found_in_the_words_of_its_api(
    client: aiohttp.ClientSession, path: str, text: str
) -> None:
    error = await refused(client, WORDS, path)
    assert error["code"] == 404
    assert text in str(error["message"])


async def test_a_region_that_has_no_image_models_says_so(client: aiohttp.ClientSession) -> None:
    path = f"{PROJECT.format('us-central1')}:generateContent"
    status, _ = await ask(client, path, WORDS, Authorization="Bearer sk-emulated")
    assert status == 404


async def test_a_model_that_was_closed_says_so_to_new_accounts(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.facts = Facts(closed_models=frozenset({"gemini-2.5-flash-image"}))
    error = await refused(client, WORDS, "/v1beta/models/gemini-2.5-flash-image")
    assert "no longer available to new users" in str(error["message"])


async def test_an_unknown_verb_is_a_page(client: aiohttp.ClientSession) -> None:
    headers = {"x-goog-api-key": "sk-emulated"}
    async with client.post(f"{FLASH}:draw", json=WORDS, headers=headers) as response:
        assert (response.status, response.content_type) == (404, "text/html")


async def test_a_rate_limit_says_in_no_header_when_to_come_again(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.script(Fault.RATE_LIMITED)
    headers = {"x-goog-api-key": "sk-emulated"}
    async with client.post(f"{FLASH}:generateContent", json=WORDS, headers=headers) as response:
        assert response.status == 429
        assert "Retry-After" not in response.headers
        assert '"retryDelay": "34s"' in await response.text()


async def test_a_broken_body_is_refused(client: aiohttp.ClientSession) -> None:
    headers = {"x-goog-api-key": "sk-emulated", "Content-Type": "application/json"}
    path = f"{FLASH}:generateContent"
    async with client.post(path, data=b"{", headers=headers) as response:
        assert response.status == 400


async def test_tokens_are_counted_for_free(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    assert await ask(client, f"{FLASH}:countTokens", WORDS) == (200, {"totalTokens": 12})
    assert emulator.charges == []
