"""A provider is down for a minute at fifty requests a second, and another stands behind it."""

from __future__ import annotations

import asyncio

import pytest

from imageway.core.errors import ErrorCode
from tests.stack.house import House, Json
from tests.stack.vendor import Vendor, after, draws, fails
from tests.virtual import run_virtually

pytestmark = pytest.mark.slow

BUSY = after(0.01, fails(ErrorCode.UNAVAILABLE))
WIDE: Json = {"concurrency": {"at_once": 1000, "queue": 1000}}
DRAWING, ASKED, PAUSE = 2.0, 3000, 0.02


def test_callers_hardly_notice_that_a_vendor_is_down() -> None:
    async def scene() -> None:
        sick, well = Vendor("a", [BUSY]), Vendor("b", [after(DRAWING, draws)])
        house = House(sick, well, tables={"a": WIDE, "b": WIDE})
        breaker = house.providers["a"].state.breaker
        opened: float | None = None
        taken: list[float] = []

        async def ask() -> None:
            began = house.loop.time()
            result = await house.draw()
            assert [each.provider for each in result.images] == ["b"]
            taken.append(house.loop.time() - began)

        callers: list[asyncio.Task[None]] = []
        for _ in range(ASKED):
            callers.append(asyncio.create_task(ask()))
            await asyncio.sleep(PAUSE)
            if opened is None and breaker.state == "open":
                opened = house.loop.time()
        sick.plays, healed = [draws], house.loop.time()
        await asyncio.gather(*callers)
        assert opened is not None
        assert opened <= 2
        assert len(sick.calls) + len(well.calls) <= 1.1 * ASKED
        assert max(taken) <= DRAWING + 0.05
        await asyncio.sleep(healed + 35 - house.loop.time())
        assert (await house.draw()).images[0].provider == "a"

    run_virtually(scene())
