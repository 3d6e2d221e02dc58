"""Durations and sizes as people write them."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from imageway.providers.tables.units import ByteCount, Duration, PositiveDuration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("90s", 90), ("1.5m", 90), ("2h", 7200), ("30d", 2_592_000), (" 5 s ", 5)],
)
def test_a_duration_has_a_unit(text: str, seconds: float) -> None:
    assert TypeAdapter[float](Duration).validate_python(text) == seconds


@pytest.mark.parametrize(
    ("text", "count"), [("1B", 1), ("32MiB", 32 * 2**20), ("1.5KB", 1500), ("1GiB", 2**30)]
)
def test_a_size_in_bytes_has_a_unit(text: str, count: int) -> None:
    assert TypeAdapter[int](ByteCount).validate_python(text) == count


@pytest.mark.parametrize(
    "wrong", ["", "90", "s", "-1s", "1 parsec", "1S", "1e9s", "9" * 400 + "s", "31d", 90, 1.5, True]
)
def test_what_is_no_duration_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[float](Duration).validate_python(wrong)


@pytest.mark.parametrize("wrong", ["", "1", "1mb", "0B", "-1B", "9" * 400 + "GiB", 1, None])
def test_what_is_no_size_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[int](ByteCount).validate_python(wrong)


def test_no_time_at_all_is_refused_where_something_must_happen_in_it() -> None:
    assert TypeAdapter[float](Duration).validate_python("0s") == 0
    with pytest.raises(ValidationError):
        TypeAdapter[float](PositiveDuration).validate_python("0s")
