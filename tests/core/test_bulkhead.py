"""The bulkhead bounds what runs and what waits, is fair, and frees what is left."""

from __future__ import annotations

import asyncio

import pytest

from imageway.core.bulkhead import Bulkhead, Waiter
from imageway.core.errors import ErrorCode, ImagewayError


class Work:
    """Attempts that end when a test says so, and the order in which they began."""

    def __init__(self, slots: Bulkhead) -> None:
        self.slots = slots
        self.began: list[str] = []
        self.places: dict[str, list[int]] = {}
        self.seconds: dict[str, list[float | None]] = {}
        self.gates: dict[str, asyncio.Event] = {}

    def ask(
        self,
        name: str,
        caller: str = "a",
        leaving: asyncio.Event | None = None,
        owner: object | None = None,
    ) -> asyncio.Task[None]:
        self.gates[name] = asyncio.Event()
        self.places[name] = []
        self.seconds[name] = []

        async def attempt() -> None:
            self.began.append(name)
            await self.gates[name].wait()

        def tell(place: int, seconds: float | None) -> None:
            self.places[name].append(place)
            self.seconds[name].append(seconds)

        waiter = Waiter(caller, owner or name, tell, leaving or asyncio.Event())
        return asyncio.create_task(self.slots.ask(attempt, waiter))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_run_at_once_than_allowed() -> None:
    work = Work(Bulkhead("house", at_once=2))
    tasks = [work.ask(name) for name in "xyz"]
    await settle()
    assert work.began == ["x", "y"]
    work.gates["x"].set()
    await settle()
    assert work.began == ["x", "y", "z"]
    for name in "yz":
        work.gates[name].set()
    await asyncio.gather(*tasks)
    assert (work.slots.running, work.slots.waiting) == (0, 0)


async def test_the_waiting_hear_their_place_move_up() -> None:
    work = Work(Bulkhead("house", at_once=1))
    tasks = [work.ask(name) for name in "xyz"]
    await settle()
    work.gates["x"].set()
    await settle()
    assert (work.places["y"], work.places["z"]) == ([1], [2, 1])
    for name in "yz":
        work.gates[name].set()
    await asyncio.gather(*tasks)


async def test_a_full_line_is_refused_at_once_by_us() -> None:
    work = Work(Bulkhead("house", at_once=1, queue=1))
    tasks = [work.ask("x"), work.ask("y")]
    await settle()
    with pytest.raises(ImagewayError) as caught:
        await work.ask("z")
    assert (caught.value.info.code, caught.value.info.origin) == (
        ErrorCode.RATE_LIMITED,
        "imageway",
    )
    for name in "xy":
        work.gates[name].set()
    await asyncio.gather(*tasks)


async def test_one_callers_many_do_not_hold_up_anothers_one() -> None:
    work = Work(Bulkhead("house", at_once=1))
    tasks = [work.ask(f"a{number}") for number in range(5)] + [work.ask("b", caller="b")]
    await settle()
    for gate in work.gates.values():
        gate.set()
    await asyncio.gather(*tasks)
    assert work.began.index("b") <= 2


async def test_who_leaves_the_line_frees_the_place() -> None:
    work = Work(Bulkhead("house", at_once=1))
    leaving = asyncio.Event()
    first, second, third = work.ask("x"), work.ask("y", leaving=leaving), work.ask("z")
    await settle()
    leaving.set()
    with pytest.raises(ImagewayError) as caught:
        await second
    assert caught.value.info.code is ErrorCode.CANCELLED
    assert work.places["z"] == [2, 1]
    for name in "xz":
        work.gates[name].set()
    await asyncio.gather(first, third)
    assert work.slots.running == 0


async def test_a_cancel_just_after_admission_gives_the_slot_back() -> None:
    work = Work(Bulkhead("house", at_once=1))
    first, second, third = work.ask("x"), work.ask("y"), work.ask("z")
    await settle()
    work.gates["x"].set()
    await first
    second.cancel()
    work.gates["z"].set()
    await asyncio.gather(second, third, return_exceptions=True)
    assert (work.slots.running, work.slots.waiting) == (0, 0)


async def test_a_request_that_is_let_in_brings_all_of_its_parts() -> None:
    work = Work(Bulkhead("house", at_once=1, queue=1))
    many = [work.ask(f"a{number}", owner="one request") for number in range(5)]
    other = work.ask("b", owner="another")
    await settle()
    with pytest.raises(ImagewayError):
        await work.ask("c", owner="a third")
    for gate in work.gates.values():
        gate.set()
    await asyncio.gather(*many, other)
    assert len(work.began) == 6


async def test_a_line_of_nought_lets_nobody_wait_but_ones_own_parts() -> None:
    work = Work(Bulkhead("house", at_once=1, queue=0))
    mine = [work.ask("x", owner="mine"), work.ask("y", owner="mine")]
    await settle()
    with pytest.raises(ImagewayError):
        await work.ask("z", owner="yours")
    for name in "xy":
        work.gates[name].set()
    await asyncio.gather(*mine)


async def test_the_waiting_hear_how_long_it_may_take_once_that_is_known() -> None:
    now = 0.0
    work = Work(Bulkhead("house", at_once=1, clock=lambda: now))
    tasks = [work.ask(name) for name in "xyz"]
    await settle()
    now = 10.0
    work.gates["x"].set()
    await settle()
    assert work.seconds["z"] == [None, 10.0]
    for name in "yz":
        work.gates[name].set()
    await asyncio.gather(*tasks)


async def test_an_attempt_that_failed_says_nothing_of_how_long_one_takes() -> None:
    slots = Bulkhead("house")

    async def fails() -> None:
        raise ImagewayError(ErrorCode.UNAVAILABLE, "down")

    waiter = Waiter("a", "owner", lambda place, seconds: None, asyncio.Event())
    with pytest.raises(ImagewayError):
        await slots.ask(fails, waiter)
    assert (slots.usual_seconds, slots.running) == (None, 0)


async def test_more_slots_let_those_in_who_wait_at_once() -> None:
    work = Work(Bulkhead("house", at_once=1))
    tasks = [work.ask(name) for name in "xyz"]
    await settle()
    work.slots.adjust(3, 50)
    await settle()
    assert work.began == ["x", "y", "z"]
    for name in "xyz":
        work.gates[name].set()
    await asyncio.gather(*tasks)


async def test_fewer_slots_end_nobody_and_let_nobody_in_before_there_is_room() -> None:
    work = Work(Bulkhead("house", at_once=2))
    tasks = [work.ask(name) for name in "xyz"]
    await settle()
    work.slots.adjust(1, 50)
    work.gates["x"].set()
    await settle()
    assert (work.began, work.slots.running) == (["x", "y"], 1)
    work.gates["y"].set()
    await settle()
    assert work.began == ["x", "y", "z"]
    work.gates["z"].set()
    await asyncio.gather(*tasks)


async def test_a_shorter_line_sends_nobody_away_who_stands_in_it() -> None:
    work = Work(Bulkhead("house", at_once=1))
    tasks = [work.ask(name) for name in "xyz"]
    await settle()
    work.slots.adjust(1, 0)
    with pytest.raises(ImagewayError):
        await work.ask("late")
    for name in "xyz":
        work.gates[name].set()
    await asyncio.gather(*tasks)
    assert work.began == ["x", "y", "z"]
