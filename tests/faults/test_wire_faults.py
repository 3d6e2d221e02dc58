"""Lines F07 and F36 in front of the emulated CivitAI: keys that look up, and rights to buy."""

from __future__ import annotations

import asyncio

from imageway.emulators.civitai import CivitaiEmulator
from tests.emulators.civitai_lab import GATED
from tests.faults.wire import VENDORS, Bench, bench
from tests.proxy import Toxic
from tests.virtual import swiftly

GATED_VERSION = 777002
CIVITAI = VENDORS["civitai"]


def emulator(found: Bench) -> CivitaiEmulator:
    assert isinstance(found.emulator, CivitaiEmulator)
    return found.emulator


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
