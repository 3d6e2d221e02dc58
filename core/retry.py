"""Asking again: what may be repeated, after how long, and how often at most."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import random
from time import monotonic
from typing import TypeVar

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.limits import stop
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler

Answer = TypeVar("Answer")
WINDOW = 60.0
# Nobody waits for whoever is down or silent while somebody else can be asked at once.
DOWN = frozenset({ErrorCode.NETWORK, ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often and after how many seconds; a vendor's own `retry_after` goes before ours."""

    attempts: int = 3
    first: float = 0.5
    factor: float = 2.0
    most: float = 20.0
    longest_retry_after: float = 60.0

    def wait(self, attempt: int, error: ErrorInfo, chance: float) -> float | None:
        """Seconds before the next attempt, with full jitter; None when it is too long to wait."""
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_retry_after else None
        return chance * min(self.most, self.first * self.factor ** (attempt - 1))


@dataclass(slots=True, eq=False)
class RetryBudget:
    """Repeats may be a tenth of what is asked, so that a sick vendor is not stormed."""

    ratio: float = 0.1
    least_per_minute: int = 3
    clock: Callable[[], float] = monotonic
    _asked: deque[float] = field(default_factory=deque[float])
    _spent: deque[float] = field(default_factory=deque[float])

    def adjust(self, ratio: float, least_per_minute: int) -> None:
        """Allow another share from now on; what was spent stays spent."""
        self.ratio, self.least_per_minute = ratio, least_per_minute

    def ask(self) -> None:
        """Count a first attempt."""
        self._forget()
        self._asked.append(self.clock())

    @property
    def left(self) -> int:
        """How many repeats may be taken now."""
        self._forget()
        allowed = max(self.least_per_minute, int(len(self._asked) * self.ratio))
        return max(0, allowed - len(self._spent))

    def _forget(self) -> None:
        since = self.clock() - WINDOW
        for times in (self._asked, self._spent):
            while times and times[0] <= since:
                times.popleft()

    def spend(self) -> bool:
        """Take one repeat, if any is left."""
        if self.left == 0:
            return False
        self._spent.append(self.clock())
        return True


@dataclass(frozen=True, slots=True)
class Repeating:
    """The policy of one provider; chance gives numbers from 0 to 1."""

    backoff: Backoff
    budget: RetryBudget
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random

    async def ask(
        self,
        attempt: Callable[[], Awaitable[Answer]],
        pause: Callable[[ErrorInfo, float], Awaitable[bool]],
        is_worth: Callable[[ErrorInfo], bool] = lambda error: True,
    ) -> Answer:
        """Attempt until it works or nothing speaks for another try; `pause` sleeps, or says no."""
        self.budget.ask()
        told: ImagewayError | None = None
        for number in range(1, self.backoff.attempts + 1):
            try:
                return await attempt()
            except ImagewayError as error:
                if told is not None and _is_our_refusal(error.info):
                    # What the vendor said before tells more than that we now leave it alone.
                    raise told from None
                told = error
                seconds = self.backoff.wait(number, error.info, self.chance())
                if number == self.backoff.attempts or seconds is None:
                    raise
                if not _may_be_repeated(error.info) or not is_worth(error.info):
                    raise
                if not self.budget.spend() or not await pause(error.info, seconds):
                    raise
        raise AssertionError("a policy of no attempts")


def retry(inner: Handler, repeating: Repeating) -> Handler:
    """Play each attempt on a call of its own, for what is still open."""

    async def handler(request: ImageRequest, run: Run) -> None:
        async def attempt() -> None:
            mine = run.part(run.open)
            try:
                await inner(request, mine)
            finally:
                mine.call.closed = True

        async def pause(error: ErrorInfo, seconds: float) -> bool:
            run.note("retried", f"{error.code}: {error.message}; asked again in {seconds:.1f} s")
            return await _sleep_unless_left(repeating.sleep(seconds), run)

        await repeating.ask(attempt, pause, lambda error: _is_worth_waiting(error, run))

    return handler


def _is_our_refusal(error: ErrorInfo) -> bool:
    """Whether our own full queue or open breaker said no: routed around, never waited for."""
    return error.origin == "imageway" and error.rule.again and error.charged == "no"


def _may_be_repeated(error: ErrorInfo) -> bool:
    return error.may_be_repeated and not _is_our_refusal(error)


def _is_worth_waiting(error: ErrorInfo, run: Run) -> bool:
    """Never after some pictures have come, nor for a vendor that is down where another is left."""
    if run.open != run.indices or run.ledger.leaving.is_set():
        return False
    return error.code not in DOWN or not run.goes_on_after(error)


async def _sleep_unless_left(sleeping: Awaitable[None], run: Run) -> bool:
    """Sleep; False when the caller left meanwhile."""
    nap = asyncio.ensure_future(sleeping)
    leaving = asyncio.create_task(run.ledger.leaving.wait())
    try:
        await asyncio.wait((nap, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        await stop(nap)
        await stop(leaving)
    return not run.ledger.leaving.is_set()
