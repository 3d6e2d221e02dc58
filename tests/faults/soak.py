"""The slow faults at their true speed, in real time: seven minutes, by `make soak` alone."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from imageway.core.errors import ErrorCode
from imageway.emulators.faults import Fault, Spot
from tests.faults.lab import Json
from tests.faults.wire import VENDORS, Vendor, bench
from tests.memory import growth
from tests.proxy import Toxic

LARGE = 20_000_000
RATE = 50_000.0
# Five minutes are the usual bound of one attempt.
TABLE: Json = {"timeout": {"attempt": "10m"}}


@pytest.mark.timeout(900)
async def test_twenty_megabytes_at_fifty_kilobytes_a_second_come_whole() -> None:
    with growth() as grown:
        took = await asyncio.gather(*map(_large_and_slow, VENDORS.values()))
    # Each answer is held once while it comes and once when it is whole.
    assert grown.bytes < len(took) * 2 * LARGE + (50 << 20)
    assert all(390 < seconds < 600 for seconds in took), took


async def _large_and_slow(vendor: Vendor) -> float:
    async with bench(vendor, TABLE) as found:
        found.emulator.script(Fault.OVERSIZED, None, size=LARGE, spot=Spot.WORK)
        found.proxy.poison(vendor.order, down=Toxic(rate=RATE))
        began = monotonic()
        result = await found.draw(found.model)
        assert result.status == "succeeded", result.error
        assert found.orders == 1
        return monotonic() - began


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["openai", "gemini", "civitai"])
async def test_two_bytes_a_second_are_cut_within_25_seconds(name: str) -> None:
    vendor = VENDORS[name]
    async with bench(vendor) as found:
        found.proxy.poison(vendor.order, down=Toxic(rate=2.0, spares=vendor.middle))
        with growth() as grown:
            began = monotonic()
            result = await found.draw(found.model)
        # CivitAI's order is looked up once by its key, and that drips as well.
        assert monotonic() - began <= 25 * found.orders
        assert result.error is not None
        assert result.error.code is ErrorCode.OUTCOME_UNKNOWN
        assert len(found.emulator.charges) == 1
        assert grown.bytes < 8 << 20
