"""A clock that is moved on: nobody waits, and nothing waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from time import monotonic
from typing import Any

import pytest

from imageway.testing.clockwork import Bell, Clockwork, Sleeper, asking, hurry, within
from imageway.testing.playing import run


def clock() -> Clockwork:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Clockwork)
    return loop


def quickly(work: Coroutine[Any, Any, object]) -> None:
    began = monotonic()
    run(work)
    assert monotonic() - began < 5


def test_a_time_out_comes_at_once_when_the_clock_is_moved_on() -> None:
    async def scene() -> None:
        async def waiting() -> None:
            async with asyncio.timeout(1000):
                await asyncio.Event().wait()

        task = asyncio.create_task(waiting())
        await hurry(clock(), task)
        assert isinstance(task.exception(), TimeoutError)

    quickly(scene())


def test_whoever_sleeps_moves_the_clock_on() -> None:
    async def scene() -> None:
        sleeper, began = Sleeper(clock(), Bell()), clock().time()
        await sleeper(500)
        assert clock().time() - began >= 500
        assert sleeper.naps == [500]

    quickly(scene())


def test_a_held_sleeper_sleeps_until_woken() -> None:
    async def scene() -> None:
        bell = Bell()
        sleeper = Sleeper(clock(), bell)
        sleeper.hold()
        task = asyncio.create_task(sleeper(1))
        await bell.until(lambda: sleeper.naps)
        assert not task.done()
        sleeper.wake()
        await task

    quickly(scene())


def test_a_sleeper_is_held_only_while_something_is_true() -> None:
    async def scene() -> None:
        sleeper = Sleeper(clock(), Bell())
        sleeper.hold(lambda: len(sleeper.naps) > 1)
        await sleeper(1)
        second = asyncio.create_task(sleeper(1))
        await asyncio.wait((second,), timeout=0.01)
        assert not second.done()
        sleeper.wake()
        await second

    quickly(scene())


def test_real_patience_ends_however_the_clock_stands() -> None:
    async def scene() -> None:
        with pytest.raises(TimeoutError):
            await within(0.05, asyncio.Event().wait())

    quickly(scene())


def test_real_patience_is_not_used_up_by_moving_the_clock() -> None:
    async def work() -> str:
        clock().travel(10_000)
        await asyncio.sleep(0)
        return "done"

    async def scene() -> None:
        assert await within(5, work()) == "done"

    quickly(scene())


def test_a_task_is_known_by_who_asked_for_it() -> None:
    async def scene() -> None:
        token = asking.set(7)
        mine = asyncio.create_task(asyncio.sleep(3600))
        asking.reset(token)
        other = asyncio.create_task(asyncio.sleep(3600))
        assert clock().left_behind(7) == [mine]
        for task in (mine, other):
            task.cancel()
        await asyncio.wait((mine, other))
        assert clock().left_behind(7) == []

    quickly(scene())
