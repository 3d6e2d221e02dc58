"""Google's streams as they are on the wire: framings, orders of fragments, and broken ends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import get_args

import aiohttp
import pytest
from pydantic import JsonValue

from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts, Sequence
from imageway.emulators.serving import serve

BODY: JsonValue = {"contents": [{"parts": [{"text": "mug"}]}]}
PATH = "/v1beta/models/{}:streamGenerateContent"
FLASH, OLD = "gemini-3.1-flash-image", "gemini-2.5-flash-image"


@pytest.fixture
def emulator() -> GeminiEmulator:
    return GeminiEmulator()


@pytest.fixture
async def client(emulator: GeminiEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"x-goog-api-key": "sk-emulated"}
    async with serve(emulator) as url, aiohttp.ClientSession(url, headers=headers) as session:
        yield session


async def read(
    client: aiohttp.ClientSession, model: str = FLASH, query: str = "?alt=sse"
) -> tuple[int, str, str]:
    async with client.post(PATH.format(model) + query, json=BODY) as response:
        return response.status, response.content_type, await response.text()


def events(text: str) -> list[dict[str, JsonValue]]:
    assert text.endswith("\r\n\r\n")
    blocks = text.removesuffix("\r\n\r\n").split("\r\n\r\n")
    assert all(block.startswith("data: ") and "\n" not in block for block in blocks)
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


def told(fragment: dict[str, JsonValue]) -> str:
    """A fragment in a few letters: Text, Image, nothing; a dot for its end, U for usage."""
    letters = ""
    match fragment.get("candidates"):
        case [{"content": {"parts": [dict() as part]}}]:
            letters = "I" if "inlineData" in part else "T"
        case [dict()]:
            letters = "-"
        case _:
            pass
    text = json.dumps(fragment.get("candidates"))
    return (
        letters
        + ("." if '"finishReason"' in text else "")
        + ("U" if "usageMetadata" in fragment else "")
    )


@pytest.mark.parametrize(
    ("sequence", "model", "expected"),
    [
        ("text_first", OLD, ["T", "T", "-", "I.U"]),
        ("text_first", FLASH, ["T", "T", "I", "T.U"]),
        ("image_first", OLD, ["T", "T", "I", "T.U"]),
        ("usage_last", FLASH, ["T", "T", "I", "T.", "U"]),
        ("stops_everywhere", OLD, ["T.U", "T.U", "I.U"]),
        ("never_stops", OLD, ["T", "T", "IU"]),
    ],
)
async def test_the_fragments_come_in_each_order_that_was_seen(
    emulator: GeminiEmulator,
    client: aiohttp.ClientSession,
    sequence: Sequence,
    model: str,
    expected: list[str],
) -> None:
    emulator.facts = Facts(sequence=sequence)
    status, kind, text = await read(client, model)
    assert (status, kind) == (200, "text/event-stream")
    assert [told(each) for each in events(text)] == expected


def test_every_order_is_played() -> None:
    assert set(get_args(Sequence)) == {
        "text_first",
        "image_first",
        "usage_last",
        "stops_everywhere",
        "never_stops",
    }


async def test_whoever_asks_for_no_events_gets_an_array(client: aiohttp.ClientSession) -> None:
    status, kind, text = await read(client, query="")
    assert (status, kind) == (200, "application/json")
    assert [told(each) for each in json.loads(text)] == ["T", "T", "I", "T.U"]
    assert text.startswith('[{"candidates"')
    assert "\r\n" in text


async def test_an_error_before_the_first_fragment_is_an_ordinary_one(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.script(Fault.RATE_LIMITED)
    status, kind, text = await read(client)
    assert (status, kind, json.loads(text)["error"]["code"]) == (429, "application/json", 429)


async def test_an_error_in_place_of_an_array_stands_in_one(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.script(Fault.RATE_LIMITED)
    _, _, text = await read(client, query="")
    assert json.loads(text)[0]["error"]["code"] == 429


@pytest.mark.parametrize(
    ("form", "end"),
    [
        ("data", '\r\n\r\ndata: {"error":{"code":503,'),
        ("late_key", '"error":{"code":503,'),
        ("raw", '\r\n\r\n{\n  "error": {\n    "code": 503,'),
    ],
)
async def test_a_stream_ends_with_an_error_in_each_form(
    emulator: GeminiEmulator, client: aiohttp.ClientSession, form: str, end: str
) -> None:
    emulator.facts = Facts(stream_errors=form)  # type: ignore[arg-type]  # each is a StreamError
    emulator.script(Fault.UNAVAILABLE, after_events=1)
    status, _, text = await read(client)
    assert status == 200
    assert end in text
    assert emulator.charges == []


async def test_an_array_ends_with_an_error_and_is_whole(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.facts = Facts(stream_errors="array")
    emulator.script(Fault.UNAVAILABLE, after_events=1)
    _, _, text = await read(client, query="")
    first, last = json.loads(text)
    assert told(first) == "T"
    assert last["error"]["status"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("fault", "variant", "expected"),
    [
        (Fault.REFUSED, None, "-.U"),
        (Fault.REFUSED, "prompt_other", "U"),
        (Fault.NO_IMAGE, "text_only", "T.U"),
        (Fault.NO_IMAGE, "empty", "-.U"),
    ],
)
async def test_a_success_without_a_picture_is_one_fragment(
    emulator: GeminiEmulator,
    client: aiohttp.ClientSession,
    fault: Fault,
    variant: str | None,
    expected: str,
) -> None:
    emulator.script(fault, variant=variant)
    _, _, text = await read(client)
    assert [told(each) for each in events(text)] == [expected]


async def test_thoughts_come_before_the_answer_when_they_are_asked_for(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.facts = Facts(thought_pictures=2)
    body = {
        "contents": [{"parts": [{"text": "mug"}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "thinkingConfig": {"includeThoughts": True},
        },
    }
    async with client.post(f"{PATH.format(FLASH)}?alt=sse", json=body) as response:
        found = events(await response.text())
    assert [told(each) for each in found] == ["T", "I", "I", "I", "T.U"]
    assert ['"thought": true' in json.dumps(each) for each in found] == [True] * 3 + [False] * 2


async def test_a_stream_may_end_too_early_and_clean(
    emulator: GeminiEmulator, client: aiohttp.ClientSession
) -> None:
    emulator.script(Fault.CUT_STREAM, after_events=2)
    _, _, text = await read(client)
    assert [told(each) for each in events(text)] == ["T", "T"]
    assert len(emulator.charges) == 1
