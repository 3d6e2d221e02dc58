"""How long a vendor is waited for, and how slowly it may speak."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from imageway.core.outgoing import Times

# How many seconds a body may lag behind its least rate before it is cut.
LAG = 20.0
# One silence counts for no more than this, for `idle` judges silences: a body that pauses once
# and comes fast again is well.
LONGEST_SILENCE = LAG / 2


class Patience:
    """How long to wait for the next thing, never beyond the time for it all."""

    def __init__(self, times: Times) -> None:
        self.times = times
        self.clock = asyncio.get_running_loop().time
        self._until = None if times.total is None else self.clock() + times.total

    def within(self, seconds: float | None) -> asyncio.Timeout:
        """A time-out for one wait; without seconds only the time for it all bounds it."""
        until = None if seconds is None else self.clock() + seconds
        return asyncio.timeout_at(min(filter(None, (until, self._until)), default=None))

    def pace(self) -> Pace:
        """The pace of one body; it begins with the first bytes."""
        return Pace(self.times.min_rate, self.clock)


class Pace:
    """How far a body lags behind the least rate, in seconds; each byte makes up for some."""

    def __init__(self, rate: float | None, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._last: float | None = None
        self._lag = 0.0

    def keeps_up(self, size: int) -> bool:
        """Count bytes that have just come; False when they come too slowly."""
        if not self._rate:
            return True
        now = self._clock()
        waited = 0.0 if self._last is None else min(now - self._last, LONGEST_SILENCE)
        self._last = now
        self._lag = max(0.0, self._lag + waited - size / self._rate)
        return self._lag <= LAG

    def rest(self) -> None:
        """Forget the lag; what comes next begins anew."""
        self._last, self._lag = None, 0.0
