"""One provider's gallery as it lives: what it answered last, what is wrong with it, who asked."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from imageway.core.breaker import BLAMED, Breaker, Thresholds
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.retry import Repeating
from imageway.providers.galleries.drawer import Copy
from imageway.providers.galleries.lastgood import LastGood

log = logging.getLogger("imageway")

# Where an answer came from: the vendor, a copy that is new enough, one that stands in, nowhere.
Outcome = Literal["fresh", "cached", "stale", "refused"]

# What a vendor is to blame for and a copy makes up for; everything else concerns who asked.
STOOD_IN_FOR = BLAMED | {ErrorCode.RATE_LIMITED, ErrorCode.FAILED}
# A vendor has a few lists; whoever asks for more kinds than that asks for nonsense.
USUAL_LIST, MOST_LISTS = "images", 8


@dataclass(slots=True, eq=False)
class Listing:
    """One of the vendor's lists: one may fail while the others go well."""

    name: str
    breaker: Breaker
    now: Callable[[], float]
    trouble: ErrorInfo | None = None
    failing_since: float | None = None
    oldest_stale: float = 0.0

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

    def told(self, error: ErrorInfo) -> ErrorInfo:
        """The vendor's own failure rather than the refusal of our breaker."""
        return error if error.origin == "vendor" or self.trouble is None else self.trouble

    def reason(self, error: ErrorInfo) -> str:
        """Why a copy stands in."""
        told = self.told(error)
        return f"{told.code}: {told.message}"

    @property
    def failing_seconds(self) -> float:
        """For how long it has been failing."""
        return 0.0 if self.failing_since is None else max(0.0, self.now() - self.failing_since)


@dataclass(slots=True, eq=False)
class Gallery:
    """Lives as long as the provider's name; its breakers are its own, for pictures may go well."""

    name: str
    thresholds: Thresholds
    repeating: Repeating
    slots: asyncio.Semaphore
    kept: LastGood
    now: Callable[[], float]
    clock: Callable[[], float] = monotonic
    outcomes: Counter[Outcome] = field(default_factory=Counter[Outcome])
    listings: dict[str, Listing] = field(default_factory=dict[str, Listing])

    def listing(self, kind: str = USUAL_LIST) -> Listing:
        """The list of a kind; kinds beyond a few share one."""
        if kind not in self.listings and len(self.listings) >= MOST_LISTS:
            kind = next(reversed(self.listings))
        if kind not in self.listings:
            breaker = Breaker(f"{self.name}'s list of {kind[:40]}", self.thresholds, self.clock)
            self.listings[kind] = Listing(kind, breaker, self.now)
        return self.listings[kind]

    def adjust(self, thresholds: Thresholds, repeating: Repeating, at_once: int) -> None:
        """Go by other policies from now on; what is known stays."""
        self.thresholds, self.repeating = thresholds, repeating
        self.slots = asyncio.Semaphore(at_once)
        for listing in self.listings.values():
            listing.breaker.adjust(thresholds)

    def age(self, copy: Copy) -> float:
        """Seconds since it was answered; negative where the clock was set back."""
        return self.now() - copy.at
