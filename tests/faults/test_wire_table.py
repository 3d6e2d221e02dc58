"""Every row is played in front of each emulated vendor, through a wire that is really broken."""

from __future__ import annotations

import pytest

from imageway.core.errors import RULE_BY_CODE, ErrorCode
from tests.faults.wire import VENDORS, Bench, Vendor, bench
from tests.faults.wire_table import BREAKS, Break, Seen
from tests.memory import growth
from tests.virtual import swiftly

pytestmark = pytest.mark.slow


def played() -> list[object]:
    """Each row with each vendor that it concerns."""
    return [
        pytest.param(row, VENDORS[name], id=f"{name}-{row.name}")
        for row in BREAKS
        for name in row.sees
    ]


PLAYED = pytest.mark.parametrize(("row", "vendor"), played())


@PLAYED
@swiftly
async def test_the_caller_sees(row: Break, vendor: Vendor) -> None:
    seen = row.sees[vendor.name]
    async with bench(vendor, row.table) as found:
        row.spoil(found)
        with growth() as grown:
            answers = [await found.over_http() for _ in range(row.times)]
        answer, seconds = answers[-1], found.seconds
        _nothing_is_paid_twice(found, row)
    assert found.orders == seen.orders
    assert grown.bytes < row.memory
    least, most = row.seconds
    assert least <= seconds <= most
    if seen.code is None:
        assert answer.status == 200
        return
    error = answer.error
    assert (error["imageway_code"], error["charged"]) == (seen.code, seen.charged)
    assert answer.status == RULE_BY_CODE[ErrorCode(seen.code)].status
    assert seen.says in str(error["message"])
    assert "sk-emulated" not in answer.text
    assert "127.0.0.1" not in answer.text


@PLAYED
@swiftly
async def test_the_next_is_asked_only_where_nothing_can_have_been_paid(
    row: Break, vendor: Vendor
) -> None:
    seen = row.sees[vendor.name]
    async with bench(vendor, row.table) as found:
        row.spoil(found)
        result = await found.draw()
        _nothing_is_paid_twice(found, row)
    assert [image.provider for image in result.images] == _drawn_by(seen)


def _drawn_by(seen: Seen) -> list[str]:
    if seen.code is None:
        return ["first"]
    may = RULE_BY_CODE[ErrorCode(seen.code)].another and seen.charged == "no"
    return ["second"] * may


def _nothing_is_paid_twice(found: Bench, row: Break) -> None:
    if found.vendor.is_paid:
        assert len(found.emulator.charges) <= row.times
