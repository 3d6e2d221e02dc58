"""What follows from a code, checked against the house's words and not against its table."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from imageway.core.errors import (
    RULE_BY_CODE,
    Charged,
    ErrorCode,
    ErrorInfo,
    ImagewayError,
    invalid,
)
from tests.core.samples import failure

CHARGED: tuple[Charged, ...] = ("no", "maybe", "yes")

# Written out a second time on purpose: these sets are the contract, the table is an implementation.
AGAIN = {"rate_limited", "unavailable", "timeout", "network"}
ANOTHER = AGAIN | {
    "unsupported",
    "not_found",
    "unauthenticated",
    "forbidden",
    "not_entitled",
    "quota_exhausted",
    "failed",
    "bad_answer",
}
STATUS = {
    "invalid_request": 400,
    "too_large": 413,
    "rejected": 400,
    "unsupported": 422,
    "not_found": 404,
    "conflict": 409,
    "unauthenticated": 502,
    "forbidden": 502,
    "not_entitled": 403,
    "quota_exhausted": 402,
    "rate_limited": 429,
    "unavailable": 503,
    "timeout": 504,
    "network": 502,
    "failed": 502,
    "bad_answer": 502,
    "outcome_unknown": 424,
    "cancelled": 499,
    "misconfigured": 500,
    "internal": 500,
}


def test_the_table_has_every_code_and_no_other() -> None:
    assert set(RULE_BY_CODE) == set(ErrorCode) == set(STATUS)


@pytest.mark.parametrize("code", ErrorCode)
def test_each_code_has_its_http_status_and_words_for_openai(code: ErrorCode) -> None:
    rule = RULE_BY_CODE[code]
    assert rule.status == STATUS[code]
    assert rule.openai_type
    assert rule.openai_code


@pytest.mark.parametrize("charged", CHARGED)
@pytest.mark.parametrize("code", ErrorCode)
def test_nothing_is_asked_again_here_unless_it_surely_cost_nothing(
    code: ErrorCode, charged: Charged
) -> None:
    expected = charged == "no" and code in AGAIN
    assert failure(code, charged).may_be_repeated is expected


@pytest.mark.parametrize("charged", CHARGED)
@pytest.mark.parametrize("code", ErrorCode)
def test_another_vendor_is_never_paid_for_what_may_have_been_bought(
    code: ErrorCode, charged: Charged
) -> None:
    expected = {
        "no": code in ANOTHER,
        "maybe": False,
        "yes": code in {"failed", "not_entitled"},
    }[charged]
    assert failure(code, charged).another_may_cure is expected


@pytest.mark.parametrize("least", CHARGED)
@pytest.mark.parametrize("charged", CHARGED)
def test_what_was_charged_is_never_lowered(charged: Charged, least: Charged) -> None:
    raised = failure(charged=charged).at_least(least)
    assert raised.charged == max(charged, least, key=CHARGED.index)
    assert raised.message == failure(charged=charged).message


def test_a_failure_is_named_after_its_provider() -> None:
    named = failure().of("google", "nano")
    assert (named.provider, named.model) == ("google", "nano")


def test_a_name_that_a_failure_has_is_kept() -> None:
    named = failure().of("google", "nano").of("qwen", "image")
    assert (named.provider, named.model) == ("google", "nano")


def test_a_model_that_a_failure_names_is_kept() -> None:
    error = ErrorInfo(code=ErrorCode.FAILED, message="m", model="its own").of("google", "nano")
    assert (error.provider, error.model) == ("google", "its own")


def test_without_a_provider_there_is_nothing_to_name() -> None:
    assert failure().of(None, "nano") == failure()


def test_an_exception_shows_its_code_and_its_words() -> None:
    error = ImagewayError(ErrorCode.RATE_LIMITED, "slow down", retry_after=3)
    assert str(error) == "rate_limited: slow down"
    assert error.info.retry_after == 3


def test_an_exception_carries_data_unchanged() -> None:
    info = failure(ErrorCode.NOT_ENTITLED, "yes").of("google", "nano")
    assert ImagewayError.carrying(info).info is info


def test_a_callers_mistake_names_its_field() -> None:
    info = invalid("size", "a size is written WIDTHxHEIGHT", hint="try 8x8").info
    assert (info.code, info.param, info.hint) == ("invalid_request", "size", "try 8x8")


def test_a_param_that_is_no_text_is_no_param() -> None:
    assert ErrorInfo(code=ErrorCode.FAILED, message="m", details={"param": 3}).param is None


def test_a_failure_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        failure().message = "another"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
