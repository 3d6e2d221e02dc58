"""Asking what an order would cost, which also tells whether it would be taken at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imageway.adapters.civitai.entitlement import refused
from imageway.adapters.civitai.orchestrator import Orchestrator
from imageway.adapters.civitai.order import Order
from imageway.adapters.civitai.rows import MONEY
from imageway.adapters.civitai.wire import Workflow
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.powers import Entitlement, Verdict

# What the generator may answer where a right is missing; nobody has documented which.
MAY_MEAN_A_RIGHT = frozenset(
    {ErrorCode.FORBIDDEN, ErrorCode.UNSUPPORTED, ErrorCode.INVALID_REQUEST}
)
REASON_BY_VERDICT: dict[Verdict, str] = {
    "trial_possible": (
        "it is in early access, this account has not bought it, and no free trial is left"
    ),
    "missing": (
        "the generator does not let this account use it yet; "
        "a purchase may take some minutes to reach it"
    ),
    "unknown": "the generator does not let this account use it",
}


@dataclass(frozen=True, slots=True)
class Proving:
    """Asks the orchestrator, for free, before and after an order."""

    orchestrator: Orchestrator
    max_buzz: float | None

    async def before(self, order: Order, doubtful: Sequence[Entitlement]) -> None:
        """Refuse what costs too much, cannot be paid, or is not granted; else say nothing."""
        if self.max_buzz is None and not doubtful:
            return
        await self.ask(order, doubtful)

    async def ask(self, order: Order, doubtful: Sequence[Entitlement]) -> Workflow:
        """The price, if the order would be taken."""
        try:
            answer = await self.orchestrator.price(order)
        except ImagewayError as error:
            raise meaning(error, doubtful) from error
        if answer.transactions is not None and answer.transactions.short:
            raise no_money(None)
        total = None if answer.cost is None else answer.cost.total
        if self.max_buzz is not None and total is not None and total > self.max_buzz:
            raise ImagewayError(
                ErrorCode.QUOTA_EXHAUSTED,
                f"CivitAI asks {total:g} Buzz for this, and max_buzz is {self.max_buzz:g}",
                hint="ask for fewer or smaller pictures, or raise max_buzz of this provider",
                details={"buzz": total, "max_buzz": self.max_buzz},
            )
        return answer

    async def after(
        self, order: Order, error: ImagewayError, doubtful: Sequence[Entitlement]
    ) -> ImagewayError:
        """What the refusal of an order means; one word stands for a lack of money and of a right.

        https://developer.civitai.com/orchestration/guide/errors-and-retries
        """
        if error.info.code is not ErrorCode.FORBIDDEN:
            return meaning(error, doubtful)
        try:
            answer = await self.orchestrator.price(order)
        except ImagewayError as again:
            is_refusal = again.info.code in MAY_MEAN_A_RIGHT
            return meaning(again if is_refusal else error, doubtful)
        if answer.transactions is not None and answer.transactions.short:
            return no_money(error.info.vendor_message)
        return meaning(error, doubtful)


def meaning(error: ImagewayError, doubtful: Sequence[Entitlement]) -> ImagewayError:
    """A refusal of what is doubtful is the refusal of a right, unless it names a wrong field."""
    info = error.info
    if not doubtful or info.code not in MAY_MEAN_A_RIGHT or "path" in info.details:
        return error
    return ImagewayError.carrying(_not_granted(doubtful[0], info))


def _not_granted(verdict: Entitlement, said: ErrorInfo) -> ErrorInfo:
    final = verdict.model_copy(
        update={
            "allowed": False,
            "verdict": "missing",
            "reason": REASON_BY_VERDICT.get(verdict.verdict, verdict.reason),
            "vendor_message": said.vendor_message,
        }
    )
    info = refused(final)
    return info.model_copy(update={"vendor_code": said.vendor_code})


def no_money(words: str | None) -> ImagewayError:
    """An empty purse, with the vendor's words for it where there are any."""
    return ImagewayError(
        MONEY.code,
        MONEY.message.format(who="CivitAI"),
        hint=MONEY.hint,
        origin="vendor",
        vendor_message=words,
    )
