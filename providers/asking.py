"""A free question to an adapter, through the policies of its provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

from imageway.core.breaker import Breaker
from imageway.core.door import guarded
from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.core.retry import Repeating

Answer = TypeVar("Answer")

NO_LINE = nullcontext()


@dataclass(frozen=True, slots=True)
class Asking:
    """The policies that a free question goes through; without slots any number runs at once."""

    breaker: Breaker
    repeating: Repeating
    seconds: float
    slots: AbstractAsyncContextManager[object] = NO_LINE


async def ask_through(
    asking: Asking,
    name: str,
    question: Callable[[], Awaitable[Answer]],
    *,
    repeats: bool = True,
) -> Answer:
    """The same through any policies; without repeats a failure is the answer."""

    async def pause(error: ErrorInfo, wait: float) -> bool:
        await asking.repeating.sleep(wait)
        return True

    async def attempt() -> Answer:
        async with asking.slots:
            return await asking.breaker.ask(lambda: guarded(question, asking.seconds))

    try:
        return await asking.repeating.ask(attempt, pause, lambda error: repeats)
    except ImagewayError as error:
        raise ImagewayError.carrying(error.info.of(name, None)) from error
