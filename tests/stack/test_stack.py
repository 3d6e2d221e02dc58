"""The whole order of policies over scripted vendors, with a clock that jumps."""

from __future__ import annotations

import asyncio

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import Note, Queued
from imageway.core.result import ImageResult
from imageway.providers.jobs import Job
from tests.stack.house import House, Json
from tests.stack.vendor import Vendor, after, draws, fails, lost, stalls, unreachable
from tests.virtual import run_virtually

BUSY = fails(ErrorCode.UNAVAILABLE)


def kinds(result: ImageResult) -> list[str]:
    return [note.kind for note in result.notes]


def code_of(result: ImageResult) -> str | None:
    return None if result.error is None else str(result.error.code)


def test_a_vendor_that_was_busy_is_asked_again_and_a_note_says_so() -> None:
    async def scene() -> None:
        vendor = Vendor("a", [BUSY, draws])
        house = House(vendor)
        result = await house.draw()
        assert (result.status, kinds(result)) == ("succeeded", ["retried"])
        assert house.loop.time() == 0.5
        assert len({called.id for called in vendor.calls}) == 2

    run_virtually(scene())


def test_what_was_lost_is_asked_again_neither_here_nor_elsewhere() -> None:
    async def scene() -> None:
        first, second = Vendor("a", [lost()]), Vendor("b")
        result = await House(first, second).draw()
        assert code_of(result) == "outcome_unknown"
        assert result.error is not None
        assert result.error.charged == "maybe"
        assert (len(first.calls), len(second.calls)) == (1, 0)

    run_virtually(scene())


def test_local_work_whose_answer_was_lost_is_asked_again() -> None:
    async def scene() -> None:
        vendor = Vendor("a", [lost(), draws])
        result = await House(vendor, a={"cost": "local"}).draw()
        assert (result.status, len(vendor.calls)) == ("succeeded", 2)

    run_virtually(scene())


def test_a_refused_connection_is_not_waited_for_while_another_candidate_is_left() -> None:
    async def scene() -> None:
        first, second = Vendor("a", [unreachable()]), Vendor("b")
        house = House(first, second)
        result = await house.draw()
        assert result.images[0].provider == "b"
        assert (len(first.calls), house.loop.time()) == (1, 0)

    run_virtually(scene())


def test_the_second_vendor_is_asked_for_exactly_what_is_missing() -> None:
    async def scene() -> None:
        first = Vendor("a", [draws, fails(ErrorCode.QUOTA_EXHAUSTED)])
        second = Vendor("b", images_per_call=4)
        result = await House(first, second).draw(4)
        assert [each.index for each in result.images] == [0, 1, 2, 3]
        assert [each.provider for each in result.images] == ["a", "b", "b", "b"]
        assert [called.indices for called in second.calls] == [(1, 2, 3)]

    run_virtually(scene())


def test_a_refusal_is_final_and_leaves_the_others_standing() -> None:
    async def scene() -> None:
        first = Vendor("a", [draws, fails(ErrorCode.REJECTED), draws])
        second = Vendor("b")
        result = await House(first, second).draw(4)
        assert result.status == "partial"
        assert [each.index for each in result.images] == [0, 2, 3]
        assert [str(each.error.code) for each in result.failures] == ["rejected"]
        assert second.calls == []

    run_virtually(scene())


def test_an_attempt_that_takes_too_long_is_cut_and_its_outcome_is_unknown() -> None:
    async def scene() -> None:
        vendor = Vendor("a", [stalls])
        house = House(vendor, defaults={"timeout": {"attempt": "10s"}})
        result = await house.draw()
        assert code_of(result) == "outcome_unknown"
        assert house.loop.time() == 10

    run_virtually(scene())


