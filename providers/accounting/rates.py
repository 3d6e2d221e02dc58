"""How fast a key may ask, and how many of its requests may be under way at one time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated

from pydantic import Field, model_validator

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.tables.section import Section, describe

MINUTE = 60.0
# Nobody knows when one of those under way ends.
A_MOMENT = 2.0


class Rate(Section):
    """How often a key may ask; what is too much is answered with 429 and when to try again."""

    requests_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = describe(
        None, "within any sixty seconds; what is refused does not count"
    )
    at_once: Annotated[int, Field(ge=1, le=10_000)] | None = describe(
        None, "requests under way at one time, those in line among them"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Rate:
        if self.requests_per_minute is None and self.at_once is None:
            raise ValueError("must name requests_per_minute, at_once or both")
        return self


@dataclass(frozen=True, slots=True)
class Pace:
    """How a key stands against its rate: allowed in a minute, left, and seconds until all are."""

    limit: int
    left: int
    seconds: float


@dataclass(slots=True, eq=False)
class Turnstile:
    """Counts what one key has asked within the last minute; it lives across reloads."""

    clock: Callable[[], float] = monotonic
    _passed: deque[float] = field(default_factory=deque[float])

    def count(self) -> None:
        """One more."""
        self._lately().append(self.clock())

    def pace(self, limit: int) -> Pace:
        """How it stands."""
        passed = self._lately()
        seconds = passed[-1] + MINUTE - self.clock() if passed else 0.0
        return Pace(limit, max(0, limit - len(passed)), max(0.0, seconds))

    def wait(self, limit: int) -> float:
        """Seconds until one more may pass."""
        passed = self._lately()
        if len(passed) < limit:
            return 0.0
        return max(0.0, passed[-limit] + MINUTE - self.clock())

    def _lately(self) -> deque[float]:
        since = self.clock() - MINUTE
        while self._passed and self._passed[0] <= since:
            self._passed.popleft()
        return self._passed


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one configuration over what has been asked under any."""

    by_key: Mapping[str, Rate]
    clock: Callable[[], float] = monotonic
    turnstiles: dict[str, Turnstile] = field(default_factory=dict[str, Turnstile])

    def admit(self, caller: str, under_way: int) -> None:
        """Count one request more; raises rate_limited where it is too much."""
        rate = self.by_key.get(caller)
        if rate is None:
            return
        if rate.at_once is not None and under_way >= rate.at_once:
            raise _too_much(
                f"the key {caller!r} has {under_way} requests under way, "
                f"and at_once is {rate.at_once}",
                "wait until one of them has ended",
                A_MOMENT,
            )
        turnstile = self.turnstiles.setdefault(caller, Turnstile(self.clock))
        most = rate.requests_per_minute
        if most is not None and (seconds := turnstile.wait(most)) > 0:
            raise _too_much(
                f"the key {caller!r} may ask {most} times a minute",
                f"ask again in {max(1.0, seconds):.0f} seconds",
                max(1.0, seconds),
            )
        turnstile.count()

    def pace(self, caller: str) -> Pace | None:
        """How a key stands; None where it may ask as fast as it likes."""
        rate = self.by_key.get(caller)
        if rate is None or rate.requests_per_minute is None:
            return None
        turnstile = self.turnstiles.setdefault(caller, Turnstile(self.clock))
        return turnstile.pace(rate.requests_per_minute)


def _too_much(message: str, hint: str, seconds: float) -> ImagewayError:
    return ImagewayError(ErrorCode.RATE_LIMITED, message, hint=hint, retry_after=seconds)
