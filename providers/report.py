"""How each provider stands, as data: for the gateway's pages, its metrics and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from imageway.core.breaker import State as BreakerState
from imageway.core.powers import Health
from imageway.providers.galleries.gallery_report import GalleryReport, gallery_report
from imageway.providers.probing import health_of
from imageway.providers.registry import Provider
from imageway.providers.reloading.reload import Standing
from imageway.providers.snapshot import Snapshot


class ProviderReport(BaseModel):
    """One provider: whether it can be asked, whom it serves, and what its policies hold now."""

    model_config = ConfigDict(frozen=True)

    name: str
    adapter: str
    state: Literal["ready", "disabled"]
    reason: str | None
    routes: tuple[str, ...]
    breaker: BreakerState
    breaker_seconds: float
    running: int
    at_once: int
    waiting: int
    queue: int
    usual_seconds: float | None
    repeats_left: int
    health: Health | None = None
    health_seconds: float | None = None
    gallery: GalleryReport | None = None
    chaos: str | None = None


class Reports(BaseModel):
    """All providers of one configuration, in its order, and in a gateway which one that is."""

    model_config = ConfigDict(frozen=True)

    providers: tuple[ProviderReport, ...]
    configuration: Standing | None = None


def report(snapshot: Snapshot, configuration: Standing | None = None) -> Reports:
    """Look at every provider; nobody is asked anything."""
    reports = (_of(snapshot, provider) for provider in snapshot.providers.values())
    return Reports(providers=tuple(reports), configuration=configuration)


def _of(snapshot: Snapshot, provider: Provider) -> ProviderReport:
    breaker, slots = provider.state.breaker, provider.state.slots
    return ProviderReport(
        name=provider.name,
        adapter=provider.config.adapter,
        state="disabled" if provider.disabled else "ready",
        reason=provider.disabled,
        routes=tuple(_routes(snapshot, provider)),
        breaker=breaker.state,
        breaker_seconds=round(breaker.seconds_left, 1),
        running=slots.running,
        at_once=slots.at_once,
        waiting=slots.waiting,
        queue=slots.queue,
        usual_seconds=None if slots.usual_seconds is None else round(slots.usual_seconds, 1),
        repeats_left=provider.state.repeating.budget.left,
        health=health_of(provider),
        health_seconds=provider.state.vitals.age,
        gallery=gallery_report(provider),
        chaos=None if (order := provider.state.rehearsal.order) is None else str(order),
    )


def _routes(snapshot: Snapshot, provider: Provider) -> Sequence[str]:
    return [
        route
        for route, targets in snapshot.router.routes.items()
        if any(target.provider == provider.name for target in targets)
    ]
