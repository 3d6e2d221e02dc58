"""A rehearsed failure is met as a real one, by retry, breaker and fallback, and costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, get_args

import pytest

from imageway.core.errors import RULE_BY_CODE, ErrorCode, ImagewayError
from imageway.core.events import ImageReady
from imageway.core.result import ImageResult
from imageway.providers.rehearsing import Rehearsal
from imageway.providers.tables.chaos import Chaos, Trouble, VendorCode
from tests.stack.house import House
from tests.stack.vendor import Vendor, fails
from tests.virtual import run_virtually

ENABLED = Chaos(enabled=True)
CODES = [ErrorCode(code) for code in get_args(VendorCode)]
Scene = Callable[..., Coroutine[Any, Any, None]]


def virtually(scene: Scene) -> Callable[..., None]:
    @wraps(scene)
    def played(*args: object, **options: object) -> None:
        run_virtually(scene(*args, **options))

    return played


def house(count: int = 1, **trouble: object) -> tuple[House, Vendor, Vendor]:
    """Two vendors, the first of which rehearses for an hour."""
    first, second = Vendor("a", images_per_call=count), Vendor("b", images_per_call=count)
    made = House(first, second)
    rehearsal = rehearsal_of(made)
    rehearsal.now = made.loop.time
    rehearsal.adjust(ENABLED)
    rehearsal.begin(Trouble.model_validate(trouble), 3600)
    return made, first, second


def rehearsal_of(made: House) -> Rehearsal:
    return made.providers["a"].state.rehearsal


def makers(result: ImageResult) -> list[str | None]:
    return [image.provider for image in result.images]


@pytest.mark.parametrize("code", CODES)
@virtually
async def test_an_error_is_routed_on_by_its_code_and_the_vendor_is_not_asked(
    code: ErrorCode,
) -> None:
    made, first, _ = house(error=str(code))
    result = await made.draw()
    assert makers(result) == ["b"] * RULE_BY_CODE[code].another
    assert first.calls == []
    if result.error is not None:
        assert (result.error.code, result.error.charged) == (code, "no")
        assert (result.error.provider, result.error.origin) == ("a", "vendor")
        assert result.error.details == {"rehearsed": True}


@virtually
async def test_a_note_says_whose_failure_was_only_rehearsed() -> None:
    made, _, _ = house(error="unavailable", ratio=1.0)
    notes = [note.detail for note in (await made.draw()).notes if note.kind == "rehearsed"]
    assert notes == ["a only rehearses a failure: error unavailable, until 1970-01-01T01:00:00Z"]


@virtually
async def test_it_is_asked_again_as_often_as_a_real_one_and_opens_the_breaker() -> None:
    made, first, _ = house(error="unavailable")
    assert (await made.draw(model="a/a-1")).error is not None
    assert made.loop.time() == pytest.approx(0.5 + 1.0)
    await made.draw(model="a/a-1")
    assert made.providers["a"].state.breaker.state == "open"
    assert first.calls == []


@virtually
async def test_a_wait_that_is_named_is_kept() -> None:
    made, _, _ = house(error="rate_limited", retry_after="2s")
    await made.draw()
    assert made.loop.time() == pytest.approx(4.0)


@virtually
async def test_only_its_share_of_the_orders_suffers() -> None:
    made, first, _ = house(error="failed", ratio=0.25)
    chances = iter([0.1, 0.24, 0.25, 0.9])
    rehearsal_of(made).chance = lambda: next(chances)
    drawn = [makers(await made.draw()) for _ in range(4)]
    assert drawn == [["b"], ["b"], ["a"], ["a"]]
    assert len(first.calls) == 2


@virtually
async def test_latency_comes_before_the_vendor_is_asked() -> None:
    made, first, _ = house(latency="7s")
    assert makers(await made.draw()) == ["a"]
    assert first.calls[0].at == pytest.approx(7.0)


@virtually
async def test_a_latency_beyond_the_attempt_is_a_vendor_that_is_too_slow() -> None:
    made, first, _ = house(latency="10m")
    result = await made.draw()
    assert makers(result) == ["b"]
    assert made.loop.time() == pytest.approx(300)
    assert first.calls == []


@virtually
async def test_whoever_leaves_does_not_wait_for_a_latency() -> None:
    made, first, _ = house(latency="2m")
    job = made.start()
    await asyncio.sleep(1)
    job.leave()
    await job.ended()
    assert made.loop.time() == pytest.approx(1.0)
    assert first.calls == []


@virtually
async def test_a_cut_leaves_the_pictures_before_it_and_pays_for_no_other() -> None:
    made, first, second = house(4, cut=2)
    result = await made.draw(4)
    assert [image.index for image in result.images] == [0, 1]
    assert {failed.error.code for failed in result.failures} == {ErrorCode.OUTCOME_UNKNOWN}
    assert [called.request.count for called in first.calls] == [2]
    assert second.calls == []


@virtually
async def test_a_cut_before_any_picture_asks_nobody_and_costs_nothing() -> None:
    made, first, second = house(cut=0)
    result = await made.draw()
    assert result.error is not None
    assert (result.error.code, result.error.charged) == (ErrorCode.OUTCOME_UNKNOWN, "no")
    assert first.calls == second.calls == []


@virtually
async def test_an_order_of_fewer_pictures_than_the_cut_comes_whole() -> None:
    made, _, _ = house(4, cut=3)
    assert makers(await made.draw(3)) == ["a"] * 3


@virtually
async def test_pictures_drip_one_by_one() -> None:
    made, _, _ = house(3, drip="5s")
    job = made.start(3)
    async with job.subscribe() as events:
        seen = [
            (event.index, made.loop.time())
            async for event in events
            if isinstance(event, ImageReady)
        ]
    assert seen == [(0, 5.0), (1, 10.0), (2, 15.0)]


@virtually
async def test_pictures_that_were_made_are_not_lost_with_the_time_for_their_drip() -> None:
    made, first, _ = house(3, drip="200s")
    result = await made.draw(3)
    assert (result.status, makers(result)) == ("succeeded", ["a"] * 3)
    assert made.loop.time() == pytest.approx(300)
    assert len(first.calls) == 1


@virtually
async def test_pictures_that_were_made_before_a_failure_come_and_so_does_the_failure() -> None:
    made, first, second = house(drip="1s")
    first.plays = [fails(ErrorCode.QUOTA_EXHAUSTED)]
    assert makers(await made.draw()) == ["b"]
    assert len(first.calls) == len(second.calls) == 1


@virtually
async def test_it_ends_by_itself() -> None:
    made, _, _ = house(error="unavailable")
    rehearsal_of(made).begin(Trouble(error="failed"), 10)
    assert makers(await made.draw()) == ["b"]
    await asyncio.sleep(10)
    assert makers(await made.draw()) == ["a"]


@virtually
async def test_it_ends_when_it_is_told_to() -> None:
    made, _, _ = house(error="failed")
    rehearsal_of(made).end()
    assert makers(await made.draw()) == ["a"]


def test_nobody_can_begin_one_where_the_file_does_not_enable_it() -> None:
    rehearsal = Rehearsal("a")
    with pytest.raises(ImagewayError, match="allows no rehearsal"):
        rehearsal.begin(Trouble(error="failed"), 60)
    assert rehearsal.order is None
