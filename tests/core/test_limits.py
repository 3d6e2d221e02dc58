"""Bounds on time, and the end of work that nobody waits for any more."""

from __future__ import annotations

import asyncio
import gc

import pytest

from imageway.core.door import door
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import ImageReady
from imageway.core.limits import attempt_deadline, deadline, ends_with_its_reader, stop
from imageway.core.request import ImageRequest
from imageway.core.run import Hooks, Run
from imageway.core.streaming import Handler
from tests.core.samples import dot, failure, listening

REQUEST = ImageRequest(prompt="a fox")


async def draws(request: ImageRequest, run: Run) -> None:
    run.image(dot())


async def fails(request: ImageRequest, run: Run) -> None:
    raise ImagewayError.carrying(failure())


class Patient:
    """Draws a picture when it is released; tells when it has begun and how it ended."""

    def __init__(self, *, paid: bool = False, clumsy: bool = False) -> None:
        self.begun, self.released = asyncio.Event(), asyncio.Event()
        self.stopped = False
        self._paid, self._clumsy = paid, clumsy

    async def __call__(self, request: ImageRequest, run: Run) -> None:
        if self._paid:
            await run.paying()
        self.begun.set()
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.stopped = True
            if self._clumsy:
                raise ImagewayError.carrying(failure()) from None
            raise
        run.image(dot())


async def test_a_deadline_keeps_what_was_delivered_before_it() -> None:
    async def half(request: ImageRequest, run: Run) -> None:
        run.image(dot(), 0)
        await asyncio.Event().wait()

    run, heard = listening(2)
    with pytest.raises(ImagewayError) as caught:
        await deadline(half, 0)(REQUEST.having(count=2), run)
    assert caught.value.info.code is ErrorCode.TIMEOUT
    assert caught.value.info.message == "not finished after 0 seconds"
    assert [type(event) for event in heard] == [ImageReady]


async def test_a_deadline_does_not_touch_what_is_quicker() -> None:
    run, heard = listening(1)
    await deadline(draws, 60)(REQUEST, run)
    assert len(heard) == 1
    with pytest.raises(ImagewayError, match="it was failed"):
        await deadline(fails, 60)(REQUEST, listening(1)[0])


async def test_a_deadline_waits_until_the_work_has_ended() -> None:
    work = Patient()
    with pytest.raises(ImagewayError):
        await deadline(work, 0)(REQUEST, listening(1)[0])
    assert work.stopped


async def test_an_attempt_that_takes_too_long_is_the_vendors_time_out() -> None:
    work, (run, _) = Patient(), listening(1)
    with pytest.raises(ImagewayError) as caught:
        await attempt_deadline(work, 0)(REQUEST, run)
    assert (caught.value.info.code, caught.value.info.origin) == (ErrorCode.TIMEOUT, "vendor")
    assert caught.value.info.may_be_repeated
    assert work.stopped


async def test_an_attempt_that_was_sent_and_is_cut_has_an_unknown_outcome() -> None:
    work, (run, _) = Patient(paid=True), listening(1)
    with pytest.raises(ImagewayError) as caught:
        await attempt_deadline(work, 0.001)(REQUEST, run)
    info = caught.value.info
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    assert not info.may_be_repeated


async def test_an_accepted_job_may_take_longer_than_an_attempt() -> None:
    told: list[str] = []

    async def polls(request: ImageRequest, run: Run) -> None:
        await run.accepted("job-1")
        await asyncio.sleep(0.02)
        run.image(dot())

    async def write_down(run: Run, ticket: str) -> None:
        told.append(ticket)

    run, heard = listening(1)
    await attempt_deadline(polls, 0.01)(REQUEST, run.recording(Hooks(on_accepted=write_down)))
    assert isinstance(heard[-1], ImageReady)
    assert told == ["job-1"]


