"""What each key has spent, reserved and asked, as data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from imageway.providers.snapshot import Snapshot
from imageway.providers.tables.money import PERIODS, Period


class AmountReport(BaseModel):
    """One unit in one period: what is spent and reserved, and how much there may be at most."""

    model_config = ConfigDict(frozen=True)

    unit: str
    period: Period
    spent: float
    reserved: float
    limit: float | None
    resets: datetime


class RateReport(BaseModel):
    """How a key stands against its rate."""

    model_config = ConfigDict(frozen=True)

    requests_per_minute: int | None
    requests_left: int | None
    at_once: int | None


class UsageReport(BaseModel):
    """One key."""

    model_config = ConfigDict(frozen=True)

    key: str
    amounts: tuple[AmountReport, ...]
    rate: RateReport | None


def usage(snapshot: Snapshot) -> tuple[UsageReport, ...]:
    """Every key of the file, in its order."""
    return tuple(usage_of(snapshot, key) for key in snapshot.source.config.keys)


def usage_of(snapshot: Snapshot, key: str) -> UsageReport:
    """One key; whoever asks without one has spent nothing that is written down."""
    rate, pace = snapshot.rates.by_key.get(key), snapshot.rates.pace(key)
    return UsageReport(
        key=key,
        amounts=tuple(_amounts(snapshot, key)),
        rate=None
        if rate is None
        else RateReport(
            requests_per_minute=rate.requests_per_minute,
            requests_left=None if pace is None else pace.left,
            at_once=rate.at_once,
        ),
    )


def _amounts(snapshot: Snapshot, key: str) -> Iterator[AmountReport]:
    account, spending = snapshot.accounts.of(key), snapshot.accounts.spending
    limits = () if account is None or account.budget is None else account.budget.limits
    most = {(limit.unit, limit.period): limit.most for limit in limits}
    for unit in dict.fromkeys([*(limit.unit for limit in limits), *spending.units(key)]):
        for period in PERIODS:
            found = spending.sum(key, unit, period)
            yield AmountReport(
                unit=unit,
                period=period,
                spent=found.spent,
                reserved=found.reserved,
                limit=most.get((unit, period)),
                resets=spending.resets_at(period),
            )
