"""Every row of the table is played: at the gateway, and with a second provider behind the first."""

from __future__ import annotations

import pytest

from tests.checkout import ROOT
from tests.faults.lab import KEY_WORDS, lab
from tests.faults.page import written
from tests.faults.table import FAULTS, Fault
from tests.virtual import swiftly

ROWS = pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])


@ROWS
@swiftly
async def test_the_caller_sees(fault: Fault) -> None:
    async with lab(fault.address, fault.first) as both:
        fault.play(both.first)
        answer = await both.over_http()
        seconds = both.seconds
    error, sees = answer.error, fault.sees
    assert (error["imageway_code"], answer.status) == (sees.code, sees.status)
    assert error["charged"] == sees.charged
    assert error["provider"] == "first"
    assert [heard.method for heard in both.first.heard].count("POST") == fault.calls
    least, most = fault.seconds
    assert least <= seconds <= most
    may_be_repeated = answer.headers["x-should-retry"] == "true"
    assert not may_be_repeated or sees.charged == "no"
    assert not any(word in answer.text for word in KEY_WORDS)


@ROWS
@swiftly
async def test_the_next_provider_is_asked_or_not(fault: Fault) -> None:
    async with lab(fault.address, fault.first) as both:
        fault.play(both.first)
        result = await both.draw()
    assert [image.provider for image in result.images] == ["second"] * fault.elsewhere
    assert len(both.second.heard) == fault.elsewhere
    assert [heard.method for heard in both.first.heard].count("POST") <= fault.calls


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    assert written(page) == page, "run: make docs"
