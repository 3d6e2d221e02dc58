"""The policies of plugins.toml: the same tables for every provider, over those of [defaults]."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field

from imageway.core.breaker import Thresholds
from imageway.core.outgoing import Times
from imageway.core.retry import Backoff
from imageway.providers.tables.keeping import Keeping
from imageway.providers.tables.section import Section, describe
from imageway.providers.tables.units import ByteRate, Duration, Positive, PositiveDuration


class Timeout(Section):
    """Seconds, but for the least rate; `total` covers the whole request, queue included."""

    connect: PositiveDuration = describe(3.0, "to connect to the vendor")
    first_byte: PositiveDuration = describe(
        180.0, "from a request that was sent to the first byte of its answer"
    )
    idle: PositiveDuration = describe(30.0, "between two bytes, once the first has come")
    min_rate: ByteRate = describe(1024.0, "an answer slower than this over 20 s is cut")
    attempt: PositiveDuration = describe(
        300.0, "one try; it ends when the vendor has accepted a job that is then polled"
    )
    total: PositiveDuration = describe(900.0, "the whole request, line and repeats included")

    @property
    def times(self) -> Times:
        """What of it concerns one call."""
        return Times(
            connect=self.connect,
            first_byte=self.first_byte,
            idle=self.idle,
            min_rate=self.min_rate,
        )


class Waits(Section):
    """Seconds between attempts: the first, how it grows, the longest; always with full jitter."""

    first: PositiveDuration = describe(0.5, "at most so long before the second attempt")
    factor: Annotated[float, Field(ge=1, le=10)] = describe(
        2.0, "how much longer before each further one"
    )
    max: PositiveDuration = describe(20.0, "never longer than this")
    jitter: Literal["full"] = describe("full", "each wait is a random share of that")


class Budget(Section):
    """How many repeats there may be: a share of what is asked, and so many a minute anyway."""

    percent: Annotated[float, Field(ge=0, le=100)] = describe(
        10.0, "repeats, of what is asked within a minute"
    )
    min_per_minute: Annotated[int, Field(ge=0, le=1000)] = describe(
        3, "repeats that are allowed anyway"
    )


class Retry(Section):
    """When the same vendor is asked again; only ever while nothing can have been charged."""

    attempts: Annotated[int, Field(ge=1, le=10)] = describe(
        3, "tries altogether, the first included"
    )
    backoff: Waits = Waits()
    respect_retry_after: Duration = describe(
        60.0,
        "a vendor's own wait is kept up to this; for longer ones the next of the route is asked",
    )
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

    window: PositiveDuration = describe(60.0, "how far back calls count")
    min_calls: Positive = describe(5, "with fewer calls it never opens")
    failure_ratio: Annotated[float, Field(gt=0, le=1)] = describe(
        0.5, "opens when so large a share has failed"
    )
    open_for: PositiveDuration = describe(
        30.0, "how long nobody asks then; it doubles while tries fail"
    )
    max_open: PositiveDuration = describe(600.0, "never longer than this")

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

    at_once: Positive = describe(4, "attempts under way at one time")
    queue: Annotated[int, Field(ge=0)] = describe(
        50, "requests that wait behind them; the next is refused, or goes to the next of the route"
    )


class Policies(Section):
    """What stands between a request and its vendor; every key has a default."""

    timeout: Timeout = Timeout()
    retry: Retry = Retry()
    breaker: Switch = Switch()
    concurrency: Concurrency = Concurrency()
    gallery: Keeping = Keeping()


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
