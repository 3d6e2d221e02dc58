"""Half a day without a vendor's gallery, on a clock that jumps: what is shown, what it costs."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.galleries.browsing import Shown
from tests.stack.house import House
from tests.stack.wall import HALF_DOWN, Wall, broken, hangs
from tests.virtual import run_virtually

pytestmark = pytest.mark.slow


MINUTE, HOUR = 60.0, 3600.0
Query = dict[str, int | str]
KNOWN: list[Query] = [{"limit": number, "sort": "Newest"} for number in range(1, 21)]


@dataclass
class Outage:
    """A house whose only vendor fails, and what its callers were told."""

    house: House
    wall: Wall
    shown: list[Shown] = field(default_factory=list[Shown])
    refused: list[ImagewayError] = field(default_factory=list[ImagewayError])

    async def ask(self, query: Query) -> None:
        try:
            self.shown.append(await self.house.way.gallery("a", {**query}))
        except ImagewayError as error:
            self.refused.append(error)

    @property
    def asked(self) -> int:
        return len(self.shown) + len(self.refused)


async def begun(mood_of_the_outage: object = None) -> Outage:
    """Twenty queries are known; then the vendor fails."""
    wall = Wall("a")
    outage = Outage(House(wall), wall)
    for query in KNOWN:
        await outage.ask(query)
    await asyncio.sleep(11 * MINUTE)
    wall.mood = hangs if mood_of_the_outage == "hangs" else broken()
    wall.known = [HALF_DOWN]
    wall.browsed.clear()
    outage.shown.clear()
    return outage


@pytest.mark.parametrize("seconds", [2.0, 20.0, 90.0], ids=["busy", "usual", "quiet"])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0], ids=["known", "mixed", "unknown"])
def test_in_an_outage_the_vendor_is_asked_little_more_than_we_are(
    seconds: float, share: float
) -> None:
    """However often we are asked, and whether or not an answer is kept."""

    async def scene() -> None:
        outage, chance = await begun(), random.Random(7)
        for _ in range(400):
            new: Query = {"limit": chance.randrange(10**9), "sort": "Oldest"}
            await outage.ask(new if chance.random() < share else chance.choice(KNOWN))
            await asyncio.sleep(seconds)
        assert outage.asked == 400
        assert len(outage.wall.browsed) <= 1.1 * outage.asked

    run_virtually(scene())


def test_a_crowd_that_asks_at_once_is_no_storm_at_the_vendor() -> None:
    async def scene() -> None:
        outage = await begun()
        for _ in range(2):
            queries: list[Query] = [{"limit": n, "sort": "Oldest"} for n in range(200)]
            await asyncio.gather(*(outage.ask(query) for query in [*queries, *KNOWN] * 2))
            await asyncio.sleep(MINUTE)
        assert len(outage.wall.browsed) <= 1.1 * outage.asked

    run_virtually(scene())


def test_what_was_asked_before_keeps_being_answered_and_the_rest_is_told_what_is_known() -> None:
    async def scene() -> None:
        outage = await begun()
        for hour in range(12):
            for query in KNOWN:
                await outage.ask(query)
            assert outage.refused == []
            stale = [each.stale for each in outage.shown[-len(KNOWN) :]]
            ages = [each.age_seconds for each in stale if each is not None]
            assert len(ages) == len(KNOWN)
            assert min(ages) >= hour * HOUR
            await asyncio.sleep(HOUR)
        await outage.ask({"limit": 99, "sort": "Random"})
        [refused] = outage.refused
        assert refused.info.code is ErrorCode.UNAVAILABLE
        assert refused.info.hint == "images: host up, parametrised queries failing"

    run_virtually(scene())


def test_after_a_day_the_last_answers_are_too_old_and_say_how_old() -> None:
    async def scene() -> None:
        outage = await begun()
        await asyncio.sleep(24 * HOUR)
        await outage.ask(KNOWN[0])
        assert "too old, 24.2 hours" in outage.refused[0].info.message

    run_virtually(scene())


def test_after_the_repair_one_question_brings_new_answers_for_all() -> None:
    async def scene() -> None:
        outage = await begun()
        for _ in range(6 * 60):
            await outage.ask(KNOWN[0])
            await asyncio.sleep(MINUTE)
        listing = outage.house.providers["a"].state.gallery.listing()
        outage.wall.mood, outage.wall.known = None, []
        await asyncio.sleep(listing.breaker.seconds_left + 0.1)
        outage.wall.browsed.clear()
        outage.shown.clear()
        for query in KNOWN:
            await outage.ask(query)
        assert [each.stale for each in outage.shown] == [None] * len(KNOWN)
        assert len(outage.wall.browsed) == len(KNOWN)
        assert listing.trouble is None

    run_virtually(scene())


def test_a_vendor_that_hangs_costs_the_first_callers_one_try_and_the_others_nothing() -> None:
    async def scene() -> None:
        outage = await begun("hangs")
        waited: list[float] = []
        for query in KNOWN:
            began = outage.house.loop.time()
            await outage.ask(query)
            waited.append(outage.house.loop.time() - began)
        assert waited[0] == pytest.approx(20)
        assert max(waited[1:]) == pytest.approx(2)
        assert max(waited[15:]) < 0.1
        assert outage.refused == []

    run_virtually(scene())
