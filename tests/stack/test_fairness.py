"""However much one key asks, another hardly waits longer: proven with a clock that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import ceil

import pytest

from imageway.core.errors import ErrorCode
from tests.stack.house import House, Json
from tests.stack.vendor import Vendor, after, draws
from tests.virtual import run_virtually

pytestmark = pytest.mark.slow

SECONDS = 10.0
Habit = Callable[[House], Awaitable[list[float]]]


def house(at_once: int, queue: int = 500) -> House:
    table: Json = {"concurrency": {"at_once": at_once, "queue": queue}, "cost": "local"}
    return House(Vendor("a", [after(SECONDS, draws)]), a=table)


async def timed(home: House, caller: str, count: int = 1) -> float:
    """Seconds from asking until everything is there."""
    began = home.loop.time()
    result = await home.start_for(caller, count).result()
    assert result.status == "succeeded"
    return home.loop.time() - began


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[ceil(len(seconds) * 0.95) - 1]


async def one_by_one(home: House) -> list[float]:
    """Somebody who asks, looks, and asks again."""
    found: list[float] = []
    for _ in range(10):
        await asyncio.sleep(7)
        found.append(await timed(home, "quiet"))
    return found


async def all_at_once(home: House) -> list[float]:
    """Somebody who asks for eight pictures in eight requests."""
    await asyncio.sleep(7)
    return await asyncio.gather(*(timed(home, "quiet") for _ in range(8)))


async def in_parts(home: House) -> list[float]:
    """Somebody who asks for four pictures at a time."""
    found: list[float] = []
    for _ in range(5):
        await asyncio.sleep(7)
        found.append(await timed(home, "quiet", 4))
    return found


@pytest.mark.parametrize("quiet", [one_by_one, all_at_once, in_parts])
@pytest.mark.parametrize(("at_once", "parts"), [(1, 1), (2, 1), (4, 1), (4, 4)])
def test_a_hundred_requests_of_one_key_never_double_another_s_wait(
    quiet: Habit, at_once: int, parts: int
) -> None:
    async def scene() -> None:
        alone = p95(await quiet(house(at_once)))
        home = house(at_once)
        storm = [home.start_for("loud", parts) for _ in range(100)]
        beside = p95(await quiet(home))
        assert beside < 2 * alone
        assert not all(job.is_finished for job in storm)
        for job in storm:
            job.cancel()
        await asyncio.gather(*(job.ended() for job in storm))

    run_virtually(scene())


def test_a_line_that_one_key_has_filled_still_takes_another_s() -> None:
    async def scene() -> None:
        home = house(at_once=1, queue=10)
        storm = [home.start_for("loud") for _ in range(100)]
        await home.breath()
        assert sum(job.is_finished for job in storm) == 89
        assert await timed(home, "quiet") == 2 * SECONDS
        for job in storm:
            job.cancel()
        await asyncio.gather(*(job.ended() for job in storm))

    run_virtually(scene())


def test_a_full_line_takes_nobody_beyond_a_fair_share_of_it() -> None:
    async def scene() -> None:
        home = house(at_once=1, queue=10)
        storm = [home.start_for("loud") for _ in range(11)]
        await home.breath()
        others = [home.start_for("quiet") for _ in range(11)]
        await home.breath()
        refused = [await job.result() for job in others if job.is_finished]
        assert len(refused) == 6
        codes = {each.error and each.error.code for each in refused}
        assert codes == {ErrorCode.RATE_LIMITED}
        for job in (*storm, *others):
            job.cancel()
        await asyncio.gather(*(job.ended() for job in (*storm, *others)))

    run_virtually(scene())
