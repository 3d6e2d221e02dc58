"""What stands behind a name: its tree of routes, and what each model can do and may cost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from imageway.core.capability import Capabilities
from imageway.core.powers import Entitlement, Quote
from imageway.core.request import ImageRequest
from imageway.providers.config import Config
from imageway.providers.describing import describing
from imageway.providers.planning import behind, price_of, right_at
from imageway.providers.registry import Provider
from imageway.providers.router import Target
from imageway.providers.snapshot import Snapshot

# A price is asked for one picture of whatever shape the model usually draws.
SAMPLE: Mapping[str, JsonValue] = {"prompt": "a red fox in snow"}


@dataclass(frozen=True, slots=True)
class Branch:
    """A name in the tree: a route with those that it tries, or a model; and the wishes it fills."""

    name: str
    defaults: Mapping[str, JsonValue]
    tries: Sequence[Branch] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One model behind the name; without capabilities its provider is disabled."""

    target: Target
    provider: Provider
    can: Capabilities | None = None
    price: Quote | None = None
    unpriced: str | None = None
    right: Entitlement | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A name, its tree, and each model in it once, in their order."""

    tree: Branch
    title: str | None
    models: Sequence[Model]


async def explain(snapshot: Snapshot, name: str) -> Explanation:
    """Look behind a name with free questions only; raises not_found for a name of nobody."""
    targets = {each.name: each for each in behind(snapshot, name)}
    models = await asyncio.gather(*(_model(snapshot, each) for each in targets.values()))
    config = snapshot.source.config
    route = config.routes.get(name)
    return Explanation(_branch(config, name, {}), route.title if route else None, models)


def _branch(config: Config, name: str, defaults: Mapping[str, JsonValue]) -> Branch:
    route = config.routes.get(name)
    entries = route.entries if route else ()
    return Branch(name, defaults, [_branch(config, e.model, e.defaults) for e in entries])


async def _model(snapshot: Snapshot, target: Target) -> Model:
    provider = snapshot.providers[target.provider]
    if provider.adapter is None or provider.disabled is not None:
        return Model(target, provider)
    can, (price, unpriced), right = await asyncio.gather(
        describing(provider.adapter)(target.model),
        _sample_price(provider, target),
        right_at(provider, target.model),
    )
    return Model(target, provider, can, price, unpriced, right)


async def _sample_price(provider: Provider, target: Target) -> tuple[Quote | None, str | None]:
    request = target.fill(ImageRequest.build(SAMPLE)).having(model=target.model)
    return await price_of(provider, request)
