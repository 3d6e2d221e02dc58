"""The adapter's door: only an ImagewayError leaves, and no picture is left open in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run, fresh_id
from imageway.core.streaming import SILENT, Handler, our_bug

Answer = TypeVar("Answer")

LOST = ErrorInfo(
    code=ErrorCode.OUTCOME_UNKNOWN,
    message="the call was sent and its answer was not waited for; it may have been charged",
    hint="look at the provider's own history before asking again",
)


def door(inner: Handler) -> Handler:
    """Wrap an adapter's generate; every error that leaves carries what the call may have cost."""

    async def handler(request: ImageRequest, run: Run) -> None:
        try:
            await inner(request, run)
        except ImagewayError as error:
            raise ImagewayError.carrying(_stamped(error.info, run)) from error
        except asyncio.CancelledError:
            if run.call.charged != "no":
                run.fail_rest(LOST)
            raise
        except Exception as error:  # an outer wall: a plug-in may raise anything
            raise ImagewayError.carrying(_stamped(our_bug(error, run.id), run)) from error
        else:
            _close_silence(run)
        finally:
            run.call.closed = True

    return handler


async def guarded(question: Callable[[], Awaitable[Answer]], seconds: float) -> Answer:
    """Ask an adapter something besides pictures: in time, and only an ImagewayError comes out."""
    try:
        async with asyncio.timeout(seconds):
            return await question()
    except ImagewayError:
        raise
    except TimeoutError:
        raise ImagewayError(
            ErrorCode.TIMEOUT, f"no answer within {seconds:g} seconds", origin="vendor"
        ) from None
    except Exception as error:  # an outer wall: a plug-in may raise anything
        raise ImagewayError.carrying(our_bug(error, fresh_id("ask"))) from error


def guarded_now(question: Callable[[], Answer]) -> Answer:
    """Ask an adapter what it knows without waiting; only an ImagewayError comes out."""
    try:
        return question()
    except ImagewayError:
        raise
    except Exception as error:  # an outer wall: a plug-in may raise anything
        raise ImagewayError.carrying(our_bug(error, fresh_id("ask"))) from error


def _stamped(info: ErrorInfo, run: Run) -> ErrorInfo:
    return info.of(run.provider, run.model).at_least(run.call.charged)


def _close_silence(run: Run) -> None:
    """A return without pictures is a failed call; a return with some fails the others."""
    if run.open == run.indices:
        raise ImagewayError.carrying(_stamped(SILENT, run))
    run.fail_rest(SILENT)
