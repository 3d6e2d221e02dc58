"""One provider's gallery as it lives: what it answered last, what is wrong with it, who asked."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from imageway.core.breaker import BLAMED, Breaker
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.retry import Repeating
from imageway.providers.drawer import Copy
from imageway.providers.lastgood import LastGood

log = logging.getLogger("imageway")

# Where an answer came from: the vendor, a copy that is new enough, one that stands in, nowhere.
Outcome = Literal["fresh", "cached", "stale", "refused"]

# What a vendor is to blame for and a copy makes up for; everything else concerns who asked.
STOOD_IN_FOR = BLAMED | {ErrorCode.RATE_LIMITED, ErrorCode.FAILED}


@dataclass(slots=True, eq=False)
class Gallery:
    """Lives as long as the provider's name; its breaker is its own, for pictures may go well."""

    breaker: Breaker
    repeating: Repeating
    slots: asyncio.Semaphore
    kept: LastGood
    now: Callable[[], float]
    outcomes: Counter[Outcome] = field(default_factory=Counter[Outcome])
    trouble: ErrorInfo | None = None
    failing_since: float | None = None
    oldest_stale: float = 0.0

    def age(self, copy: Copy) -> float:
        """Seconds since it was answered; negative where the clock was set back."""
        return self.now() - copy.at

    def is_well(self) -> None:
        """The vendor has answered."""
        if self.trouble is not None:
            log.info("%s answers again", self.breaker.name)
        self.trouble, self.failing_since, self.oldest_stale = None, None, 0.0

    def is_ill(self, error: ErrorInfo) -> None:
        """The vendor has failed; our own breaker's refusal tells nothing new."""
        if error.origin == "vendor" and error.code in STOOD_IN_FOR:
            if self.trouble is None:
                log.warning("%s fails: %s: %s", self.breaker.name, error.code, error.message)
            self.trouble = error
            self.failing_since = self.now() if self.failing_since is None else self.failing_since

    def reason(self, error: ErrorInfo) -> str:
        """Why a copy stands in, in the vendor's words rather than in those of our breaker."""
        told = error if error.origin == "vendor" or self.trouble is None else self.trouble
        return f"{told.code}: {told.message}"
