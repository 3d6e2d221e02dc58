"""Asking providers how they are, now and then, where the question is free."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from imageway.core.adapter import ChecksHealth, KnowsServices
from imageway.core.breaker import speaks_of_the_vendor
from imageway.core.door import guarded
from imageway.core.errors import ImagewayError
from imageway.core.powers import Health, ServiceHealth
from imageway.providers.registry import Provider
from imageway.providers.reloading.holding import InForce
from imageway.providers.state import REAL, Surroundings

log = logging.getLogger("imageway.health")

# How often it is looked who is due; an interval that is saved is heeded that soon.
BEAT = 1.0
PROBE_SECONDS = 10.0
# Gateways that were started together do not ask together.
JITTER = 0.2


async def probe_now_and_then(in_force: InForce, around: Surroundings = REAL) -> None:
    """Ask whoever is due, until cancelled; each provider has a time of its own."""
    due: dict[str, float] = {}
    while True:
        with in_force.holding() as snapshot:
            interval = snapshot.source.config.health.interval
            now = around.clock()
            asked = [each for each in snapshot.providers.values() if due.get(each.name, now) <= now]
            for provider in asked:
                spread = 1 + JITTER * (2 * around.chance() - 1)
                due[provider.name] = now + interval * spread
            if interval:
                await asyncio.gather(*map(probe, asked))
        await around.sleep(BEAT)


async def probe(provider: Provider) -> None:
    """Ask one, unless it is switched off or left alone; its answer counts for the breaker too.

    It is asked once: that it does not answer is the answer.
    """
    adapter, state = provider.adapter, provider.state
    if provider.disabled or state.breaker.state == "open" or not isinstance(adapter, ChecksHealth):
        return
    try:
        found = await state.breaker.ask(lambda: guarded(adapter.check, PROBE_SECONDS))
    except ImagewayError as error:
        info = error.info
        if not speaks_of_the_vendor(info):
            return
        found = Health(status="down", detail=f"asked how it is: {info.code}: {info.message}")
    _tell_changes(provider, found)
    state.vitals.learn(found)


def _tell_changes(provider: Provider, found: Health) -> None:
    """One line when it changes for the better or worse, none while it stays so."""
    before = provider.state.vitals.asked
    if found.status != ("up" if before is None else before.status):
        log.warning("%s is %s: %s", provider.name, found.status, found.detail)


def services_of(provider: Provider) -> Sequence[ServiceHealth]:
    """How each of the vendor's services is, as far as its adapter has learned that by itself."""
    adapter = provider.adapter
    if not isinstance(adapter, KnowsServices):
        return ()
    try:
        return adapter.services()
    except Exception as error:  # noqa: BLE001 - an outer wall: a plug-in may raise anything
        log.error("%s cannot tell of its services: %s", provider.name, type(error).__name__)
        return ()


def health_of(provider: Provider) -> Health | None:
    """How it is by everything that was heard, its services included; nobody is asked."""
    if provider.disabled:
        return None
    found = provider.state.vitals.health(provider.state.breaker)
    services = tuple(services_of(provider))
    if not services:
        return found
    well = all(each.status in {"up", "unknown"} for each in services)
    found = found or Health(status="up" if well else "degraded", detail="by what its services did")
    return found.model_copy(update={"services": services})
