"""The callers who pay: what each may spend, reserved before a paid call and settled after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Quote
from imageway.core.run import Call, Hooks, Run
from imageway.providers.accounting.spending import Spending
from imageway.providers.config import Key
from imageway.providers.tables.money import KeyBudget, Limit, spell


@dataclass(frozen=True, slots=True)
class Accounts:
    """The keys of one configuration over what has been spent under any."""

    keys: Mapping[str, Key]
    spending: Spending

    def of(self, caller: str | None) -> Account | None:
        """The account of a key; whoever asks without one has none."""
        if caller is None or caller not in self.keys:
            return None
        return Account(caller, self.keys[caller].budget, self.spending)


@dataclass(frozen=True, slots=True)
class Account:
    """One key's money."""

    caller: str
    budget: KeyBudget | None
    spending: Spending

    def tab(self, each: Quote | None, model: str) -> Tab:
        """What one request at one model comes to, a picture costing so much."""
        return Tab(self, each, model)

    def short(self, amount: float, unit: str) -> ImagewayError | None:
        """Why so much more may not be spent; None where it may."""
        for limit in () if self.budget is None else self.budget.limits:
            is_meant = limit.unit == unit
            if is_meant and self.spending.is_short_of(self.caller, limit, amount):
                return self._exhausted(limit, amount)
        return None

    def _exhausted(self, limit: Limit, amount: float) -> ImagewayError:
        so_far = self.spending.sum(self.caller, limit.unit, limit.period)
        resets = self.spending.resets_at(limit.period)
        return ImagewayError(
            ErrorCode.QUOTA_EXHAUSTED,
            f"the key {self.caller!r} may spend {spell(limit.most, limit.unit)} a {limit.period}; "
            f"{spell(so_far.spent + so_far.reserved, limit.unit)} are spent or reserved, and this "
            f"would cost {spell(amount, limit.unit)}",
            hint=f"it begins anew at {resets:%Y-%m-%d %H:%M} UTC",
            retry_after=max(1.0, resets.timestamp() - self.spending.now()),
            details={
                "limit": limit.most,
                "spent": so_far.spent,
                "reserved": so_far.reserved,
                "unit": limit.unit,
                "period": limit.period,
                "resets": resets.isoformat(),
            },
        )

    def unpriced(self, each: Quote | None, model: str) -> ImagewayError | None:
        """Why a price that cannot be compared is refused; None where it may be spent."""
        budget = self.budget
        if budget is None or budget.unknown == "allow":
            return None
        units = dict.fromkeys(limit.unit for limit in budget.limits)
        if each is not None and (each.unit in units or each.amount == 0):
            return None
        told = "nobody tells it" if each is None else f"it is told in {each.unit}"
        return ImagewayError(
            ErrorCode.QUOTA_EXHAUSTED,
            f"the key {self.caller!r} has a budget in {' and '.join(units)}, and the price of a "
            f"picture by {model!r} is not known in it: {told}",
            hint='name its unit in the budget too, or say budget.unknown = "allow"',
        )


@dataclass(slots=True, eq=False)
class Tab:
    """The paid calls of one request at one model, until each is settled."""

    account: Account
    each: Quote | None
    model: str
    calls: list[Call] = field(default_factory=list[Call])

    def look(self) -> None:
        """Raise quota_exhausted where not even one picture can be paid, before anybody waits."""
        budget = self.account.budget
        if self.each is None or budget is None or budget.on_limit == "warn":
            return
        if (error := self.account.short(self.each.amount, self.each.unit)) is not None:
            raise error

    def after(self, hooks: Hooks) -> Callable[[Run], Awaitable[None]]:
        """Reserve for each call once, after whoever else wants to hear of it."""

        async def paying(run: Run) -> None:
            if hooks.on_paying is not None:
                await hooks.on_paying(run)
            self._settle_what_has_ended()
            if run.call not in self.calls:
                await self._reserve(run)

        return paying

    def close(self) -> None:
        """Settle everything, as far as it is certain."""
        for call in self.calls:
            self._settle(call)

    async def _reserve(self, run: Run) -> None:
        if (error := self.account.unpriced(self.each, self.model)) is not None:
            raise error
        self.calls.append(run.call)
        amount = 0.0 if self.each is None else self.each.amount * len(run.indices)
        if self.each is None or not amount:
            return
        error = self.account.short(amount, self.each.unit)
        if error is not None and self.account.budget and self.account.budget.on_limit == "refuse":
            raise error
        if error is not None:
            run.note("degraded", f"{error.info.message}; it is asked all the same")
        spending = self.account.spending
        await spending.reserve(self.account.caller, run.call_id, amount, self.each.unit)

    def _settle_what_has_ended(self) -> None:
        """An attempt that cost nothing gives back what was held for it before the next begins."""
        for call in [each for each in self.calls if each.closed]:
            self._settle(call)
            self.calls.remove(call)

    def _settle(self, call: Call) -> None:
        spending = self.account.spending
        spending.settle(self.account.caller, call.id, call.charged, call.costs)
