"""The slow faults at their true speed, in real time: seven minutes, by `make soak` alone."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from imageway.core.errors import ErrorCode
from imageway.emulators.faults import Fault, Spot
from tests.faults.lab import Json, items, lab
from tests.faults.test_network_faults import huge_picture
from tests.faults.wire import VENDORS, Vendor, bench
from tests.loopback import loopback
from tests.memory import growth
from tests.proxy import Toxic, proxied

FILE = 20_000_000
# What is not a picture may be no larger than 16 MiB.
ANSWER = 15_000_000
RATE = 50_000.0
# Five minutes are the usual bound of one attempt.
PATIENT: Json = {"timeout": {"attempt": "10m"}}


@pytest.mark.timeout(900)
async def test_megabytes_at_fifty_kilobytes_a_second_come_whole() -> None:
    with growth() as grown:
        took = await asyncio.gather(_large_file(), *map(_large_answer, VENDORS.values()))
    # Each is held once while it comes and once when it is whole, and written down in base64.
    assert grown.bytes < 3 * FILE + len(VENDORS) * 2 * ANSWER + (50 << 20)
    assert 390 < took[0] < 600
    assert all(290 < seconds < 500 for seconds in took[1:]), took


async def _large_file() -> float:
    data = huge_picture(FILE)
    async with loopback() as site, proxied(site.url) as proxy, lab(proxy.url, PATIENT) as both:
        proxy.poison(down=Toxic(rate=RATE))
        site.answers(body=items({"url": f"{proxy.url}/fox.png"}))
        site.answers(body=data, kind="image/png")
        began = monotonic()
        result = await both.alone()
        assert result.error is None, result.error
        assert result.images[0].picture.bytes == data
        return monotonic() - began


async def _large_answer(vendor: Vendor) -> float:
    async with bench(vendor, PATIENT) as found:
        found.emulator.script(Fault.OVERSIZED, None, size=ANSWER, spot=Spot.WORK)
        found.proxy.poison(vendor.order, down=Toxic(rate=RATE))
        began = monotonic()
        result = await found.draw(found.model)
        assert result.error is None, result.error
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
