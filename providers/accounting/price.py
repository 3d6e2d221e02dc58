"""What a picture costs before it is asked for, by the vendor's quote or a dated table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from imageway.core.adapter import Adapter, Quotes
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.negotiate import Describe
from imageway.core.powers import Quote
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler
from imageway.providers.accounting.accounts import Account, Accounts
from imageway.providers.asking import Asking, ask_through
from imageway.providers.state import State
from imageway.providers.tables.money import MaxPrice, spell

# The price of one picture, by a request for some of them; None where nobody tells it.
Pricing = Callable[[ImageRequest], Awaitable[Quote | None]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one candidate besides its provider: its routes' ceilings, and who pays."""

    ceilings: tuple[MaxPrice, ...] = ()
    accounts: Accounts | None = None

    def account(self, run: Run) -> Account | None:
        """The account of whoever asked; None where nobody's spending is written down."""
        return None if self.accounts is None else self.accounts.of(run.caller)


NO_TERMS = Terms()


def pricing(adapter: Adapter, describe: Describe, state: State, seconds: float) -> Pricing:
    """Ask the adapter, as many pictures at a time as the vendor makes in one call."""
    if not isinstance(adapter, Quotes):
        return nobody_tells
    asking = Asking(state.breaker, state.repeating, seconds)
    ask: Callable[[ImageRequest], Awaitable[Quote]] = adapter.quote

    async def price(request: ImageRequest) -> Quote | None:
        count = min(request.count, (await describe(request.model)).images_per_call)
        some = request.having(count=count)
        try:
            quote = await ask_through(asking, state.breaker.name, lambda: ask(some))
        except ImagewayError as error:
            if error.info.code is ErrorCode.UNSUPPORTED:
                return None
            raise
        return quote.model_copy(update={"amount": quote.amount / count})

    return price


async def nobody_tells(request: ImageRequest) -> Quote | None:
    """The price at an adapter that tells none."""
    return None


def priced(inner: Handler, price: Pricing, terms: Terms) -> Handler:
    """Refuse what is dearer than a ceiling, and keep each paid call within its caller's budget."""

    async def handler(request: ImageRequest, run: Run) -> None:
        account = terms.account(run)
        is_asked = terms.ceilings or (account is not None and account.budget is not None)
        each = await price(request) if is_asked else None
        for ceiling in terms.ceilings:
            refuse_above(ceiling, each, request.model)
        if account is None:
            await inner(request, run)
            return
        tab = account.tab(each, request.model)
        tab.look()
        try:
            await inner(request, run.recording(replace(run.hooks, on_paying=tab.after(run.hooks))))
        finally:
            tab.close()

    return handler


def refuse_above(ceiling: MaxPrice, each: Quote | None, model: str) -> None:
    """Raise quota_exhausted where one picture costs more, or nobody knows that it does not."""
    most = None if each is None else ceiling.by_unit.get(each.unit)
    is_free = each is not None and each.amount == 0
    if (each is None or most is None) and not is_free and ceiling.unknown == "refuse":
        raise _unknown(ceiling.by_unit, each, model)
    if each is not None and most is not None and each.amount > most:
        raise ImagewayError(
            ErrorCode.QUOTA_EXHAUSTED,
            f"a picture by {model!r} costs {spell(each.amount, each.unit)}, "
            f"and max_price is {spell(most, each.unit)}",
            hint="ask for a smaller or simpler picture, or raise max_price in plugins.toml",
            details={"price": each.amount, "max_price": most, "unit": each.unit},
        )


def _unknown(units: Iterable[str], each: Quote | None, model: str) -> ImagewayError:
    told = "nobody tells it" if each is None else f"it is told in {each.unit}"
    return ImagewayError(
        ErrorCode.QUOTA_EXHAUSTED,
        f"the price of a picture by {model!r} is not known in {' or '.join(units)}: {told}",
        hint='name its unit in max_price too, or say max_price.unknown = "allow"',
    )
