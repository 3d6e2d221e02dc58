"""What would become of a request: who would be asked, in which order, what for, at what price."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.negotiate import Change, fitted
from imageway.core.powers import Entitlement, Quote
from imageway.core.request import ImageRequest
from imageway.providers.accounting.price import refuse_above
from imageway.providers.describing import describing
from imageway.providers.keys import Caller
from imageway.providers.powers import entitlement, quote
from imageway.providers.registry import Provider
from imageway.providers.router import Target
from imageway.providers.snapshot import Snapshot
from imageway.providers.tables.money import MaxPrice


@dataclass(frozen=True, slots=True)
class Prospect:
    """One model behind the name: what it would be asked, or why it would be passed by."""

    target: Target
    passed_by: ErrorInfo | None = None
    asked: ImageRequest | None = None
    changes: Sequence[Change] = ()
    known: bool = True
    calls: int = 0
    price: Quote | None = None
    unpriced: str | None = None
    right: Entitlement | None = None
    is_free: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether its turn would come."""
        return self.passed_by is None


@dataclass(frozen=True, slots=True)
class Plan:
    """The models behind a name in their order, and whether this caller may use the name."""

    model: str
    is_route: bool
    allowed: bool
    prospects: Sequence[Prospect]

    @property
    def leads_somewhere(self) -> bool:
        """Whether anybody would be asked."""
        return self.allowed and any(each.is_asked for each in self.prospects)


async def plan(snapshot: Snapshot, request: ImageRequest, caller: Caller) -> Plan:
    """Look ahead with free questions only; raises not_found for a name of nobody."""
    targets = behind(snapshot, request.model)
    prospects = await asyncio.gather(*(_prospect(snapshot, each, request) for each in targets))
    is_route = request.model in snapshot.router.routes
    return Plan(request.model, is_route, caller.may_use(request.model), prospects)


def behind(snapshot: Snapshot, model: str) -> Sequence[Target]:
    """Everything behind a name, the disabled too; raises not_found for a name of nobody."""
    if model in snapshot.router.routes:
        return snapshot.router.routes[model]
    try:
        return snapshot.router.targets(model)
    except ImagewayError as error:
        if error.info.code is ErrorCode.NOT_FOUND:
            raise
    provider, _, name = model.partition("/")
    return (Target(provider, name, {}),)


async def _prospect(snapshot: Snapshot, target: Target, request: ImageRequest) -> Prospect:
    provider = snapshot.providers[target.provider]
    if provider.adapter is None or provider.disabled is not None:
        words = f"{provider.name} is disabled: {provider.disabled}"
        return Prospect(target, ErrorInfo(code=ErrorCode.UNAVAILABLE, message=words))
    try:
        wanted = target.fill(request).having(model=target.model)
        can = await describing(provider.adapter)(target.model)
        asked, changes = fitted(wanted, can)
    except ImagewayError as error:
        return Prospect(target, error.info)
    found = await _priced(provider, Prospect(target, None, asked, changes, can.known), can)
    too_dear = _above(found, snapshot.terms(target).ceilings)
    return found if too_dear is None else replace(found, passed_by=too_dear)


def _above(found: Prospect, ceilings: Sequence[MaxPrice]) -> ErrorInfo | None:
    """Why a model is passed by for its price; work that costs no money never is."""
    if found.asked is None or found.is_free:
        return None
    price = found.price
    each = price and price.model_copy(update={"amount": price.amount / found.asked.count})
    try:
        for ceiling in ceilings:
            refuse_above(ceiling, each, found.target.model)
    except ImagewayError as error:
        return error.info
    return None


async def _priced(provider: Provider, prospect: Prospect, can: Capabilities) -> Prospect:
    asked = prospect.asked
    if asked is None:
        return prospect
    (price, unpriced), right = await asyncio.gather(
        price_of(provider, asked), right_at(provider, prospect.target.model)
    )
    return Prospect(
        prospect.target,
        asked=asked,
        changes=prospect.changes,
        known=prospect.known,
        calls=ceil(asked.count / can.images_per_call),
        price=price,
        unpriced=unpriced,
        right=right,
        is_free=provider.config.cost == "local",
    )


async def price_of(provider: Provider, asked: ImageRequest) -> tuple[Quote | None, str | None]:
    """A price, else why there is none."""
    if provider.config.cost == "local":
        return None, "local work, which costs no money"
    try:
        found = await quote(provider, asked)
    except ImagewayError as error:
        return None, error.info.message
    return found, None if found else "its vendor tells no price beforehand"


async def right_at(provider: Provider, model: str) -> Entitlement | None:
    """The vendor's word on an account's right; where it cannot be had just now, why."""
    try:
        return await entitlement(provider, model)
    except ImagewayError as error:
        return Entitlement(allowed=None, reason=f"it could not be asked: {error.info.message}")
