"""The callers' money and pace, as one configuration has them; what they have used lives on."""

from __future__ import annotations

from imageway.providers.accounting.accounts import Accounts
from imageway.providers.accounting.rates import Rates
from imageway.providers.accounting.spending import Spending
from imageway.providers.loading import Source
from imageway.providers.state import Surroundings

FILE_NAME = "spending.db"


def accounts_of(source: Source, around: Surroundings, before: Accounts | None) -> Accounts:
    """The keys' budgets over what was spent before; another folder counts from the next start."""
    if before is not None:
        return Accounts(source.config.keys, before.spending)
    return Accounts(source.config.keys, Spending(source.state / FILE_NAME, around.now))


def rates_of(source: Source, around: Surroundings, before: Rates | None) -> Rates:
    """The keys' rates over what was asked within the last minute."""
    by_key = {name: key.rate for name, key in source.config.keys.items() if key.rate is not None}
    return Rates(by_key, around.clock, {} if before is None else before.turnstiles)
