"""Asking until an answer is there; a poll costs nothing, so it survives a few faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError

Found = TypeVar("Found")
Sleep = Callable[[float], Awaitable[None]]

PASSES_BY = frozenset(
    {ErrorCode.NETWORK, ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED}
)
FAULTS_IN_A_ROW = 5
LONGEST_RETRY_AFTER = 60.0
SLOWER = 1.5


async def poll(
    ask: Callable[[], Awaitable[Found | None]], *, every: float, most: float, sleep: Sleep
) -> Found:
    """Ask until it gives something, more and more slowly."""
    wait, faults = every, 0
    while True:
        pause = wait
        try:
            found = await ask()
        except ImagewayError as error:
            faults += 1
            if faults > FAULTS_IN_A_ROW or not _passes_by(error.info):
                raise
            pause = max(wait, error.info.retry_after or 0.0)
        else:
            if found is not None:
                return found
            faults = 0
        await sleep(pause)
        wait = min(most, wait * SLOWER)


def _passes_by(info: ErrorInfo) -> bool:
    """Whether it lies with the vendor and may be over soon."""
    soon = info.retry_after is None or info.retry_after <= LONGEST_RETRY_AFTER
    return info.code in PASSES_BY and info.origin == "vendor" and info.charged == "no" and soon
