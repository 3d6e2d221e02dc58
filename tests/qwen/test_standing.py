"""How the service says that it stands, and when it should be restarted."""

from __future__ import annotations

import asyncio

import pytest

from imageway.qwen.standing import illness_of, queue_of, readiness_of, status_of
from tests.qwen.test_service import bench


async def test_its_life_in_single_words() -> None:
    async with bench() as it:
        assert status_of(it.service) == "loading"
        await it.service.start()
        assert status_of(it.service) == "idle"
        hold = it.engine.hold()
        job = it.admit()
        assert status_of(it.service) == "busy"
        await hold.until_reached()
        hold.go.set()
        await it.ended(job)
        await it.service.stop()
        assert status_of(it.service) == "stopping"
        assert readiness_of(it.service)["status"] == "stopping"


@pytest.mark.parametrize(
    ("changed", "silent", "ill"),
    [
        ({}, 119, None),
        ({}, 121, "stuck"),
        ({"default_step_seconds": 10}, 199, None),
        ({"default_step_seconds": 10}, 201, "stuck"),
        ({"stuck_seconds": 5}, 6, "stuck"),
    ],
)
async def test_without_a_step_for_long_it_is_stuck(
    changed: dict[str, float], silent: float, ill: str | None
) -> None:
    async with bench(**changed) as it:
        await it.service.start()
        hold = it.engine.hold(0)
        job = it.admit()
        await hold.until_reached()
        await asyncio.sleep(0)
        assert illness_of(it.service) is None
        it.clock.now += silent
        assert illness_of(it.service) == ill
        hold.go.set()
        await it.ended(job)


async def test_it_is_not_stuck_while_nothing_runs_or_while_it_loads() -> None:
    async with bench() as it:
        it.clock.now += 10_000
        assert illness_of(it.service) is None
        await it.service.start()
        it.clock.now += 10_000
        assert illness_of(it.service) is None


async def test_a_dead_worker_is_an_illness() -> None:
    async with bench() as it:
        await it.service.start()
        it.engine.fails(SystemExit(3), step=5)
        await it.ended(it.admit())
        assert illness_of(it.service) == "worker_dead"
        assert status_of(it.service) == "error"


async def test_the_line_says_what_a_picture_takes_on_average() -> None:
    async with bench() as it:
        await it.service.start()
        assert queue_of(it.service)["avg_generate_seconds"] is None
        await it.ended(it.admit())
        assert queue_of(it.service)["avg_generate_seconds"] == 0
