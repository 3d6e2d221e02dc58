"""The policies of plugins.toml: the same tables for every provider, over those of [defaults]."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from imageway.core.breaker import Thresholds
from imageway.core.outgoing import Times
from imageway.core.retry import Backoff
from imageway.providers.units import ByteRate, Duration, PositiveDuration

Positive = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A table of the file; an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Timeout(Section):
    """Seconds, but for the least rate; `total` covers the whole request, queue included."""

    connect: PositiveDuration = 3.0
    first_byte: PositiveDuration = 180.0
    idle: PositiveDuration = 30.0
    min_rate: ByteRate = 1024.0
    attempt: PositiveDuration = 300.0
    total: PositiveDuration = 900.0

    @property
    def times(self) -> Times:
        """What of it concerns one call."""
        return Times(connect=self.connect, first_byte=self.first_byte, idle=self.idle)


class Waits(Section):
    """Seconds between attempts: the first, how it grows, the longest; always with full jitter."""

    first: PositiveDuration = 0.5
    factor: Annotated[float, Field(ge=1, le=10)] = 2.0
    max: PositiveDuration = 20.0
    jitter: Literal["full"] = "full"


class Budget(Section):
    """How many repeats there may be: a share of what is asked, and so many a minute anyway."""

    percent: Annotated[float, Field(ge=0, le=100)] = 10.0
    min_per_minute: Annotated[int, Field(ge=0, le=1000)] = 3


class Retry(Section):
    """When the same vendor is asked again; only ever while nothing can have been charged."""

    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    backoff: Waits = Waits()
    respect_retry_after: Duration = 60.0
    budget: Budget = Budget()

    @property
    def waits(self) -> Backoff:
        """The same for the policy."""
        return Backoff(
            attempts=self.attempts,
            first=self.backoff.first,
            factor=self.backoff.factor,
            most=self.backoff.max,
            longest_retry_after=self.respect_retry_after,
        )


class Switch(Section):
    """When a vendor that fails is left alone, and for how long."""

    window: PositiveDuration = 60.0
    min_calls: Positive = 5
    failure_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    open_for: PositiveDuration = 30.0
    max_open: PositiveDuration = 600.0

    @property
    def thresholds(self) -> Thresholds:
        """The same for the policy."""
        return Thresholds(
            window=self.window,
            min_calls=self.min_calls,
            failure_ratio=self.failure_ratio,
            open_for=self.open_for,
            most_open=max(self.max_open, self.open_for),
        )


class Concurrency(Section):
    """How many attempts run at once, and how many requests wait behind them."""

    at_once: Positive = 4
    queue: Annotated[int, Field(ge=0)] = 50


class Policies(Section):
    """What stands between a request and its vendor; every key has a default."""

    timeout: Timeout = Timeout()
    retry: Retry = Retry()
    breaker: Switch = Switch()
    concurrency: Concurrency = Concurrency()


Table = TypeVar("Table", bound=Section)


def over(base: Table, own: Section | None) -> Table:
    """The base with every key that the other table sets, table within table."""
    if own is None:
        return base
    changes: dict[str, object] = {}
    for name in own.model_fields_set & type(base).model_fields.keys():
        mine, theirs = getattr(own, name), getattr(base, name)
        changes[name] = over(theirs, mine) if isinstance(theirs, Section) else mine
    return base.model_copy(update=changes)
