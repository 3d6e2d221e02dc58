"""The breaker opens on a sick vendor, probes it with one call, and closes when it is well."""

from __future__ import annotations

import asyncio

import pytest

from imageway.core.breaker import Breaker, Thresholds
from imageway.core.errors import ErrorCode, ImagewayError


class Clock:
    """A clock that tests move."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def state(switch: Breaker) -> str:
    return switch.state


async def down() -> str:
    raise ImagewayError(ErrorCode.UNAVAILABLE, "down", origin="vendor")


async def refusal() -> str:
    raise ImagewayError(ErrorCode.REJECTED, "no", origin="vendor")


async def well() -> str:
    return "answer"


async def failing(switch: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ImagewayError):
            await switch.ask(down)


def fresh() -> tuple[Breaker, Clock]:
    clock = Clock()
    return Breaker("house", Thresholds(), clock), clock


async def test_it_opens_after_enough_failures_and_names_the_wait() -> None:
    switch, _ = fresh()
    await failing(switch, 4)
    assert state(switch) == "closed"
    await failing(switch, 1)
    assert state(switch) == "open"
    with pytest.raises(ImagewayError) as caught:
        await switch.ask(well)
    assert (caught.value.info.code, caught.value.info.origin) == (ErrorCode.UNAVAILABLE, "imageway")
    assert caught.value.info.retry_after == 30


async def test_the_failure_that_opens_it_is_the_vendors_own() -> None:
    switch, _ = fresh()
    await failing(switch, 4)
    with pytest.raises(ImagewayError, match="down"):
        await switch.ask(down)


async def test_a_refusal_is_no_sign_of_sickness() -> None:
    switch, _ = fresh()
    for _ in range(20):
        with pytest.raises(ImagewayError):
            await switch.ask(refusal)
    assert state(switch) == "closed"


async def test_half_open_lets_exactly_one_call_through() -> None:
    switch, clock = fresh()
    await failing(switch, 5)
    clock.now = 31
    gate = asyncio.Event()

    async def slow() -> str:
        await gate.wait()
        return "answer"

    probe = asyncio.create_task(switch.ask(slow))
    await asyncio.sleep(0)
    with pytest.raises(ImagewayError, match="left alone"):
        await switch.ask(well)
    gate.set()
    assert await probe == "answer"
    assert state(switch) == "closed"


async def test_a_cancelled_probe_gives_its_place_back() -> None:
    switch, clock = fresh()
    await failing(switch, 5)
    clock.now = 31
    probe = asyncio.create_task(switch.ask(asyncio.Event().wait))
    await asyncio.sleep(0)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert await switch.ask(well) == "answer"


async def test_the_pause_doubles_while_probes_fail_and_starts_anew_after_health() -> None:
    switch, clock = fresh()
    await failing(switch, 5)
    clock.now = 31
    await failing(switch, 1)
    clock.now = 31 + 59
    assert state(switch) == "open"
    clock.now = 31 + 61
    assert await switch.ask(well) == "answer"
    await failing(switch, 5)
    clock.now += 31
    assert state(switch) == "half-open"


async def test_old_failures_are_forgotten() -> None:
    switch, clock = fresh()
    await failing(switch, 4)
    clock.now = 61
    await failing(switch, 1)
    assert state(switch) == "closed"


async def test_a_late_outcome_of_an_earlier_call_does_not_close_an_open_breaker() -> None:
    switch, _ = fresh()
    gate = asyncio.Event()

    async def slow() -> str:
        await gate.wait()
        return "answer"

    early = asyncio.create_task(switch.ask(slow))
    await asyncio.sleep(0)
    await failing(switch, 5)
    gate.set()
    await early
    assert state(switch) == "open"


async def test_a_probe_whose_caller_left_decides_nothing() -> None:
    async def left() -> str:
        raise ImagewayError(ErrorCode.CANCELLED, "the caller left")

    switch, clock = fresh()
    await failing(switch, 5)
    clock.now = 30
    with pytest.raises(ImagewayError):
        await switch.ask(left)
    assert state(switch) == "half-open"
    assert await switch.ask(well) == "answer"
    assert state(switch) == "closed"


async def test_it_tells_how_long_it_stays_open() -> None:
    switch, clock = fresh()
    assert switch.seconds_left == 0
    await failing(switch, 5)
    clock.now = 10
    assert switch.seconds_left == 20


async def test_other_thresholds_hold_for_what_was_seen_before() -> None:
    switch, _ = fresh()
    await failing(switch, 2)
    switch.adjust(Thresholds(min_calls=3))
    await failing(switch, 1)
    assert state(switch) == "open"


async def test_a_lower_longest_time_shortens_the_one_that_runs() -> None:
    switch, clock = fresh()
    await failing(switch, 5)
    switch.adjust(Thresholds(open_for=2, most_open=4))
    assert (state(switch), switch.seconds_left) == ("open", 4)
    clock.now = 4
    assert state(switch) == "half-open"
