"""Free questions go through the same retry, breaker and deadline as pictures."""

from __future__ import annotations

import asyncio

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.powers import health, models
from tests.stack.house import House
from tests.stack.vendor import Vendor, after, draws
from tests.virtual import run_virtually


def busy() -> ImagewayError:
    return ImagewayError(ErrorCode.UNAVAILABLE, "busy", origin="vendor")


def test_a_question_that_failed_in_passing_is_asked_again() -> None:
    async def scene() -> None:
        vendor = Vendor("a", questions=[busy()])
        house = House(vendor)
        assert (await health(house.providers["a"])).status == "up"
        assert (vendor.asked, house.loop.time()) == (2, 0.5)

    run_virtually(scene())


def test_a_vendor_that_is_down_is_left_alone_by_questions_too() -> None:
    async def scene() -> None:
        vendor = Vendor("a", questions=[busy() for _ in range(100)])
        house = House(vendor, a={"breaker": {"min_calls": 2}, "retry": {"attempts": 2}})
        down = await health(house.providers["a"])
        assert (down.status, down.detail) == ("down", "unavailable: busy")
        alone = await health(house.providers["a"])
        assert "left alone" in alone.detail
        assert vendor.asked == 2

    run_virtually(scene())


def test_a_plug_in_s_bug_is_no_health_and_lists_no_models() -> None:
    async def scene() -> None:
        house = House(Vendor("a", questions=[KeyError("bug"), KeyError("bug")]))
        assert (await health(house.providers["a"])).detail.startswith("internal: a bug")
        assert await models(house.providers["a"]) == ()

    run_virtually(scene())


def test_what_is_listed_is_remembered_for_a_minute() -> None:
    async def scene() -> None:
        vendor = Vendor("a")
        house = House(vendor)
        for _ in range(3):
            assert [each.name for each in await models(house.providers["a"])] == ["one"]
        assert vendor.asked == 1

    run_virtually(scene())


def test_a_question_takes_no_slot() -> None:
    async def scene() -> None:
        house = House(Vendor("a", [after(10, draws)]), a={"concurrency": {"at_once": 1}})
        job = house.start()
        await asyncio.sleep(1)
        assert (await health(house.providers["a"])).status == "up"
        assert house.loop.time() == 1
        await job.ended()

    run_virtually(scene())


def test_a_failed_listing_is_not_remembered() -> None:
    async def scene() -> None:
        refused = ImagewayError(ErrorCode.UNAUTHENTICATED, "no", origin="vendor")
        house = House(Vendor("a", questions=[refused]))
        assert await models(house.providers["a"]) == ()
        assert len(await models(house.providers["a"])) == 1

    run_virtually(scene())


def test_the_health_of_what_is_disabled_is_its_reason() -> None:
    async def scene() -> None:
        house = House(Vendor("a"))
        house.providers["a"].absent = "set KEY in the environment"
        assert (await health(house.providers["a"])).detail == "disabled: set KEY in the environment"

    run_virtually(scene())
