"""An error says what was wrong, what would be right, and whether to try again."""

from __future__ import annotations

import pytest

from imageway.core.errors import Charged, ErrorCode, ErrorInfo
from imageway.serving.problems import Problem, problem_of


def info(code: ErrorCode, charged: Charged = "no", retry_after: float | None = None) -> ErrorInfo:
    return ErrorInfo(code=code, message="no luck", charged=charged, retry_after=retry_after)


def test_message_and_hint_make_one_sentence() -> None:
    assert Problem(400, "x", "it is wrong.", hint="do it right").sentence == (
        "it is wrong; do it right"
    )


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: x", "tab\tand\x1b[31mred", "näh → “so”…"])
def test_a_reason_is_one_line_of_ascii(text: str) -> None:
    reason = Problem(400, "x", text).reason
    assert reason.isascii()
    assert reason.isprintable()


def test_a_reason_is_never_longer_than_a_status_line_bears() -> None:
    assert len(Problem(400, "x", "long " * 100, hint="h").reason) == 120


def test_a_long_hint_does_not_push_the_message_out_of_the_reason() -> None:
    assert Problem(400, "x", "it is wrong", hint="h" * 200).reason == "it is wrong"


@pytest.mark.parametrize("code", [ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE])
def test_what_heals_by_itself_may_be_tried_again(code: ErrorCode) -> None:
    assert problem_of(info(code, retry_after=1.2)).all_headers == {
        "x-should-retry": "true",
        "Retry-After": "2",
    }


@pytest.mark.parametrize("charged", ["maybe", "yes"])
@pytest.mark.parametrize("code", list(ErrorCode))
def test_nothing_that_may_have_cost_money_is_tried_again(code: ErrorCode, charged: Charged) -> None:
    assert problem_of(info(code, charged)).all_headers["x-should-retry"] == "false"


def test_one_picture_that_was_paid_for_forbids_to_ask_for_all_again() -> None:
    problem = problem_of(info(ErrorCode.RATE_LIMITED), [info(ErrorCode.FAILED, "yes")])
    assert problem.all_headers["x-should-retry"] == "false"


@pytest.mark.parametrize(
    "code",
    [ErrorCode.REJECTED, ErrorCode.QUOTA_EXHAUSTED, ErrorCode.OUTCOME_UNKNOWN, ErrorCode.FAILED],
)
def test_what_never_heals_is_not_tried_again(code: ErrorCode) -> None:
    assert problem_of(info(code)).all_headers["x-should-retry"] == "false"


def test_an_unknown_model_blames_the_field_model() -> None:
    assert problem_of(info(ErrorCode.NOT_FOUND)).param == "model"


def test_the_vendors_words_are_beside_ours() -> None:
    failure = ErrorInfo(
        code=ErrorCode.REJECTED,
        message="refused",
        provider="google",
        vendor_code="SAFETY",
        vendor_message="not this",
        origin="vendor",
        request_id="req_theirs",
    )
    assert problem_of(failure).body("req_1")["error"] == {
        "message": "refused",
        "type": "image_generation_user_error",
        "param": None,
        "code": "moderation_blocked",
        "provider": "google",
        "vendor_code": "SAFETY",
        "vendor_message": "not this",
        "vendor_request_id": "req_theirs",
        "imageway_code": "rejected",
        "origin": "vendor",
        "charged": "no",
        "request_id": "req_1",
    }
