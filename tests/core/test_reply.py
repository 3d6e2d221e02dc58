"""What a status and its headers say, and what of it is not believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from imageway.core.errors import ErrorCode
from imageway.core.reply import explain_status, retry_after

WORDS = ["Fri,", "31", "99", "Dec", "2999", "9999", "0000", "23:59:59", "24:00:00", "GMT", "-2359"]
NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "2"}, 2.0),
        ({"Retry-After": " 1.5 "}, 1.5),
        ({"Retry-After": "Thu, 01 Jan 2026 12:01:00 GMT"}, 60.0),
        ({"Retry-After": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "Thu, 01 Jan 2026 12:01:00 -0000"}, 60.0),
        ({"Retry-After-Ms": "250", "Retry-After": "9"}, 0.25),
        ({"Retry-After-Ms": "soon", "Retry-After": "9"}, 9.0),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "later"}, None),
        ({"Retry-After": "Thu, 99 Jan 2026 12:01:00 GMT"}, None),
        ({}, None),
    ],
)
def test_a_clear_waiting_time_is_read_and_garbage_is_not(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, NOW) == seconds


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
        (422, ErrorCode.INVALID_REQUEST),
        (424, ErrorCode.OUTCOME_UNKNOWN),
        (429, ErrorCode.RATE_LIMITED),
        (451, ErrorCode.FORBIDDEN),
        (500, ErrorCode.UNAVAILABLE),
        (503, ErrorCode.UNAVAILABLE),
        (504, ErrorCode.TIMEOUT),
        (599, ErrorCode.UNAVAILABLE),
    ],
)
def test_a_status_has_one_code(status: int, code: ErrorCode) -> None:
    info = explain_status(status, {"Retry-After": "3"}, b"secret words").info
    assert (info.code, info.origin, info.retry_after) == (code, "vendor", 3.0)
    assert "secret" not in info.message


@given(some.text(max_size=40) | some.lists(some.sampled_from(WORDS), max_size=8).map(" ".join))
def test_whatever_stands_there_it_is_a_time_or_nothing(said: str) -> None:
    seconds = retry_after({"Retry-After": said}, NOW)
    assert seconds is None or 0 <= seconds < float("inf")


def test_a_refused_key_is_said_to_be_ours() -> None:
    assert explain_status(401, {}, b"").info.message == "the provider refused imageway's key"
