"""Every shape of a refusal at CivitAI, and what it means; no key is ever told again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from imageway.adapters.civitai import CivitaiAdapter, CivitaiConfig
from imageway.adapters.civitai.errors import Explainer
from imageway.adapters.civitai.rows import REFUSALS
from imageway.adapters.civitai.shapes import said_in
from imageway.adapters.civitai.wire import Mini, parsed
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.reply import Reply
from imageway.emulators.civitai_problems import problem

KEY = "0123456789abcdef0123456789abcdef"
ZOD = json.loads((Path(__file__).parents[1] / "data" / "civitai" / "zod_bodies.json").read_text())


def explained(status: int, body: bytes, **headers: str) -> ErrorInfo:
    return Explainer("CivitAI", KEY).explain(status, headers, body).info


def told(body: JsonValue) -> bytes:
    return json.dumps(body).encode()


EARLY: JsonValue = {
    "error": "Early Access",
    "deadline": "2026-09-01T00:00:00.000Z",
    "message": "buy it",
}
SHAPES: list[tuple[int, bytes, ErrorCode, str | None]] = [
    (400, told(ZOD["zod3"]["bad_username"]), ErrorCode.INVALID_REQUEST, "username: The"),
    (400, told(ZOD["zod4"]["limit_too_big"]), ErrorCode.INVALID_REQUEST, "limit: Too big"),
    (400, told(ZOD["zod4"]["two_problems"]), ErrorCode.INVALID_REQUEST, "; sort: Invalid option"),
    (400, told({"error": "✖ Invalid input\n  → at id"}), ErrorCode.INVALID_REQUEST, "✖ Invalid"),
    (400, told({"error": "Missing modelVersionId"}), ErrorCode.INVALID_REQUEST, "Missing model"),
    (400, told([{"message": "Required", "path": ["a", 0]}]), ErrorCode.INVALID_REQUEST, "a.0: Req"),
    (400, told({"error": [{"message": "Required"}]}), ErrorCode.INVALID_REQUEST, "Required"),
    (400, told({"message": "no", "code": "BAD"}), ErrorCode.INVALID_REQUEST, "no"),
    (401, told({"error": "Unauthorized"}), ErrorCode.UNAUTHENTICATED, "Unauthorized"),
    (401, b"", ErrorCode.UNAUTHENTICATED, None),
    (
        403,
        told({"error": "insufficient_scope", "error_description": "needs AIServicesWrite"}),
        ErrorCode.FORBIDDEN,
        "needs AIServicesWrite",
    ),
    (403, told(EARLY), ErrorCode.FORBIDDEN, "buy it"),
    (403, told("Insufficient funds"), ErrorCode.FORBIDDEN, "Insufficient funds"),
    (403, told({"error": "Insufficient Buzz"}), ErrorCode.FORBIDDEN, "Insufficient Buzz"),
    (402, b"", ErrorCode.QUOTA_EXHAUSTED, None),
    (404, told({"error": "No model with id 123"}), ErrorCode.NOT_FOUND, "No model with id 123"),
    (405, told({"error": "Method not allowed"}), ErrorCode.NOT_FOUND, "Method not allowed"),
    (409, told({"title": "Conflict", "status": 409}), ErrorCode.CONFLICT, "Conflict"),
    (429, told({"detail": "slow down"}), ErrorCode.RATE_LIMITED, "slow down"),
    (429, b"<html>Too many</html>", ErrorCode.RATE_LIMITED, None),
    (451, told({"error": "legal", "code": "REGION_BLOCKED"}), ErrorCode.FORBIDDEN, "legal"),
    (500, b"Internal Server Error", ErrorCode.UNAVAILABLE, "Internal Server Error"),
    (500, told({"error": "timeout", "code": "57014"}), ErrorCode.UNAVAILABLE, "timeout"),
    (500, told({"message": "An unexpected error", "error": 5}), ErrorCode.UNAVAILABLE, "An unexp"),
    (503, told({"error": "Server busy"}), ErrorCode.UNAVAILABLE, "Server busy"),
    (502, b"<!DOCTYPE html><html><body>502</body></html>", ErrorCode.UNAVAILABLE, None),
    (524, b"<html></html>", ErrorCode.TIMEOUT, None),
]


@pytest.mark.parametrize(("status", "body", "code", "words"), SHAPES)
def test_a_refusal_is_read_in_every_shape(
    status: int, body: bytes, code: ErrorCode, words: str | None
) -> None:
    info = explained(status, body)
    assert info.code is code
    assert (words or "") in (info.vendor_message or "")
    assert words is not None or info.vendor_message is None
    assert not info.message.endswith(".")


def test_a_complaint_by_path_names_our_field() -> None:
    answer = problem(400, errors={"steps[0].input.width": ["The field width is wrong."]})
    info = explained(400, b"".join(answer.pieces))
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "size")
    assert info.vendor_message == "steps[0].input.width: The field width is wrong."


def test_messages_about_a_resource_are_no_mistake_of_the_caller() -> None:
    answer = problem(400, errors={"messages": ["X is not enabled for generation."]})
    info = explained(400, b"".join(answer.pieces))
    assert info.code is ErrorCode.UNSUPPORTED
    assert info.vendor_message == "X is not enabled for generation."


def test_the_number_of_the_edge_is_kept_for_whoever_asks_the_vendor() -> None:
    headers = {"cf-ray": "8f00-FRA"}
    info = Explainer("CivitAI", KEY).explain(500, headers, b"").info
    assert info.request_id == "8f00-FRA"


@pytest.mark.parametrize(
    "words", [f"the key {KEY} is bad", "?token=abc&limit=1", "Bearer abc", "f" * 2000]
)
def test_no_key_and_no_flood_comes_out_again(words: str) -> None:
    shown = explained(400, told({"error": words})).vendor_message or ""
    assert KEY not in shown
    assert "abc" not in shown
    assert len(shown) <= 500


def test_only_a_status_below_500_proves_that_nothing_was_charged() -> None:
    assert {400, 403, 429} <= REFUSALS
    assert not {500, 502, 503} & REFUSALS


@given(st.binary(max_size=300))
def test_any_bytes_are_read(body: bytes) -> None:
    assert said_in(body).whole is not None


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)
NAMES = st.sampled_from(["error", "errors", "message", "detail", "issues", "code", "title", "name"])


@given(st.dictionaries(NAMES, JSONS))
def test_any_object_is_read(body: dict[str, JsonValue]) -> None:
    info = explained(400, told(body))
    assert info.code in {ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED, ErrorCode.FORBIDDEN}


def test_a_name_with_a_raw_line_feed_is_read() -> None:
    body = b'{"air": "urn:air:sdxl:lora:civitai:1@2", "modelName": "two\rlines"}'
    assert parsed(Reply(200, {}, body), Mini).model_name == "two\rlines"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 100_000, b'{"air": 1}'])
def test_an_unreadable_answer_of_the_site_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(ImagewayError) as caught:
        parsed(Reply(200, {}, body), Mini)
    assert caught.value.info.code is ErrorCode.BAD_ANSWER


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({}, "CIVITAI_API_TOKEN"),
        ({"api_key": " "}, "is missing"),
        ({"api_key": "k", "base_url": "civitai.com"}, "must be an http or https address"),
        ({"api_key": "k", "base_url": "https://civitai.com/api/v1"}, "must be a host alone"),
        ({"api_key": "k", "orchestrator_url": "https://a:b@c"}, "must not hold a name"),
        ({"api_key": "k", "early_access": "maybe"}, "public_version"),
        ({"api_key": "k", "max_buzz": -1}, "greater than or equal to 0"),
        ({"api_key": "k", "tips": 1}, "Extra inputs"),
    ],
)
def test_a_wrong_key_of_the_configuration_is_refused(keys: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        CivitaiConfig.model_validate(keys)


async def test_the_usual_hosts_are_civitais_own_and_the_key_is_not_shown() -> None:
    config = CivitaiConfig.model_validate({"api_key": "secret-key"})
    assert config.base_url == "https://civitai.com"
    assert config.orchestrator_url == "https://orchestration.civitai.com"
    assert "secret-key" not in repr(vars(CivitaiAdapter(config, Http(), Memo())))
