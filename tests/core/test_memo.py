"""A memory that asks once, forgets by time and number, and keeps no failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from imageway.core.memo import Memo


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Vendor:
    """Counts what it is asked; answers when it is let go, or fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.asked = 0
        self.failures = failures
        self.may_answer = asyncio.Event()
        self.cancelled = False

    async def ask(self) -> int:
        self.asked += 1
        answer = self.asked
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.asked <= self.failures:
            raise ConnectionError(f"failure {self.asked}")
        return answer


def ready(failures: int = 0) -> Vendor:
    vendor = Vendor(failures)
    vendor.may_answer.set()
    return vendor


def answer_with(value: int) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        return value

    return ask


async def waiting(memo: Memo, vendor: Vendor, count: int = 1) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(memo.remember("key", 10, vendor.ask)) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_many_waiters_ask_once() -> None:
    memo, vendor = Memo(), Vendor()
    tasks = await waiting(memo, vendor, 5)
    vendor.may_answer.set()
    assert await asyncio.gather(*tasks) == [1] * 5
    assert vendor.asked == 1


async def test_an_answer_is_remembered_and_then_forgotten() -> None:
    clock, vendor = Clock(), ready()
    memo = Memo(clock)
    answers: list[int] = []
    for now in (0.0, 9.9, 10.0, 19.9, 20.0):
        clock.now = now
        answers.append(await memo.remember("key", 10, vendor.ask))
    assert answers == [1, 1, 2, 2, 3]


async def test_each_key_has_its_own_answer() -> None:
    memo = Memo()
    assert await memo.remember("one", 10, answer_with(1)) == 1
    assert await memo.remember("two", 10, answer_with(2)) == 2
    assert await memo.remember("one", 10, answer_with(3)) == 1


async def test_who_comes_while_a_slow_question_is_out_waits_for_it() -> None:
    clock, vendor = Clock(), Vendor()
    memo = Memo(clock)
    first = await waiting(memo, vendor)
    clock.now = 60
    second = await waiting(memo, vendor)
    vendor.may_answer.set()
    assert await asyncio.gather(*first, *second) == [1, 1]


async def test_a_failure_reaches_every_waiter_and_is_not_kept() -> None:
    memo, vendor = Memo(), Vendor(failures=1)
    tasks = await waiting(memo, vendor, 3)
    vendor.may_answer.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["failure 1"] * 3
    assert await memo.remember("key", 10, vendor.ask) == 2


async def test_who_hears_a_failure_may_ask_again_at_once() -> None:
    memo, vendor = Memo(), ready(failures=1)

    async def insist() -> int:
        try:
            return await memo.remember("key", 10, vendor.ask)
        except ConnectionError:
            return await memo.remember("key", 10, vendor.ask)

    assert list(await asyncio.gather(insist(), insist())) == [2, 2]


async def test_a_cancelled_waiter_does_not_disturb_the_others() -> None:
    memo, vendor = Memo(), Vendor()
    impatient, patient = await waiting(memo, vendor, 2)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    vendor.may_answer.set()
    assert (await patient, vendor.asked) == (1, 1)


async def test_an_answer_that_nobody_waited_for_is_remembered() -> None:
    memo, vendor = Memo(), Vendor()
    (only,) = await waiting(memo, vendor)
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    vendor.may_answer.set()
    assert await memo.remember("key", 10, vendor.ask) == 1


async def test_what_is_forgotten_is_asked_again() -> None:
    memo, vendor = Memo(), ready()
    await memo.remember("key", 10, vendor.ask)
    memo.forget("key")
    memo.forget("never known")
    assert await memo.remember("key", 10, vendor.ask) == 2


async def test_a_failure_of_a_forgotten_question_leaves_its_successor_alone() -> None:
    memo, sick = Memo(), Vendor(failures=1)
    (old,) = await waiting(memo, sick)
    memo.forget("key")
    assert await memo.remember("key", 10, answer_with(7)) == 7
    sick.may_answer.set()
    with pytest.raises(ConnectionError):
        await old
    assert await memo.remember("key", 10, answer_with(8)) == 7


async def test_the_oldest_answers_go_when_there_are_too_many() -> None:
    memo, vendor = Memo(most=2), ready()
    for key in (1, 2, 3):
        await memo.remember(key, 10, vendor.ask)
    assert await memo.remember(3, 10, vendor.ask) == 3
    assert await memo.remember(2, 10, vendor.ask) == 2
    assert await memo.remember(1, 10, vendor.ask) == 4


async def test_closing_ends_what_is_still_asked() -> None:
    memo, vendor = Memo(), Vendor()
    (task,) = await waiting(memo, vendor)
    await memo.close()
    assert vendor.cancelled
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_closing_ends_also_what_was_forgotten_while_it_was_asked() -> None:
    memo, vendor = Memo(), Vendor()
    (task,) = await waiting(memo, vendor)
    memo.forget("key")
    await memo.close()
    assert vendor.cancelled
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_closed_memory_remembers_nothing() -> None:
    memo, vendor = Memo(), ready()
    await memo.remember("key", 10, vendor.ask)
    await memo.close()
    assert await memo.remember("key", 10, vendor.ask) == 2
