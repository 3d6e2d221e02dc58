"""The optional powers of a provider, asked through the same policies as its pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from imageway.core.adapter import ChecksEntitlement, ChecksHealth, ListsModels, Quotes
from imageway.core.errors import ImagewayError
from imageway.core.powers import Entitlement, Health, ModelInfo, Quote, ServiceHealth
from imageway.core.request import ImageRequest
from imageway.providers.asking import Asking, ask_through
from imageway.providers.probing import services_of
from imageway.providers.registry import Provider

Answer = TypeVar("Answer")

LISTING_SECONDS = 10.0
LISTED_FOR = 60.0


async def ask(provider: Provider, question: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask one free question through retry, breaker and the attempt's deadline.

    It takes no slot: a vendor that draws one picture at a time can still be asked how it is.
    """
    state, seconds = provider.state, provider.policies.timeout.attempt
    asking = Asking(state.breaker, state.repeating, seconds)
    return await ask_through(asking, provider.name, question)


async def models(provider: Provider) -> Sequence[ModelInfo]:
    """What the vendor lists, remembered for a minute; nothing where it cannot or does not say."""
    adapter, memo = provider.adapter, provider.memo
    if not isinstance(adapter, ListsModels) or memo is None:
        return ()

    async def listed() -> Sequence[ModelInfo]:
        return await ask(provider, adapter.models)

    try:
        async with asyncio.timeout(LISTING_SECONDS):
            return await memo.remember(("imageway", "models"), LISTED_FOR, listed)
    except (ImagewayError, TimeoutError):
        return ()


async def health(provider: Provider) -> Health:
    """How the vendor is, by one free question where it can be asked, else by what is known."""
    if provider.disabled:
        return Health(status="down", detail=f"disabled: {provider.disabled}")
    adapter = provider.adapter
    if not isinstance(adapter, ChecksHealth):
        well = provider.state.breaker.state == "closed"
        found = Health(status="up" if well else "degraded", detail="it cannot be asked for free")
        return _with_services(provider, found)
    try:
        return _with_services(provider, await ask(provider, adapter.check))
    except ImagewayError as error:
        found = Health(status="down", detail=f"{error.info.code}: {error.info.message}")
        return _with_services(provider, found)


def _with_services(provider: Provider, found: Health) -> Health:
    """A health that names each service once, and says if a gallery cannot be kept on disk."""
    told = {each.name: each for each in (*services_of(provider), *found.services)}
    problem = provider.state.gallery.kept.problem
    if problem is not None:
        told["gallery copies"] = ServiceHealth(
            name="gallery copies",
            status="degraded",
            code="in_memory_alone",
            detail=f"kept in memory alone: {problem}",
        )
    return found.model_copy(update={"services": tuple(told.values())})


async def entitlement(
    provider: Provider, model: str, *, recheck: bool = False
) -> Entitlement | None:
    """Whether this account may use a model now; None where the vendor cannot be asked that.

    Nothing is remembered here: an adapter knows how long its vendor's yes is good for.
    """
    adapter = provider.adapter
    if not isinstance(adapter, ChecksEntitlement):
        return None
    return await ask(provider, lambda: adapter.entitlement(model, recheck=recheck))


async def quote(provider: Provider, request: ImageRequest) -> Quote | None:
    """The price before the work; None where the vendor tells none."""
    adapter = provider.adapter
    if not isinstance(adapter, Quotes):
        return None
    return await ask(provider, lambda: adapter.quote(request))
