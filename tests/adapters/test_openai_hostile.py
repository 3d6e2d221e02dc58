"""Whatever a server says, nothing but an ImagewayError comes of it, and no index stays open."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from imageway.adapters.openai.errors import Explainer
from imageway.adapters.openai.reading import Reader
from imageway.core.errors import ImagewayError
from imageway.core.http import Http
from imageway.core.sse import ServerSentEvent
from tests.adapters.openai_lab import picture
from tests.core.samples import listening

NAMES = st.sampled_from(
    [
        *("error", "errors", "detail", "message", "code", "type", "param", "status", "loc", "msg"),
        *("data", "b64_json", "revised_prompt", "usage", "total_tokens", "input_tokens_details"),
        *("moderation_details", "categories", "moderation_stage"),
    ]
)
WORDS = st.sampled_from(
    [
        *("moderation_blocked", "rate_limit_exceeded", "model", "error", picture().base64),
        *("image_generation.completed", "image_generation.partial_image", "try again in 5s"),
    ]
)
SAID: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, SAID, max_size=6)


def reader(count: int) -> Reader:
    run = listening(count)[0]
    return Reader(run, Http(), Explainer("house", "m"), count, None, None)


async def streamed(said: list[dict[str, JsonValue]]) -> AsyncIterator[ServerSentEvent]:
    for each in said:
        yield ServerSentEvent("message", json.dumps(each).encode())


@given(SAID, st.integers(400, 599))
def test_any_refusal_is_explained(said: JsonValue, status: int) -> None:
    info = Explainer("house", "m").explain(status, {}, json.dumps(said).encode()).info
    assert info.origin == "vendor"
    assert "{" not in info.message


@given(st.binary(max_size=200), st.integers(400, 599))
def test_any_bytes_are_explained(body: bytes, status: int) -> None:
    assert Explainer("house", "m").explain(status, {}, body).info.origin == "vendor"


@given(OBJECTS, st.integers(1, 3))
async def test_any_plain_answer_fills_every_index_or_fails(
    said: dict[str, JsonValue], count: int
) -> None:
    reading = reader(count)
    try:
        await reading.plain(json.dumps(said).encode())
    except ImagewayError:
        return
    assert reading.run.open == ()


@given(st.lists(OBJECTS, max_size=4), st.integers(1, 2))
async def test_any_stream_fills_every_index_or_fails(
    said: list[dict[str, JsonValue]], count: int
) -> None:
    reading = reader(count)
    try:
        await reading.stream(streamed(said))
    except ImagewayError:
        return
    assert reading.run.open == ()


@pytest.mark.parametrize("number", [-1, 10**13, 10**400])
async def test_absurd_token_counts_are_not_charged(number: int) -> None:
    run, heard = listening(1)
    reading = Reader(run, Http(), Explainer("house", "m"), 1, None, None)
    body = {"data": [{"b64_json": picture().base64}], "usage": {"total_tokens": number}}
    await reading.plain(json.dumps(body).encode())
    assert [type(event).__name__ for event in heard] == ["ImageReady"]
