"""Each of Google's refusals becomes one of our codes, with its own words and a next step."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from pydantic import JsonValue

from imageway.adapters.gemini.errors import Explainer
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from tests.adapters.gemini_lab import KEY, TWICE, Lab, after, bench, lab, replays
from tests.loopback import Loopback, loopback

ROWS = [
    (Fault.RATE_LIMITED, "quota", ErrorCode.RATE_LIMITED),
    (Fault.RATE_LIMITED, "vertex", ErrorCode.RATE_LIMITED),
    (Fault.RATE_LIMITED, "legacy", ErrorCode.RATE_LIMITED),
    (Fault.QUOTA, "credits", ErrorCode.QUOTA_EXHAUSTED),
    (Fault.QUOTA, "per_day", ErrorCode.QUOTA_EXHAUSTED),
    (Fault.QUOTA, "no_free_tier", ErrorCode.QUOTA_EXHAUSTED),
    (Fault.QUOTA, "billing", ErrorCode.QUOTA_EXHAUSTED),
    (Fault.QUOTA, "imagen_billing", ErrorCode.QUOTA_EXHAUSTED),
    (Fault.UNAVAILABLE, "overloaded", ErrorCode.UNAVAILABLE),
    (Fault.UNAVAILABLE, "demand", ErrorCode.UNAVAILABLE),
    (Fault.UNAVAILABLE, "service", ErrorCode.UNAVAILABLE),
    (Fault.BAD_KEY, "invalid", ErrorCode.UNAUTHENTICATED),
    (Fault.BAD_KEY, "expired", ErrorCode.UNAUTHENTICATED),
    (Fault.BAD_KEY, "missing", ErrorCode.UNAUTHENTICATED),
    (Fault.BAD_KEY, "token", ErrorCode.UNAUTHENTICATED),
    (Fault.REGION, "images", ErrorCode.FORBIDDEN),
    (Fault.REGION, "user", ErrorCode.FORBIDDEN),
    (Fault.FORBIDDEN, "disabled", ErrorCode.FORBIDDEN),
    (Fault.FORBIDDEN, "blocked", ErrorCode.FORBIDDEN),
    (Fault.FORBIDDEN, "leaked", ErrorCode.FORBIDDEN),
    (Fault.FORBIDDEN, "iam", ErrorCode.FORBIDDEN),
    (Fault.REFUSED, "imagen_prompt", ErrorCode.REJECTED),
    (Fault.NOT_FOUND, "no_model", ErrorCode.NOT_FOUND),
    (Fault.NOT_FOUND, "closed", ErrorCode.NOT_FOUND),
    (Fault.SERVER_ERROR, "internal", ErrorCode.UNAVAILABLE),
    (Fault.SERVER_ERROR, "deadline", ErrorCode.TIMEOUT),
    (Fault.SERVER_ERROR, "cancelled", ErrorCode.UNAVAILABLE),
]


@pytest.mark.parametrize(("fault", "variant", "code"), ROWS)
@pytest.mark.parametrize("in_array", [False, True])
async def test_a_refusal_is_known_by_its_words_in_an_array_too(
    fault: Fault, variant: str, code: ErrorCode, in_array: bool
) -> None:
    async with after(fault, Facts(wraps_errors=in_array), variant=variant) as (found, _):
        info = await found.refusal()
    assert (info.code, info.origin, info.provider) == (code, "vendor", "google")
    assert info.vendor_message
    assert info.vendor_code


def test_every_row_of_the_emulator_is_told_apart() -> None:
    emulator = GeminiEmulator()
    told = {(fault, variant) for fault, variant, _ in ROWS}
    for fault in {fault for fault, _, _ in ROWS} - {Fault.REFUSED}:
        variants = set(emulator.variants(fault)) - {"pup_limited_disabled"}
        assert {(fault, variant) for variant in variants} <= told


@pytest.mark.parametrize(
    "fault",
    [Fault.RATE_LIMITED, Fault.QUOTA, Fault.UNAVAILABLE, Fault.REGION, Fault.FORBIDDEN],
)
async def test_a_refusal_costs_nothing_and_another_may_be_asked(fault: Fault) -> None:
    async with after(fault) as (found, emulator):
        info = await found.refusal()
    assert (info.charged, info.another_may_cure, emulator.charges) == ("no", True, [])


@pytest.mark.parametrize(
    ("fault", "variant", "again"),
    [
        (Fault.RATE_LIMITED, "quota", False),  # for it says to wait for longer than this test
        (Fault.RATE_LIMITED, "vertex", True),
        (Fault.UNAVAILABLE, "overloaded", True),
        (Fault.QUOTA, "credits", False),
        (Fault.QUOTA, "per_day", False),
        (Fault.BAD_KEY, "invalid", False),
        (Fault.FORBIDDEN, "disabled", False),
        (Fault.REFUSED, "prompt_safety", False),
        (Fault.NO_IMAGE, "image_other", False),
        (Fault.SERVER_ERROR, "internal", False),  # for it may have been charged
    ],
)
async def test_what_is_asked_again_is_decided_by_the_table(
    fault: Fault, variant: str, again: bool
) -> None:
    async with after(fault, variant=variant) as (found, emulator):
        found.policies = TWICE.model_copy(
            update={"retry": TWICE.retry.model_copy(update={"respect_retry_after": 1.0})}
        )
        await found.draw()
    assert len(emulator.heard) == (2 if again else 1)


async def test_the_detail_says_when_to_come_again() -> None:
    async with after(Fault.RATE_LIMITED, retry_after="7") as (found, _):
        assert (await found.refusal()).retry_after == 7.0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"details": [{"@type": "x/google.rpc.RetryInfo", "retryDelay": "34.074824224s"}]}, 34.07),
        ({"details": [{"@type": "x/google.rpc.RetryInfo", "retryDelay": "0s"}]}, 0.0),
        ({"message": "Please retry in 1.5s."}, 1.5),
        ({"details": [{"@type": "x/google.rpc.RetryInfo", "retryDelay": "soon"}]}, None),
        ({"details": [None, 7, {"@type": "x/google.rpc.RetryInfo"}]}, None),
        ({"message": f"Please retry in {'9' * 5000}s."}, None),
    ],
)
def test_a_waiting_time_is_read_from_detail_or_sentence(
    said: dict[str, JsonValue], seconds: float | None
) -> None:
    found = explained(429, {"code": 429, "status": "RESOURCE_EXHAUSTED", **said})
    assert found.retry_after == pytest.approx(seconds, abs=0.01)


def explained(status: int, error: JsonValue) -> ErrorInfo:
    explainer = Explainer("google", "some-model", secret=KEY)
    return explainer.explain(status, {}, json.dumps({"error": error}).encode()).info


async def test_a_proxys_header_says_when_to_come_again(site: Loopback, asked: Lab) -> None:
    site.answers(429, b"{}", Retry_After="9")
    assert (await asked.refusal()).retry_after == 9.0


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def asked(site: Loopback) -> AsyncIterator[Lab]:
    async with bench(site.url) as found:
        yield found


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("g07-400-field", ErrorCode.INVALID_REQUEST),
        ("g07-400-key", ErrorCode.UNAUTHENTICATED),
        ("g07-400-location", ErrorCode.FORBIDDEN),
        ("g07-403", ErrorCode.UNAUTHENTICATED),
        ("g07-404-imagen-at-generateContent", ErrorCode.NOT_FOUND),
        ("g07-429-credits", ErrorCode.QUOTA_EXHAUSTED),
        ("g07-503-with-retry-options", ErrorCode.UNAVAILABLE),
        ("g07-504", ErrorCode.TIMEOUT),
        ("g07-html-502", ErrorCode.UNAVAILABLE),
        ("g10-vertex-imagen-prompt-blocked", ErrorCode.REJECTED),
    ],
)
async def test_a_captured_refusal_is_known(
    site: Loopback, asked: Lab, name: str, code: ErrorCode
) -> None:
    replays(site, name)
    assert (await asked.refusal()).code is code


@pytest.mark.parametrize("status", [404, 502])
async def test_a_page_is_shown_to_nobody(site: Loopback, asked: Lab, status: int) -> None:
    site.answers(status, b"<html><title>Error</title></html>", "text/html")
    info = await asked.refusal()
    assert "<" not in info.model_dump_json()
    assert info.code is (ErrorCode.NOT_FOUND if status == 404 else ErrorCode.UNAVAILABLE)


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ("Aspect ratio 1:4 is not supported for this model", "aspect"),
        ("Image size 2K is not supported for this model", "size"),
        ("Unsupported image_size '8K'. Supported values are: 1K.", "size"),
    ],
)
def test_a_refused_shape_names_the_field_that_is_to_blame(message: str, param: str) -> None:
    assert explained(400, {"code": 400, "message": message}).param == param


def test_a_field_violation_names_the_field_in_our_words() -> None:
    violation: JsonValue = {"field": "generation_config.image_config.aspectRatio"}
    detail: JsonValue = {"@type": "x/google.rpc.BadRequest", "fieldViolations": [violation]}
    found = explained(400, {"code": 400, "message": "no", "details": [detail]})
    assert (found.code, found.param) == (ErrorCode.INVALID_REQUEST, "aspect")


@pytest.mark.parametrize(
    "words", [f"bad {KEY} here", f"AIza{'x' * 35} is bad", "Bearer ya29.secret", "ya29.secret"]
)
def test_no_key_comes_out_again(words: str) -> None:
    found = explained(400, {"code": 400, "message": words})
    assert "…" in (found.vendor_message or "")
    assert not {KEY, "AIza", "secret"} & set((found.vendor_message or "").split())


def test_long_words_are_cut_and_told_in_one_line() -> None:
    found = explained(400, {"code": 400, "message": "no\n" * 5000})
    assert len(found.vendor_message or "") == 500
    assert "\n" not in (found.vendor_message or "")


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b"[1]", b'{"error": 7}', b'{"error": {"code": {}}}']
)
def test_a_body_of_nonsense_says_nothing_but_its_status(body: bytes) -> None:
    info = Explainer("google", "m").explain(503, {}, body).info
    assert (info.code, info.vendor_message) == (ErrorCode.UNAVAILABLE, None)


async def test_a_lost_answer_may_have_been_charged_and_is_not_asked_again() -> None:
    emulator = GeminiEmulator()
    emulator.script(Fault.HANG_UP, times=None)
    async with lab(emulator) as found:
        found.policies = TWICE
        info = await found.refusal()
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    assert len(emulator.heard) == 1
