"""Beyond the table: streams on a broken wire, orders that are looked up, rights that are sold."""

from __future__ import annotations

import asyncio

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import Finished, Preview
from imageway.emulators.civitai import CivitaiEmulator
from tests.emulators.civitai_lab import GATED
from tests.faults.wire import VENDORS, Bench, bench
from tests.faults.wire_table import ALONE
from tests.proxy import Toxic
from tests.virtual import swiftly

GATED_VERSION = 777002
CIVITAI = VENDORS["civitai"]


def emulator(found: Bench) -> CivitaiEmulator:
    assert isinstance(found.emulator, CivitaiEmulator)
    return found.emulator


@pytest.mark.slow
@pytest.mark.parametrize("name", ["openai", "gemini"])
@swiftly
async def test_f11_a_stream_whose_bytes_come_alone_is_the_same_stream(name: str) -> None:
    async with bench(VENDORS[name]) as found:
        found.proxy.poison(up=ALONE, down=ALONE)
        async with found.way.stream("a fox", model=found.model, previews=1) as events:
            heard = [event async for event in events]
        assert [event.error for event in heard if isinstance(event, Finished)] == [None]
        assert any(isinstance(event, Preview) for event in heard)
        assert (found.orders, len(found.emulator.charges)) == (1, 1)


@pytest.mark.parametrize("name", ["openai", "gemini"])
@swiftly
async def test_f28_a_stream_that_is_reset_in_the_middle_is_lost_and_nobody_draws_it_again(
    name: str,
) -> None:
    async with bench(VENDORS[name]) as found:
        found.proxy.poison(down=Toxic(passes=4000, ending="reset"))
        result = await found.draw(previews=1)
        assert result.error is not None
        assert (result.error.code, result.error.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
        assert (found.orders, len(found.emulator.charges)) == (1, 1)


@swiftly
async def test_f07_an_answer_that_is_cut_is_fetched_again_by_the_key_of_its_order() -> None:
    async with bench(CIVITAI) as found:
        found.proxy.poison(CIVITAI.order, down=Toxic(passes=600, ending="reset"))
        drawing = asyncio.create_task(found.draw(found.model))
        # The look-up comes half a second after the cut.
        await asyncio.sleep(0.25)
        found.proxy.heal()
        assert (await drawing).status == "succeeded"
        assert found.orders == 2
        assert (len(found.emulator.charges), len(emulator(found).board.workflows)) == (1, 1)


@swiftly
async def test_f36_what_is_not_bought_says_until_when_and_where_it_is_sold() -> None:
    async with bench(CIVITAI) as found:
        answer = await found.over_http(f"first/{GATED}")
        error = answer.error
        assert (answer.status, error["imageway_code"], error["charged"]) == (
            403,
            "not_entitled",
            "no",
        )
        details = error["details"]
        assert isinstance(details, dict)
        entitlement = details["entitlement"]
        assert isinstance(entitlement, dict)
        assert entitlement["until"]
        assert str(entitlement["where"]).endswith(f"modelVersionId={GATED_VERSION}")
        assert found.orders == 0