def test_a_slow_vendor_s_own_total_counts_and_not_the_shorter_one_of_the_others() -> None:
    async def scene() -> None:
        tables: Json = {"timeout": {"total": "30m", "attempt": "30m"}}
        vendor = Vendor("a", [after(1000, draws)])
        assert (await House(vendor, a=tables).draw()).status == "succeeded"
        short = await House(Vendor("a", [after(1000, draws)])).draw()
        assert code_of(short) == "timeout"

    run_virtually(scene())


def test_no_more_run_at_once_than_the_vendor_takes_and_the_others_hear_their_place() -> None:
    async def scene() -> None:
        vendor = Vendor("a", [after(10, draws)])
        house = House(vendor, a={"concurrency": {"at_once": 1}})
        jobs = [house.start() for _ in range(3)]
        heard = await asyncio.gather(*map(house.hear, jobs))
        assert [called.at for called in vendor.calls] == [0, 10, 20]
        places = [event.position for event in heard[2] if isinstance(event, Queued)]
        assert places[-1] == 1

    run_virtually(scene())


def test_a_full_line_is_routed_around() -> None:
    async def scene() -> None:
        first, second = Vendor("a", [after(10, draws)]), Vendor("b")
        house = House(first, second, a={"concurrency": {"at_once": 1, "queue": 0}})
        jobs = [house.start(), house.start()]
        results = await asyncio.gather(*(job.result() for job in jobs))
        assert [each.images[0].provider for each in results] == ["a", "b"]
        assert any(isinstance(note, Note) and note.kind == "fallback" for note in results[1].notes)

    run_virtually(scene())


def test_one_request_never_fills_the_line_for_itself() -> None:
    async def scene() -> None:
        vendor = Vendor("a", [after(1, draws)])
        house = House(vendor, a={"concurrency": {"at_once": 1, "queue": 0}})
        assert (await house.draw(10)).status == "succeeded"

    run_virtually(scene())


def test_a_sleeping_repeat_holds_no_slot() -> None:
    async def scene() -> None:
        limited = fails(ErrorCode.RATE_LIMITED, retry_after=30)
        vendor = Vendor("a", [limited, draws])
        house = House(vendor, a={"concurrency": {"at_once": 1}})
        first = house.start()
        await asyncio.sleep(1)
        second = house.start()
        assert (await second.result()).status == "succeeded"
        assert house.loop.time() == 1
        assert (await first.result()).status == "succeeded"

    run_virtually(scene())


def test_the_vendor_s_words_are_shown_and_not_that_the_breaker_has_opened_since() -> None:
    async def scene() -> None:
        vendor = Vendor("a", [BUSY])
        house = House(vendor, a={"breaker": {"min_calls": 1}})
        result = await house.draw()
        assert result.error is not None
        assert (result.error.message, len(vendor.calls)) == ("it was unavailable", 1)
        again = await house.draw()
        assert again.error is not None
        assert "left alone" in again.error.message
        assert len(vendor.calls) == 1

    run_virtually(scene())


@pytest.mark.slow
def test_a_storm_costs_a_tenth_more_and_ends_within_two_seconds() -> None:
    """Fifty requests a second for a minute at a vendor that is down, then it heals."""

    async def scene() -> None:
        vendor = Vendor("a", [BUSY])
        house = House(vendor, a={"concurrency": {"at_once": 1000, "queue": 1000}})
        breaker = house.providers["a"].state.breaker
        jobs: list[Job] = []
        opened: float | None = None
        for number in range(3000):
            jobs.append(house.start())
            await asyncio.sleep(0.02)
            if opened is None and breaker.state == "open":
                opened = house.loop.time()
            if number == 2999:
                vendor.plays = [draws]
        await asyncio.gather(*(job.ended() for job in jobs))
        assert opened is not None
        assert opened <= 2
        assert len(vendor.calls) <= 1.1 * len(jobs)
        healed = house.loop.time()
        for _ in range(70):
            await asyncio.sleep(0.5)
            if (await house.draw()).error is None:
                break
        assert breaker.state == "closed"
        assert house.loop.time() - healed <= 35

    run_virtually(scene())
