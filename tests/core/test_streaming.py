"""The grammar of a run: one end for each picture, then one Finished, whatever a handler does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import (
    Event,
    Finished,
    ImageFailed,
    ImageReady,
)
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler, play, stream
from tests.core.samples import dot, failure, listening

REQUEST = ImageRequest(prompt="a fox", count=3)
FINISHED = Finished()
PLAIN = ErrorInfo(code=ErrorCode.REJECTED, message="no")


def ready(index: int) -> ImageReady:
    return ImageReady(index, dot(), None, None)


def ends(heard: list[Event]) -> list[int]:
    return sorted(event.index for event in heard if isinstance(event, ImageReady | ImageFailed))


def codes(heard: list[Event]) -> list[ErrorCode]:
    return [event.error.code for event in heard if isinstance(event, ImageFailed)]


def finished(heard: list[Event]) -> ErrorInfo | None:
    assert isinstance(heard[-1], Finished)
    assert sum(isinstance(event, Finished) for event in heard) == 1
    return heard[-1].error


async def played(inner: Handler, count: int = 3) -> list[Event]:
    run, heard = listening(count)
    await play(inner, REQUEST.having(count=count), run)
    assert ends(heard) == list(range(count))
    return heard


async def test_a_handler_that_says_nothing_has_failed() -> None:
    async def silent(request: ImageRequest, run: Run) -> None:
        return

    heard = await played(silent)
    assert codes(heard) == ["failed"] * 3
    error = finished(heard)
    assert error is not None
    assert error.code == "failed"


async def test_pictures_that_came_make_the_run_no_error() -> None:
    async def one(request: ImageRequest, run: Run) -> None:
        run.image(dot(), index=1)

    heard = await played(one)
    assert heard[0] == ready(1)
    assert finished(heard) is None


async def test_what_is_raised_ends_the_pictures_that_are_open() -> None:
    async def refused(request: ImageRequest, run: Run) -> None:
        run.image(dot(), index=1)
        raise ImagewayError.carrying(PLAIN)

    heard = await played(refused)
    assert heard[1:3] == [ImageFailed(0, PLAIN), ImageFailed(2, PLAIN)]
    assert finished(heard) is None


async def test_a_failure_held_back_is_told_with_its_own_words() -> None:
    async def two_failures(request: ImageRequest, run: Run) -> None:
        run.part(run.open, last=False).failed(failure(ErrorCode.UNAVAILABLE), index=2)
        raise ImagewayError.carrying(PLAIN)

    heard = await played(two_failures)
    assert ImageFailed(2, failure(ErrorCode.UNAVAILABLE)) in heard
    assert finished(heard) == PLAIN


async def test_a_bug_is_told_by_its_number_and_logged_with_its_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def buggy(request: ImageRequest, run: Run) -> None:
        raise KeyError("a secret")

    run, heard = listening(1)
    with caplog.at_level(logging.ERROR, "imageway"):
        await play(buggy, REQUEST.having(count=1), run)
    error = finished(heard)
    assert error is not None
    assert (error.code, error.request_id) == ("internal", run.id)
    assert "secret" not in error.model_dump_json()
    assert run.id in caplog.text
    assert "KeyError: 'a secret'" in caplog.text


async def test_a_cancel_keeps_what_came_and_goes_on() -> None:
    async def slow(request: ImageRequest, run: Run) -> None:
        run.image(dot(), index=2)
        await asyncio.Event().wait()

    run, heard = listening(3)
    task = asyncio.create_task(play(slow, REQUEST, run))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard[0] == ready(2)
    assert codes(heard) == ["cancelled"] * 2
    assert finished(heard) is None


async def test_a_cancel_before_any_picture_is_the_runs_error() -> None:
    async def gives_up(request: ImageRequest, run: Run) -> None:
        raise asyncio.CancelledError

    run, heard = listening(2)
    with pytest.raises(asyncio.CancelledError):
        await play(gives_up, REQUEST, run)
    error = finished(heard)
    assert error is not None
    assert error.code == "cancelled"


async def test_nothing_follows_the_end() -> None:
    async def silent(request: ImageRequest, run: Run) -> None:
        return

    run, heard = listening(1)
    await play(silent, REQUEST.having(count=1), run)
    end = list(heard)
    run.image(dot(), index=0)
    run.progress(1.0)
    run.note("degraded", "late")
    await run.accepted("late")
    assert heard == end


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        (["rejected", "unavailable", "failed"], "rejected"),
        (["unavailable", "failed", "outcome_unknown"], "outcome_unknown"),
        (["internal", "outcome_unknown", "rejected"], "outcome_unknown"),
    ],
)
async def test_the_runs_error_is_the_unknown_outcome_or_else_the_first(
    failed: list[str], told: str
) -> None:
    async def fails(request: ImageRequest, run: Run) -> None:
        for index in (2, 0, 1):
            run.failed(failure(ErrorCode(failed[index])), index)

    error = finished(await played(fails))
    assert error is not None
    assert error.code == told


class Painter:
    """A handler that draws one picture, then waits to be cancelled and takes a while to go."""

    def __init__(self) -> None:
        self.has_begun = False
        self.has_left = False

    async def __call__(self, request: ImageRequest, run: Run) -> None:
        self.has_begun = True
        run.image(dot())
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(5):
                await asyncio.sleep(0)
            self.has_left = True


async def test_leaving_the_block_ends_the_handler_before_going_on() -> None:
    painter = Painter()
    async with stream(painter, REQUEST) as events:
        assert await anext(events) == ready(0)
    assert painter.has_left


async def test_an_error_in_the_block_ends_the_handler_and_goes_on() -> None:
    painter = Painter()

    async def reads_badly() -> None:
        async with stream(painter, REQUEST) as events:
            await anext(events)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await reads_badly()
    assert painter.has_left


async def test_a_block_that_is_left_at_once_never_begins() -> None:
    painter = Painter()
    async with stream(painter, REQUEST):
        pass
    assert not painter.has_begun


async def test_a_reader_that_is_cancelled_ends_the_handler() -> None:
    painter = Painter()
    has_read = asyncio.Event()

    async def reads() -> None:
        async with stream(painter, REQUEST) as events:
            async for _ in events:
                has_read.set()

    reader = asyncio.create_task(reads())
    await has_read.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert painter.has_left


async def test_a_stream_ends_by_itself_after_its_last_event() -> None:
    async def draws(request: ImageRequest, run: Run) -> None:
        for _ in range(request.count):
            run.image(dot())

    async with stream(draws, REQUEST) as events:
        assert await all_of(events) == [ready(0), ready(1), ready(2), FINISHED]
        assert await all_of(events) == []


async def all_of(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]
