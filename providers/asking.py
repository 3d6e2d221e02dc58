"""A free question to an adapter, through the policies that it goes by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

from imageway.core.breaker import Breaker
from imageway.core.door import guarded
from imageway.core.errors import ErrorInfo
from imageway.core.retry import Repeating
from imageway.providers.state import State

Answer = TypeVar("Answer")

NO_LINE = nullcontext()


@dataclass(frozen=True, slots=True)
class Asking:
    """The policies that a free question goes through; without slots any number runs at once."""

    breaker: Breaker
    repeating: Repeating
    seconds: float
    slots: AbstractAsyncContextManager[object] = NO_LINE

    @classmethod
    def of(cls, state: State, seconds: float) -> Asking:
        """The policies of a provider; no slot is taken, for its pictures need them."""
        return cls(state.breaker, state.repeating, seconds)


async def politely(
    asking: Asking, question: Callable[[], Awaitable[Answer]], *, repeats: bool = True
) -> Answer:
    """Ask through retry, breaker and a deadline; without repeats a failure is the answer."""

    async def pause(error: ErrorInfo, wait: float) -> bool:
        await asking.repeating.sleep(wait)
        return True

    async def attempt() -> Answer:
        async with asking.slots:
            return await asking.breaker.ask(lambda: guarded(question, asking.seconds))

    return await asking.repeating.ask(attempt, pause, lambda error: repeats)
