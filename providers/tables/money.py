"""The tables of plugins.toml that speak of money: what a picture may cost, what a key may spend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from imageway.providers.tables.section import Section, describe

Unknown = Literal["refuse", "allow"]
Period = Literal["day", "month"]
Amount = Annotated[float, Field(ge=0, le=1_000_000)]

# A key of these tables, and the unit that vendors write.
UNIT_BY_KEY: Mapping[str, str] = {"usd": "USD", "buzz": "buzz"}
PERIODS: tuple[Period, ...] = ("day", "month")


def spell(amount: float, unit: str) -> str:
    """An amount as people read it."""
    return f"{amount:.6f}".rstrip("0").rstrip(".") + f" {unit}"


class MaxPrice(Section):
    """The most that one picture may cost, compared before anything is sent."""

    usd: Amount | None = describe(None, "US dollars for one picture")
    buzz: Amount | None = describe(None, "Buzz for one picture")
    unknown: Unknown = describe(
        "refuse", "a model whose price nobody tells in one of these units is passed over, or asked"
    )

    @property
    def by_unit(self) -> Mapping[str, float]:
        """The ceilings that are set."""
        found = {unit: getattr(self, key) for key, unit in UNIT_BY_KEY.items()}
        return {unit: most for unit, most in found.items() if most is not None}

    @model_validator(mode="after")
    def _says_something(self) -> MaxPrice:
        if not self.by_unit:
            raise ValueError("must name a price, such as { usd = 0.10 }")
        return self


@dataclass(frozen=True, slots=True)
class Limit:
    """So much of one unit in one period."""

    unit: str
    period: Period
    most: float


class KeyBudget(Section):
    """What a key may spend by UTC day and month: reserved before each paid call, settled after."""

    usd_per_day: Amount | None = describe(None, "US dollars a day")
    usd_per_month: Amount | None = describe(None, "US dollars a month")
    buzz_per_day: Amount | None = describe(None, "Buzz a day")
    buzz_per_month: Amount | None = describe(None, "Buzz a month")
    on_limit: Literal["refuse", "warn"] = describe(
        "refuse", "what would cost more than is left is not sent, or sent with a note"
    )
    unknown: Unknown = describe(
        "refuse", "a model whose price nobody tells in one of these units is passed over, or asked"
    )

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Those that are set."""
        return tuple(self._limits())

    def _limits(self) -> Iterator[Limit]:
        for key, unit in UNIT_BY_KEY.items():
            for period in PERIODS:
                most = getattr(self, f"{key}_per_{period}")
                if most is not None:
                    yield Limit(unit, period, most)

    @model_validator(mode="after")
    def _says_something(self) -> KeyBudget:
        if not self.limits:
            raise ValueError("must name an amount, such as { usd_per_day = 2.00 }")
        return self
