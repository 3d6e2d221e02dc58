"""How each provider stands, as data."""

from __future__ import annotations

import asyncio

from imageway.core.errors import ErrorCode
from imageway.providers.report import report
from tests.stack.house import House
from tests.stack.vendor import Vendor, after, draws, fails
from tests.virtual import run_virtually


def test_it_shows_what_runs_waits_and_is_left_alone() -> None:
    async def scene() -> None:
        working, sick = Vendor("a", [after(10, draws)]), Vendor("b", [fails(ErrorCode.UNAVAILABLE)])
        house = House(
            working,
            sick,
            a={"concurrency": {"at_once": 1, "queue": 3}},
            b={"breaker": {"min_calls": 1}},
        )
        await house.draw(model="b/b-1")
        jobs = [house.start() for _ in range(3)]
        await asyncio.sleep(1)
        first, second = report(house.snapshot).providers
        assert (first.name, first.state, first.routes) == ("a", "ready", ("default",))
        assert (first.running, first.at_once, first.waiting, first.queue) == (1, 1, 2, 3)
        assert (second.breaker, first.breaker) == ("open", "closed")
        assert 28 < second.breaker_seconds < 30
        assert second.repeats_left == 2
        await asyncio.gather(*(job.ended() for job in jobs))
        assert report(house.snapshot).providers[0].usual_seconds == 10

    run_virtually(scene())
