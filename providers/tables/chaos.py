"""The table [chaos]: which vendors shall seem to fail, how, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from imageway.core.errors import ErrorCode
from imageway.providers.tables.section import Section, describe
from imageway.providers.tables.units import Duration, spell_seconds

# What a vendor can be the cause of; the other codes are ours or the caller's.
VendorCode = Literal[
    "invalid_request",
    "too_large",
    "rejected",
    "unsupported",
    "not_found",
    "unauthenticated",
    "forbidden",
    "not_entitled",
    "quota_exhausted",
    "rate_limited",
    "unavailable",
    "timeout",
    "network",
    "failed",
    "bad_answer",
    "outcome_unknown",
]
EXAMPLE = "2027-01-31T18:00:00Z"


def moment(value: object) -> datetime:
    """Read a date with its time and its offset, as TOML has them."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    raise ValueError(f"must be a date, a time and an offset, without quotes, such as {EXAMPLE}")


Moment = Annotated[AwareDatetime, BeforeValidator(moment)]


class Trouble(Section):
    """What a vendor's orders suffer; whatever fails was not sent, and costs nothing."""

    error: VendorCode | None = describe(
        None, "a code: the order fails with it at once, and the vendor is not asked"
    )
    retry_after: Duration | None = describe(None, "the wait that the vendor names beside the error")
    latency: Duration = describe(0.0, "the vendor thinks so much longer")
    cut: Annotated[int, Field(ge=0)] | None = describe(
        None, "so many pictures of an order are asked for and come, then its answer is lost"
    )
    drip: Duration = describe(0.0, "each picture comes so much later than the one before")
    ratio: Annotated[float, Field(gt=0, le=1)] = describe(
        1.0, "the share of the orders that suffers"
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.error is None and self.cut is None and not self.latency and not self.drip:
            raise ValueError("does nothing; give it an error, a latency, a cut or a drip")
        if self.error is not None and (self.cut is not None or self.drip):
            raise ValueError("fails before any picture; a cut or a drip needs some")
        if self.retry_after is not None and self.error is None:
            raise ValueError("has a retry_after and no error beside which it is named")
        return self

    @property
    def code(self) -> ErrorCode | None:
        """The error's code."""
        return None if self.error is None else ErrorCode(self.error)

    def __str__(self) -> str:
        """For people."""
        later = self.retry_after is not None
        said = (
            (f"error {self.error}", self.error is not None),
            (f"retry_after {_spelled(self.retry_after or 0.0)}", later),
            (f"latency {_spelled(self.latency)}", self.latency),
            (f"cut after {self.cut}", self.cut is not None),
            (f"drip {_spelled(self.drip)}", self.drip),
            (f"for {self.ratio:.0%} of the orders", self.ratio < 1),
        )
        return ", ".join(words for words, is_so in said if is_so)


class Chaos(Section):
    """A rehearsal, for operators; nobody can begin one unless it is enabled here."""

    enabled: bool = describe(
        False, "true: what stands here counts, and `imageway chaos` may begin more"
    )
    until: Moment | None = describe(
        None, "when it ends by itself; must be given beside a provider's table"
    )
    providers: Mapping[str, Trouble] = describe({}, "a table for each that shall seem to fail")

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.providers and self.until is None:
            raise ValueError(f"must say when it ends, such as until = {EXAMPLE}")
        return self


def _spelled(seconds: float) -> str:
    return spell_seconds(seconds).strip('"')
