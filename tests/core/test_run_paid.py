"""What a call may cost, the ticket it gets, and the journal that hears of both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from imageway.core.errors import Charged, ErrorCode, ImagewayError
from imageway.core.events import (
    Accepted,
)
from imageway.core.events import Charged as Paid
from imageway.core.run import Hooks, Run
from tests.core.samples import listening


def test_a_charge_is_passed_on() -> None:
    run, heard = listening(1)
    run.charge(0.04, "USD")
    assert heard == [Paid(0.04, "USD")]


def test_a_charge_is_kept_with_its_call_even_when_nobody_listens_any_more() -> None:
    run, heard = listening(1)
    run.ledger.ended = True
    run.charge(0.04, "USD")
    assert (run.call.costs, heard) == ([Paid(0.04, "USD")], [])


async def test_paying_asks_the_journal_and_then_may_have_cost() -> None:
    run, _ = listening(1)
    before: list[Charged] = []

    async def on_paying(paying: Run) -> None:
        before.append(paying.call.charged)

    paying = run.recording(Hooks(on_paying=on_paying))
    await paying.paying()
    assert (before, run.call.charged) == (["no"], "maybe")


async def test_a_journal_that_refuses_keeps_the_call_free() -> None:
    run, _ = listening(1)

    async def on_paying(paying: Run) -> None:
        raise ImagewayError(ErrorCode.QUOTA_EXHAUSTED, "over the ceiling")

    with pytest.raises(ImagewayError, match="over the ceiling"):
        await run.recording(Hooks(on_paying=on_paying)).paying()
    assert run.call.charged == "no"


LEAVINGS: dict[str, Callable[[Run], None]] = {
    "the caller left": lambda run: run.ledger.leaving.set(),
    "the call is closed": lambda run: setattr(run.call, "closed", True),
    "the run has ended": lambda run: setattr(run.ledger, "ended", True),
}


@pytest.mark.parametrize("leave", LEAVINGS.values(), ids=LEAVINGS)
async def test_nothing_is_paid_when_nobody_waits(leave: Callable[[Run], None]) -> None:
    run, _ = listening(1)
    asked: list[Run] = []

    async def on_paying(paying: Run) -> None:
        asked.append(paying)

    leave(run)
    with pytest.raises(ImagewayError) as caught:
        await run.recording(Hooks(on_paying=on_paying)).paying()
    assert caught.value.info.code == "cancelled"
    assert (asked, run.call.charged) == ([], "no")


@pytest.mark.parametrize("charged", ["no", "yes"])
async def test_what_is_known_of_the_charge_is_recorded(charged: Charged) -> None:
    run, _ = listening(1)
    await run.paying()
    run.settled(charged)
    assert run.call.charged == charged


async def test_free_work_asks_nobody_and_costs_nothing() -> None:
    run, _ = listening(1)
    free = run.recording(Hooks(free=True))
    free.ledger.leaving.set()
    await free.paying()
    free.settled("yes")
    assert free.call.charged == "no"


async def test_a_ticket_is_told_when_it_is_written_down() -> None:
    run, heard = listening(1)
    written = asyncio.Event()

    async def on_accepted(accepted: Run, ticket: str) -> None:
        assert accepted.call.ticket == ticket
        await written.wait()

    waiting = asyncio.create_task(run.recording(Hooks(on_accepted=on_accepted)).accepted("t-1"))
    await asyncio.sleep(0)
    assert heard == []
    written.set()
    await waiting
    assert heard == [Accepted("t-1")]
    assert run.call.ticket == "t-1"


async def test_a_ticket_of_a_closed_call_is_still_written_down() -> None:
    run, heard = listening(1)
    tickets: list[str] = []

    async def on_accepted(accepted: Run, ticket: str) -> None:
        tickets.append(ticket)

    run.call.closed = True
    await run.recording(Hooks(on_accepted=on_accepted)).accepted("t-1")
    assert tickets == ["t-1"]
    assert not any(isinstance(event, Accepted) for event in heard)


def test_recording_keeps_the_call() -> None:
    run, _ = listening(1)
    assert run.recording(Hooks(free=True)).call is run.call


def test_a_part_is_a_call_of_its_own() -> None:
    run, _ = listening(2)
    run.call.charged, run.call.closed = "maybe", True
    first, second = run.part((0,)), run.part((0,))
    assert len({run.call_id, first.call_id, second.call_id}) == 3
    assert (first.call.charged, first.call.closed) == ("no", False)


def test_a_part_keeps_the_journal() -> None:
    run, _ = listening(2)
    hooks = Hooks(free=True)
    assert run.recording(hooks).part((0,)).hooks is hooks
