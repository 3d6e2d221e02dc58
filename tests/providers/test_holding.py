"""Who began with a snapshot ends with it, and what nobody needs any more is closed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import ClientSession

from imageway.providers.reloading.holding import InForce
from imageway.providers.snapshot import provision
from tests.providers.stand import GARDEN, HOUSE, Stand


def session_of(it: Stand, name: str = "house") -> ClientSession:
    http = it.provider(name).http
    assert http is not None
    return http.session


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_removed_provider_is_closed_at_once_when_nobody_holds_it(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + GARDEN)
    gone, kept = session_of(it), session_of(it, "garden")
    await it.taken(GARDEN)
    await settle()
    assert (gone.closed, kept.closed) == (True, False)
    await it.in_force.close()
    assert kept.closed


async def test_a_removed_provider_is_closed_with_the_last_who_holds_it(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + GARDEN)
    gone = session_of(it)
    with it.in_force.holding():
        with it.in_force.holding() as held:
            await it.taken(GARDEN)
            assert it.in_force.snapshot is held
        await settle()
        assert not gone.closed
    await settle()
    assert gone.closed
    await it.in_force.close()


async def test_a_rebuilt_provider_s_old_connections_are_closed(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    old = session_of(it)
    await it.taken(HOUSE + "pace = 1\n")
    new = session_of(it)
    await settle()
    assert (old.closed, new.closed) == (True, False)
    await it.in_force.close()


async def test_what_a_held_snapshot_and_the_newest_share_stays_open(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    shared = session_of(it)
    with it.in_force.holding():
        await it.taken(HOUSE + "concurrency = { at_once = 1 }\n")
    await settle()
    assert not shared.closed
    await it.in_force.close()
    assert shared.closed


async def test_a_task_that_holds_goes_by_its_own_and_all_others_by_the_newest(
    tmp_path: Path,
) -> None:
    it = Stand(tmp_path)
    first = it.in_force.newest
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def request() -> None:
        with it.in_force.holding():
            entered.set()
            await go_on.wait()
            assert it.in_force.snapshot is first
        assert it.in_force.snapshot is it.in_force.newest

    task = asyncio.create_task(request())
    await entered.wait()
    await it.taken(HOUSE + GARDEN)
    assert it.in_force.snapshot is it.in_force.newest is not first
    go_on.set()
    await task
    await it.in_force.close()


async def test_a_task_that_outlives_who_began_it_goes_by_the_newest(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    go_on = asyncio.Event()

    async def record() -> None:
        await go_on.wait()
        assert it.in_force.snapshot is it.in_force.newest

    with it.in_force.holding():
        task = asyncio.create_task(record())
    await it.taken(HOUSE + GARDEN)
    go_on.set()
    await task
    await it.in_force.close()


async def test_to_hold_one_gateway_s_is_not_to_hold_another_s(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    other = InForce(provision(it.in_force.newest.source, it.environment))
    with it.in_force.holding():
        assert other.snapshot is other.newest
    await it.in_force.close()
    await other.close()


async def test_closing_closes_what_is_still_held_too(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + GARDEN)
    gone, kept = session_of(it), session_of(it, "garden")
    it.in_force.hold(it.in_force.newest)
    await it.taken(GARDEN)
    await it.in_force.close()
    assert (gone.closed, kept.closed) == (True, True)
