"""Failures: every word of the vendor has a code, and nobody sees a key or a page of HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from imageway.adapters.openai.errors import Explainer
from imageway.adapters.openai.wire import VendorError
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.openai_errors import ROWS_BY_FAULT
from tests.adapters.openai_lab import captured_answers, lab

CODE_BY_VARIANT: Mapping[str, ErrorCode] = {
    "input-images": ErrorCode.RATE_LIMITED,
    "images": ErrorCode.RATE_LIMITED,
    "tokens": ErrorCode.RATE_LIMITED,
    "requests": ErrorCode.RATE_LIMITED,
    "service_unavailable": ErrorCode.UNAVAILABLE,
    "server_error": ErrorCode.UNAVAILABLE,
    "invalid_api_key": ErrorCode.UNAUTHENTICATED,
    "moderation_blocked": ErrorCode.REJECTED,
    "output": ErrorCode.REJECTED,
    "content_policy_violation": ErrorCode.REJECTED,
    "unsupported_country": ErrorCode.FORBIDDEN,
    "unverified": ErrorCode.FORBIDDEN,
    "insufficient_quota": ErrorCode.QUOTA_EXHAUSTED,
    "project_spend_limit_exceeded": ErrorCode.QUOTA_EXHAUSTED,
    "billing_hard_limit_reached": ErrorCode.QUOTA_EXHAUSTED,
    "model_not_found": ErrorCode.NOT_FOUND,
    "retired": ErrorCode.NOT_FOUND,
    "image_generation_failed": ErrorCode.FAILED,
}
SAID = [(fault, variant) for fault, rows in ROWS_BY_FAULT.items() for variant in rows]


def explained(
    status: int,
    body: JsonValue = None,
    headers: Mapping[str, str] | None = None,
    model: str = "gpt-image-2",
    secret: str | None = "quite-secret-key",
) -> ErrorInfo:
    text = body if isinstance(body, str) else json.dumps(body)
    explainer = Explainer("house", model, secret)
    return explainer.explain(status, headers or {}, text.encode()).info


def error(message: str = "No.", **members: JsonValue) -> JsonValue:
    return {"error": {"message": message, "type": None, "param": None, "code": None, **members}}


@pytest.mark.parametrize(("fault", "variant"), SAID)
async def test_every_error_that_the_emulator_can_say_has_its_code(
    fault: Fault, variant: str
) -> None:
    emulator = OpenAIEmulator()
    emulator.script(fault, variant=variant)
    async with lab(emulator) as found:
        info = await found.refusal()
    assert info.code is CODE_BY_VARIANT[variant]
    assert info.vendor_message
    assert (info.origin, info.provider, info.model) == ("vendor", "openai", "gpt-image-2")
    # A failure of the vendor's own proves nothing of the charge.
    assert info.charged == ("maybe" if fault is Fault.SERVER_ERROR else "no")


@pytest.mark.parametrize(
    ("name", "code", "vendor_code"),
    [
        ("o07-error-401", ErrorCode.UNAUTHENTICATED, "invalid_api_key"),
        ("o07-error-404", ErrorCode.NOT_FOUND, "model_not_found"),
        ("o07-error-429", ErrorCode.RATE_LIMITED, "rate_limit_exceeded"),
        ("o07-error-500", ErrorCode.UNAVAILABLE, "server_error"),
        ("o07-error-moderation", ErrorCode.REJECTED, "moderation_blocked"),
        ("o07-error-param", ErrorCode.INVALID_REQUEST, "unknown_parameter"),
        ("o07-error-quota", ErrorCode.QUOTA_EXHAUSTED, "insufficient_quota"),
        ("o07-error-retired", ErrorCode.NOT_FOUND, "invalid_value"),
        ("o11-gemini-compat-404-array-error", ErrorCode.NOT_FOUND, "NOT_FOUND"),
    ],
)
def test_a_captured_error_has_its_code(name: str, code: ErrorCode, vendor_code: str) -> None:
    answer = captured_answers()[name]
    info = explained(answer.status, answer.json_, answer.headers)
    assert (info.code, info.vendor_code) == (code, vendor_code)
    assert info.request_id == answer.headers.get("x-request-id")


def test_a_refused_content_tells_the_stage_and_the_categories() -> None:
    answer = captured_answers()["o07-error-moderation"]
    info = explained(answer.status, answer.json_)
    assert info.details == {"moderation_stage": "input", "categories": ["violence"]}
    assert info.hint == "change the prompt or the pictures that were sent"
    assert (info.vendor_message or "").startswith("Your request was rejected by the safety system")


def test_categories_are_found_in_the_sentence_where_there_are_no_details() -> None:
    words = "Rejected. safety_violations=[violence, self-harm]."
    info = explained(400, error(words, code="moderation_blocked"))
    assert info.details == {"categories": ["violence", "self-harm"]}


def test_a_refused_content_is_never_routed_around() -> None:
    info = explained(400, error(code="content_policy_violation"))
    assert not info.another_may_cure


def test_a_refused_key_says_whose_and_shows_nothing_of_it() -> None:
    words = "Incorrect API key provided: sk-abcd****wxyz. See sk-proj-1234567890."
    info = explained(401, error(words, code="invalid_api_key"))
    assert info.message == "house refused imageway's key"
    assert info.vendor_message == "Incorrect API key provided: … See …"


@pytest.mark.parametrize(
    "words",
    [
        "The key quite-secret-key is unknown.",
        "You sent Bearer quite-secret-key",
        "Unknown key: quite***********-key",
        "quite-secret-key " * 1000,
    ],
)
def test_our_key_is_taken_out_of_whatever_the_vendor_says(words: str) -> None:
    shown = explained(401, {"detail": words}, secret="quite-secret-key").model_dump_json()
    assert "quite" not in shown
    assert "-key" not in shown


def test_a_server_that_wants_a_key_where_there_is_none_says_so() -> None:
    info = explained(401, {"detail": "Unauthorized"}, secret=None)
    assert info.message == "house wants a key, and imageway has none for it"
    assert info.hint == 'write api_key = { env = "NAME" } for this provider'


def test_a_retired_model_answers_400_and_a_living_one_is_named() -> None:
    info = explained(400, error("The model 'dall-e-3' does not exist."), model="dall-e-3")
    assert info.code is ErrorCode.NOT_FOUND
    assert info.hint == "its end was set for 2026-05-12; use 'gpt-image-2.5-sunburst'"


@pytest.mark.parametrize(
    ("param", "ours", "words"),
    [
        ("size", "size", "house refuses the value of 'size'"),
        ("n", "count", "house refuses the value of 'count'"),
        ("output_format", "format", "house refuses the value of 'format'"),
        ("image", "references", "house refuses the value of 'references'"),
        ("mask", "mask", "house refuses the value of 'mask'"),
        ("complexity", "openai.complexity", "house refuses the value of 'complexity'"),
        (None, None, "house refuses this request"),
    ],
)
def test_a_wrong_value_names_our_field(param: str | None, ours: str | None, words: str) -> None:
    info = explained(400, error(code="invalid_value", param=param))
    assert (info.code, info.param, info.message) == (ErrorCode.INVALID_REQUEST, ours, words)


def test_a_file_that_cannot_be_read_is_one_of_the_references() -> None:
    info = explained(400, error("Invalid image file for image 3.", code="invalid_image_file"))
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "references")


def test_an_unknown_parameter_is_named() -> None:
    info = explained(400, error(code="unknown_parameter", param="seed"))
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "seed")
    assert info.message == "house takes no seed with 'gpt-image-2'"


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"loc": ["body", "guidance_scale"], "msg": "must be >= 0", "type": "ge"}]},
        {"detail": [{"loc": ["guidance_scale"], "msg": "must be >= 0"}]},
    ],
)
def test_fastapis_errors_name_the_field(body: JsonValue) -> None:
    info = explained(422, body)
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "guidance")
    assert info.vendor_message == "must be >= 0"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "engine not ready"}, "engine not ready"),
        ({"message": "engine not ready"}, "engine not ready"),
        ({"error": "engine not ready"}, "engine not ready"),
        ([{"error": {"message": "engine not ready", "code": 503}}], "engine not ready"),
        ([], None),
        ({"detail": {"odd": 1}}, None),
        ("<html><h1>Bad Gateway</h1></html>", None),
        ("", None),
        ("[" * 5000, None),
    ],
)
def test_every_dialect_is_read_and_nothing_else_is_shown(body: JsonValue, said: str | None) -> None:
    info = explained(503, body)
    assert (info.code, info.vendor_message) == (ErrorCode.UNAVAILABLE, said)
    assert "html" not in info.model_dump_json()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, ErrorCode.INVALID_REQUEST),
        (401, ErrorCode.UNAUTHENTICATED),
        (402, ErrorCode.QUOTA_EXHAUSTED),
        (403, ErrorCode.FORBIDDEN),
        (404, ErrorCode.NOT_FOUND),
        (408, ErrorCode.TIMEOUT),
        (413, ErrorCode.TOO_LARGE),
        (418, ErrorCode.BAD_ANSWER),
        (424, ErrorCode.OUTCOME_UNKNOWN),
        (429, ErrorCode.RATE_LIMITED),
        (451, ErrorCode.FORBIDDEN),
        (500, ErrorCode.UNAVAILABLE),
        (502, ErrorCode.UNAVAILABLE),
        (504, ErrorCode.TIMEOUT),
    ],
)
def test_a_status_alone_has_a_code_too(status: int, code: ErrorCode) -> None:
    assert explained(status, "oops").code is code


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, error("Invalid URL (POST /v1/v1/images)", code="unknown_url")),
        (404, {"detail": "Not Found"}),
        (404, "404 page not found"),
        (405, {"detail": "Method Not Allowed"}),
    ],
)
def test_a_route_that_is_not_there_hints_at_the_base_url(status: int, body: JsonValue) -> None:
    info = explained(status, body)
    assert info.code is ErrorCode.NOT_FOUND
    assert "base_url" in (info.hint or "")


@pytest.mark.parametrize(
    ("words", "headers", "seconds"),
    [
        ("", {"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ("try again in 12s", {"Retry-After": "1"}, 1.0),
        ("Please try again in 12s.", {}, 12.0),
        ("Please try again in 350ms.", {}, 0.35),
        ("Please try again in 1m30s.", {}, 90.0),
        ("", {"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        (
            "",
            {
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-requests": "4",
                "x-ratelimit-reset-images": "12s",
                "x-ratelimit-remaining-images": "0",
            },
            12.0,
        ),
        ("soon", {"x-ratelimit-reset-requests": "soon"}, None),
        ("try again in " + "9" * 400 + "s", {}, None),
    ],
)
def test_when_to_come_again_is_read_wherever_it_is_said(
    words: str, headers: Mapping[str, str], seconds: float | None
) -> None:
    info = explained(429, error(words, code="rate_limit_exceeded"), headers)
    assert info.retry_after == seconds


async def test_the_request_id_is_kept_to_be_quoted() -> None:
    emulator = OpenAIEmulator()
    emulator.script(Fault.UNAVAILABLE)
    async with lab(emulator) as found:
        info = await found.refusal()
    assert info.request_id == f"req_{1:032x}"


def test_inside_an_answer_the_request_id_is_found_in_the_sentence() -> None:
    said = VendorError(message="Rejected; include the request ID req_12ab.", code="x")
    assert Explainer("house", "m").inside(said).info.request_id == "req_12ab"


def test_a_long_answer_is_shortened() -> None:
    info = explained(500, error("word " * 10_000))
    assert len(info.vendor_message or "") == 500


def test_a_hostile_answer_is_read_quickly() -> None:
    for words in ("*" * 1_000_000, "model " * 200_000, "try again in 1s" * 70_000, "sk-" * 300_000):
        explained(400, error(words))


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one() -> None:
    said = b'{"error": {"message": "The model `gpt-imag-2` does not exist", "param": "model"}}'
    error = Explainer("openai", "gpt-imag-2").explain(404, {}, said).info
    assert (error.hint or "").startswith("did you mean 'gpt-image-2'?")
