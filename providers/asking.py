"""A free question to an adapter, through the policies of its provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from imageway.core.door import guarded
from imageway.core.errors import ErrorInfo
from imageway.providers.state import State

Answer = TypeVar("Answer")


async def politely(
    question: Callable[[], Awaitable[Answer]], state: State, seconds: float
) -> Answer:
    """Ask through retry, breaker and a deadline for each attempt."""

    async def pause(error: ErrorInfo, wait: float) -> bool:
        await state.repeating.sleep(wait)
        return True

    async def attempt() -> Answer:
        return await state.breaker.ask(lambda: guarded(question, seconds))

    return await state.repeating.ask(attempt, pause)