async def test_work_that_is_waited_for_ends_as_it_likes() -> None:
    run, heard = listening(1)
    await ends_with_its_reader(draws)(REQUEST, run)
    assert len(heard) == 1
    with pytest.raises(ImagewayError, match="it was failed"):
        await ends_with_its_reader(fails)(REQUEST, listening(1)[0])


async def test_work_that_costs_nothing_ends_when_nobody_waits() -> None:
    work, (run, heard) = Patient(), listening(1)
    task = asyncio.create_task(_play(work, run))
    await work.begun.wait()
    run.ledger.leaving.set()
    with pytest.raises(ImagewayError, match="the caller left"):
        await task
    assert work.stopped
    assert heard == []


async def test_for_a_caller_who_has_left_already_nothing_begins() -> None:
    work, (run, _) = Patient(), listening(1)
    run.ledger.leaving.set()
    with pytest.raises(ImagewayError, match="the caller left"):
        await _play(work, run)
    assert not work.begun.is_set()


async def test_a_cancel_does_not_hide_what_a_call_that_has_just_failed_cost() -> None:
    async def charged(request: ImageRequest, run: Run) -> None:
        run.call.charged = "yes"
        run.call.closed = True
        raise ImagewayError.carrying(failure(charged="yes"))

    run, _ = listening(1)
    task = asyncio.create_task(_cancelled_at_the_end(charged, run))
    await asyncio.wait((task,))
    assert run.ledger.failures[0].charged == "yes"


@pytest.mark.parametrize("moment", range(12))
async def test_whenever_a_cancel_comes_what_a_failed_call_cost_is_kept(moment: int) -> None:
    async def fails_after_paying(request: ImageRequest, run: Run) -> None:
        await run.paying()
        await asyncio.sleep(0)
        raise ImagewayError.carrying(failure())

    run, _ = listening(1)
    task = asyncio.create_task(_play(door(fails_after_paying), run))
    for _ in range(moment):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    kept = [error.charged for error in run.ledger.failures.values()]
    assert not task.cancelled() or run.call.charged == "no" or kept == ["maybe"]


async def test_work_that_may_cost_is_awaited_when_nobody_waits() -> None:
    work, (run, heard) = Patient(paid=True), listening(1)
    task = asyncio.create_task(_play(work, run))
    await work.begun.wait()
    run.ledger.leaving.set()
    _, still_running = await asyncio.wait((task,), timeout=0.01)
    assert still_running
    work.released.set()
    await task
    assert len(heard) == 1


async def test_a_cancel_ends_even_work_that_may_cost() -> None:
    work, (run, _) = Patient(paid=True), listening(1)
    task = asyncio.create_task(_play(work, run))
    await work.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.stopped


async def test_work_that_fails_while_it_is_stopped_is_no_loose_end() -> None:
    loose: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: loose.append(context))
    work, (run, _) = Patient(clumsy=True), listening(1)
    task = asyncio.create_task(_play(work, run))
    await work.begun.wait()
    run.ledger.leaving.set()
    await asyncio.wait((task,))
    assert "the caller left" in str(task.exception())
    # A task complains when it is collected, and its frames keep it.
    del task
    gc.collect()
    assert loose == []


async def _cancelled_at_the_end(inner: Handler, run: Run) -> None:
    """Cancel in the very step in which the work ends, before its outcome is looked at."""
    mine = asyncio.current_task()
    assert mine is not None

    async def ending(request: ImageRequest, run: Run) -> None:
        mine.cancel()
        await inner(request, run)

    await ends_with_its_reader(ending)(REQUEST, run)


async def _play(work: Handler, run: Run) -> None:
    await ends_with_its_reader(work)(REQUEST, run)


async def test_what_is_stopped_is_not_left_behind_by_a_second_cancel() -> None:
    ended = asyncio.Event()

    async def dies_slowly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(5):
                await asyncio.sleep(0)
            ended.set()

    work = asyncio.create_task(dies_slowly())
    await asyncio.sleep(0)
    stopping = asyncio.create_task(stop(work))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert ended.is_set()
