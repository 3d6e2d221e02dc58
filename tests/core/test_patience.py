"""A body may be slow for a while and pause now and then, but not drip for ever."""

from __future__ import annotations

import pytest

from imageway.core.outgoing import Times
from imageway.core.patience import LAG, Pace, Patience
from tests.virtual import swiftly


class Body:
    """A body that comes as a test says, until it is cut."""

    def __init__(self, rate: float | None = 1024.0) -> None:
        self.now = 100.0
        self._pace = Pace(rate, lambda: self.now)

    def comes(self, size: int, every: float, until: float = 1000.0) -> bool:
        """Whether it may go on to the end."""
        while self.now < until:
            if not self._pace.keeps_up(size):
                return False
            self.now += every
        return True

    def rests(self) -> None:
        self._pace.rest()


def test_two_bytes_a_second_are_cut_within_25_seconds() -> None:
    body = Body()
    assert not body.comes(1, every=0.5)
    assert LAG <= body.now - 100 <= 25


@pytest.mark.parametrize("size", [1, 512, 1000])
def test_less_than_the_rate_is_cut(size: int) -> None:
    assert not Body().comes(size, every=1.0)


@pytest.mark.parametrize(("size", "every"), [(1024, 1.0), (512, 0.5), (30_000, 29.0)])
def test_as_much_as_the_rate_is_let_through(size: int, every: float) -> None:
    assert Body().comes(size, every)


def test_a_burst_does_not_pay_for_a_drip_that_follows() -> None:
    body = Body()
    assert body.comes(1 << 20, every=1.0, until=120)
    assert not body.comes(1, every=0.5)
    assert body.now <= 145


def test_one_long_silence_is_no_drip() -> None:
    body = Body()
    assert body.comes(10, every=29.0, until=120)
    assert body.comes(5000, every=1.0)


def test_silences_one_after_another_are_a_drip() -> None:
    body = Body()
    assert not body.comes(10, every=29.0)
    assert body.now <= 100 + 3 * 29


def test_what_rests_begins_anew() -> None:
    body = Body()
    for _ in range(100):
        assert body.comes(10, every=1.0, until=body.now + 15)
        body.rests()


@pytest.mark.parametrize("rate", [None, 0.0])
def test_without_a_rate_it_may_take_its_time(rate: float | None) -> None:
    assert Body(rate).comes(1, every=20.0)


@swiftly
async def test_no_wait_outlasts_the_time_for_it_all() -> None:
    patience = Patience(Times(total=5.0))
    for seconds in (10.0, None):
        async with patience.within(seconds) as wait:
            when = wait.when()
        assert when is not None
        assert when - patience.clock() <= 5.0


@swiftly
async def test_without_a_time_for_it_all_each_wait_has_its_own() -> None:
    patience = Patience(Times())
    async with patience.within(None) as wait:
        assert wait.when() is None
    async with patience.within(7.0) as wait:
        assert wait.when() == pytest.approx(patience.clock() + 7.0, abs=0.5)
