"""Where seeds come from when the caller names none."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

MOST_SEED = 2**53 - 1
USUAL_SEED = 42


def seed_of_time(nanoseconds: int) -> int:
    """A seed from a time: near times give far seeds."""
    return int.from_bytes(sha256(str(nanoseconds).encode()).digest()[:8]) % (MOST_SEED + 1)


@dataclass(frozen=True, slots=True)
class Seeds:
    """The two sources: the clock and chance."""

    nanoseconds: Callable[[], int] = time.time_ns
    below: Callable[[int], int] = secrets.randbelow

    def from_clock(self) -> int:
        """A seed that another moment would not give."""
        return seed_of_time(self.nanoseconds())

    def random(self) -> int:
        """Any seed."""
        return self.below(MOST_SEED + 1)
