"""How fast a key may ask."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.providers.accounting.rates import Pace, Rate, Rates


class Clock:
    """Stands where it is put."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def rates(**rate: int) -> tuple[Rates, Clock]:
    clock = Clock()
    return Rates({"family": Rate(**rate)}, clock), clock


def refused(rates: Rates, under_way: int = 0) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        rates.admit("family", under_way)
    return caught.value.info


def test_so_many_pass_within_any_minute_and_the_next_hears_when() -> None:
    it, clock = rates(requests_per_minute=2)
    it.admit("family", 0)
    clock.now += 20
    it.admit("family", 0)
    info = refused(it)
    assert (info.code, info.origin, info.retry_after) == (ErrorCode.RATE_LIMITED, "imageway", 40)
    assert info.message == "the key 'family' may ask 2 times a minute"
    clock.now += 40
    it.admit("family", 0)
    assert refused(it).retry_after == 20


def test_what_is_refused_does_not_count() -> None:
    it, clock = rates(requests_per_minute=1)
    it.admit("family", 0)
    for _ in range(50):
        refused(it)
    clock.now += 60
    it.admit("family", 0)


def test_so_many_are_under_way_at_one_time() -> None:
    it, _ = rates(at_once=2)
    it.admit("family", 1)
    info = refused(it, under_way=2)
    assert info.message == "the key 'family' has 2 requests under way, and at_once is 2"
    assert (info.hint, info.retry_after) == ("wait until one of them has ended", 2)


def test_how_it_stands_is_told() -> None:
    it, clock = rates(requests_per_minute=3)
    assert it.pace("family") == Pace(3, 3, 0.0)
    it.admit("family", 0)
    clock.now += 10
    it.admit("family", 0)
    assert it.pace("family") == Pace(3, 1, 60.0)
    clock.now += 55
    assert it.pace("family") == Pace(3, 2, 5.0)


def test_who_has_no_rate_asks_as_fast_as_they_like() -> None:
    it, _ = rates(at_once=1)
    for _ in range(1000):
        it.admit("somebody", 1000)
    assert it.pace("somebody") is None
    assert it.pace("family") is None


def test_what_was_asked_before_a_reload_still_counts() -> None:
    before, clock = rates(requests_per_minute=1)
    before.admit("family", 0)
    after = Rates({"family": Rate(requests_per_minute=1)}, clock, before.turnstiles)
    refused(after)
