"""A provider that is switched off by hand: for whom, for how long, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.pausing import Pause
from imageway.providers.powers import health
from imageway.providers.report import report
from tests.providers.stand import GARDEN, HOUSE, ROUTE, Stand


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_ends_by_itself() -> None:
    clock = Clock()
    pause = Pause(clock)
    pause.begin(3600, "quota")
    assert pause.reason == "switched off by hand for another 60 min: quota"
    clock.now = 3540
    assert pause.reason == "switched off by hand for another 60 s: quota"
    clock.now = 3600
    assert pause.reason is None


def test_without_a_time_it_lasts_until_it_is_ended() -> None:
    clock = Clock()
    pause = Pause(clock)
    pause.begin()
    clock.now = 1e9
    assert pause.reason == "switched off by hand"
    pause.end()
    assert pause.reason is None


async def test_it_outlives_reloads_even_those_that_rebuild_its_provider(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    it.provider().state.pause.begin(3600)
    await it.taken(HOUSE + "pace = 1\n")
    assert it.provider().disabled
    await it.taken(GARDEN)
    await it.taken(HOUSE)
    assert it.provider().disabled


async def test_nobody_is_sent_there_and_everybody_is_told_why(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + GARDEN + "[routes.photo]\ntry = ['house/x', 'garden/x']\n")
    it.provider().state.pause.begin(because="quota")
    snapshot = it.in_force.newest
    assert [each.provider for each in snapshot.router.targets("photo")] == ["garden"]
    with pytest.raises(ImagewayError) as caught:
        snapshot.router.targets("house/x")
    assert caught.value.info.code is ErrorCode.UNAVAILABLE
    assert "switched off by hand: quota" in (caught.value.info.hint or "")
    found = report(snapshot).providers[0]
    assert (found.state, found.reason) == ("disabled", "switched off by hand: quota")
    assert "switched off by hand" in (await health(it.provider())).detail


async def test_the_file_can_switch_off_too_and_is_checked_all_the_same(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + ROUTE)
    off = "enabled = false\n"
    await it.taken(HOUSE + off + ROUTE)
    assert it.provider().disabled == "switched off in the file (enabled = false)"
    await it.refused(HOUSE + off + "nonsense = 1\n" + ROUTE)
    await it.taken(HOUSE + "enabled = true\n" + ROUTE)
    assert it.provider().disabled is None


async def test_switched_off_in_the_file_it_needs_no_secret(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + "enabled = false\napi_key = { env = 'MISSING' }\n")
    assert it.provider().disabled == "switched off in the file (enabled = false)"
