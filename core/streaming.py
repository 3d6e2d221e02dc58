"""Where a run ends, and where pushing becomes pulling."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import (
    Event,
    Finished,
    ImageFailed,
    ImageReady,
    Preview,
    Progress,
    Queued,
)
from imageway.core.request import ImageRequest
from imageway.core.run import Ledger, Run

Handler = Callable[[ImageRequest, Run], Awaitable[None]]

log = logging.getLogger("imageway")

SILENT = ErrorInfo(code=ErrorCode.FAILED, message="the provider ended without this picture")
CANCELLED = ErrorInfo(code=ErrorCode.CANCELLED, message="the request was cancelled")


def our_bug(error: Exception, request_id: str) -> ErrorInfo:
    """Log a bug with its trace, and say where to find it."""
    log.error("internal error in %s", request_id, exc_info=error)
    return ErrorInfo(
        code=ErrorCode.INTERNAL,
        message=f"a bug in imageway or a plug-in ({type(error).__name__})",
        hint=f"the log has the details under {request_id}",
        request_id=request_id,
    )


async def play(handler: Handler, request: ImageRequest, run: Run) -> None:
    """Play a handler to its end: every index is told, then one Finished; nothing follows it."""
    end = SILENT
    try:
        await handler(request, run)
    except ImagewayError as error:
        end = error.info
    except asyncio.CancelledError:
        end = run.ledger.cancelled_because or CANCELLED
        raise
    except Exception as error:  # noqa: BLE001 - an outer wall: a bug must end the run too
        end = our_bug(error, run.id)
    finally:
        finish(run.ledger, end)


def finish(ledger: Ledger, end: ErrorInfo) -> None:
    """Tell every index that is still open, then the end; nothing can be told after it."""
    everything = Run(ledger, tuple(range(ledger.count)))
    everything.fail_rest(end)
    for index in everything.missing:
        everything.give_up(index)
    ledger.send(Finished(None if ledger.pictures else most_telling(ledger)))
    ledger.ended = True


def most_telling(ledger: Ledger) -> ErrorInfo:
    """The failure a caller must act on: one that may have cost money, else the first."""
    ordered = [ledger.failures[index] for index in sorted(ledger.failures)]
    unknown = [error for error in ordered if error.code is ErrorCode.OUTCOME_UNKNOWN]
    return (unknown or ordered)[0]


class Mailbox:
    """Events for one reader: what only informs is replaced by its successor, the rest is kept."""

    def __init__(self) -> None:
        self._events: dict[object, Event] = {}
        self._arrived = asyncio.Event()

    def put(self, event: Event) -> None:
        """Add an event; an older unread one that it makes pointless goes."""
        for key in _outdated_by(event):
            self._events.pop(key, None)
        self._events[_key(event)] = event
        self._arrived.set()

    def copy(self) -> Mailbox:
        """A mailbox of its own with everything that is unread here."""
        other = Mailbox()
        for event in self._events.values():
            other.put(event)
        return other

    async def get(self) -> Event:
        """Wait for the oldest event and take it."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.pop(next(iter(self._events)))

    async def read(self) -> AsyncIterator[Event]:
        """Take events up to and with Finished."""
        while True:
            event = await self.get()
            yield event
            if isinstance(event, Finished):
                return


def _key(event: Event) -> object:
    """What only informs has a key by which its successor finds it."""
    match event:
        case Progress(index=index) | Queued(index=index):
            return ("progress", index)
        case Preview(index=index):
            return ("preview", index)
        case _:
            return object()


def _outdated_by(event: Event) -> tuple[object, ...]:
    match event:
        case ImageReady(index=index) | ImageFailed(index=index):
            return (("progress", index), ("preview", index))
        case _:
            return (_key(event),)


@asynccontextmanager
async def stream(handler: Handler, request: ImageRequest) -> AsyncGenerator[AsyncIterator[Event]]:
    """Play a handler while the block lasts; leaving the block cancels what still runs."""
    mailbox = Mailbox()
    run = Run(Ledger(mailbox.put, request.count), tuple(range(request.count)))
    task = asyncio.create_task(play(handler, request, run), name=f"imageway {run.id}")
    try:
        yield mailbox.read()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
