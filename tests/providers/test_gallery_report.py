"""How a gallery and its vendor's services stand, as data."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from imageway.core.errors import ImagewayError
from imageway.providers.galleries.gallery_report import Answered, GalleryReport
from imageway.providers.powers import health
from imageway.providers.report import report
from tests.stack.house import House
from tests.stack.vendor import Vendor
from tests.stack.wall import HALF_DOWN, HEALTHY, Wall, broken
from tests.virtual import run_virtually

HOUR = 3600.0


def gallery_of(house: House) -> GalleryReport:
    found = report(house.snapshot).providers[0].gallery
    assert found is not None
    return found


def test_it_tells_what_was_answered_and_how_old_it_was() -> None:
    async def scene() -> None:
        wall = Wall("a")
        house = House(wall)
        for _ in range(2):
            await house.way.gallery("a", {})
        wall.mood = broken()
        for _ in range(3):
            await asyncio.sleep(HOUR)
            await house.way.gallery("a", {})
        with pytest.raises(ImagewayError):
            await house.way.gallery("a", {"limit": 1})
        found = gallery_of(house)
        assert found.answered == Answered(fresh=1, cached=1, stale=3, refused=1)
        [images] = found.lists
        assert images.failing == "unavailable: it answered 500"
        assert images.oldest_stale_seconds == pytest.approx(3 * HOUR, abs=1)
        assert images.failing_seconds == pytest.approx(2 * HOUR, abs=1)
        assert (found.memory.answers, found.disk, found.disk_problem) == (1, None, None)

    run_virtually(scene())


def test_once_it_answers_again_nothing_is_wrong_any_more() -> None:
    async def scene() -> None:
        wall = Wall("a")
        house = House(wall)
        await house.way.gallery("a", {})
        await asyncio.sleep(HOUR)
        wall.mood = broken()
        await house.way.gallery("a", {})
        wall.mood = None
        assert (await house.way.gallery("a", {})).stale is None
        found = gallery_of(house)
        [images] = found.lists
        assert (images.failing, images.failing_seconds, images.oldest_stale_seconds) == (None, 0, 0)

    run_virtually(scene())


def test_the_services_are_the_adapters_word() -> None:
    async def scene() -> None:
        house = House(Wall("a", known=[HALF_DOWN]), Vendor("b"))
        first, second = report(house.snapshot).providers
        assert first.health is not None
        assert (first.health.services, second.health) == ((HALF_DOWN,), None)
        assert second.gallery is None
        assert (await health(house.providers["a"])).services == (HALF_DOWN,)

    run_virtually(scene())


def test_a_disk_that_cannot_be_written_is_told_in_health_and_report(tmp_path: Path) -> None:
    (tmp_path / "gallery").write_text("a file in the way")

    async def scene() -> None:
        house = House(Wall("a"), state=tmp_path)
        await house.way.gallery("a", {})
        found = await health(house.providers["a"])
        assert [each.name for each in found.services] == [HEALTHY.name, "gallery copies"]
        assert found.services[1].detail.startswith("kept in memory alone: ")
        assert gallery_of(house).disk_problem is not None

    run_virtually(scene())


def test_what_lies_on_disk_is_counted(tmp_path: Path) -> None:
    async def scene() -> None:
        house = House(Wall("a"), state=tmp_path)
        for limit in range(3):
            await house.way.gallery("a", {"limit": limit})
        found = gallery_of(house)
        assert found.disk is not None
        assert (found.disk.answers, found.memory.answers) == (3, 3)
        assert found.disk.bytes > found.memory.bytes
        again = House(Wall("a"), state=tmp_path)
        again.providers["a"].state.gallery.kept.look()
        assert gallery_of(again).disk == found.disk

    run_virtually(scene())
