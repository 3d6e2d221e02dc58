"""Bounds on time, and the end of work that nobody waits for any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TypeVar

from imageway.core.door import LOST
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler

Outcome = TypeVar("Outcome")

LEFT = ErrorInfo(code=ErrorCode.CANCELLED, message="the caller left before it was done")


def deadline(inner: Handler, seconds: float) -> Handler:
    """Give up after a time; what was delivered before stays delivered."""

    async def handler(request: ImageRequest, run: Run) -> None:
        try:
            async with asyncio.timeout(seconds):
                await inner(request, run)
        except TimeoutError:
            raise ImagewayError(
                ErrorCode.TIMEOUT,
                f"not finished after {seconds:g} seconds",
                hint="ask for fewer or smaller pictures, or raise timeout.total",
            ) from None

    return handler


def attempt_deadline(inner: Handler, seconds: float) -> Handler:
    """Bound one attempt until its vendor has accepted the job; what may cost then is unknown."""

    async def handler(request: ImageRequest, run: Run) -> None:
        try:
            async with asyncio.timeout(seconds) as clock:

                async def accepted(view: Run, ticket: str) -> None:
                    if run.hooks.on_accepted is not None:
                        await run.hooks.on_accepted(view, ticket)
                    clock.reschedule(None)

                await inner(request, run.recording(replace(run.hooks, on_accepted=accepted)))
        except TimeoutError:
            raise ImagewayError.carrying(_too_slow(run, seconds)) from None

    return handler


def _too_slow(run: Run, seconds: float) -> ErrorInfo:
    """What a cut attempt comes to: the vendor was slow, and where money went out, unknown."""
    if run.call.charged != "no":
        return LOST.of(run.provider, run.model).at_least(run.call.charged)
    slow = ErrorInfo(
        code=ErrorCode.TIMEOUT,
        message=f"the provider had made nothing after {seconds:g} seconds",
        hint="ask for a smaller picture, or raise timeout.attempt",
        origin="vendor",
    )
    return slow.of(run.provider, run.model)


def ends_with_its_reader(inner: Handler) -> Handler:
    """End an attempt at once when its caller has left, unless it was sent and may cost money."""

    async def handler(request: ImageRequest, run: Run) -> None:
        work = asyncio.create_task(_unless_left(inner, request, run))
        leaving = asyncio.create_task(run.ledger.leaving.wait())
        try:
            try:
                await asyncio.wait((work, leaving), return_when=asyncio.FIRST_COMPLETED)
                if work.done() or run.call.charged != "no":
                    return await work
            finally:
                try:
                    await stop(leaving)
                finally:
                    await stop(work)
        # Also a cancel that comes while those two are stopped takes the place of what failed.
        except asyncio.CancelledError:
            _keep_what_it_cost(work, run)
            raise
        raise ImagewayError.carrying(LEFT)

    return handler


async def _unless_left(inner: Handler, request: ImageRequest, run: Run) -> None:
    if run.ledger.leaving.is_set():
        raise ImagewayError.carrying(LEFT)
    await inner(request, run)


def _keep_what_it_cost(work: asyncio.Future[None], run: Run) -> None:
    """Record how work ended that was cancelled in the moment when it failed by itself."""
    error = None if work.cancelled() else work.exception()
    if isinstance(error, ImagewayError) and error.info.charged != "no":
        # The call is closed by now; the verdict is its last and comes in time.
        run.part(run.open).fail_rest(error.info)


async def stop(task: asyncio.Future[Outcome]) -> None:
    """Cancel a task and wait until it has ended; its outcome was read where it mattered.

    Whoever waits may be cancelled once more meanwhile; the task is not left behind for that.
    """
    task.cancel()
    interrupted: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            interrupted = error
    if not task.cancelled():
        task.exception()
    if interrupted is not None:
        raise interrupted
