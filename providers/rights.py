"""Whose right is asked about: a route, provider/model, or a vendor's own name for a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imageway.core.adapter import ChecksEntitlement
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Entitlement
from imageway.providers.powers import entitlement
from imageway.providers.router import Target
from imageway.providers.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Right:
    """A verdict, and the provider and model that it speaks of."""

    provider: str
    model: str
    verdict: Entitlement


async def right(snapshot: Snapshot, name: str, *, recheck: bool = False) -> Right | None:
    """Ask the first behind a route or provider/model that knows rights; None where none does."""
    for target in targets_that_check(snapshot, snapshot.router.targets(name)):
        provider = snapshot.providers[target.provider]
        verdict = await entitlement(provider, target.model, recheck=recheck)
        if verdict is not None:
            return Right(target.provider, target.model, verdict)
    return None


async def right_of(snapshot: Snapshot, name: str, *, recheck: bool = False) -> Right:
    """The same for a person, who may give a vendor's own name alone; raises where nobody knows."""
    found = await right(snapshot, _spelled_out(snapshot, name), recheck=recheck)
    if found is None:
        raise ImagewayError(
            ErrorCode.UNSUPPORTED,
            f"nobody behind {name[:100]!r} knows rights",
            hint=_who_checks(snapshot),
        )
    return found


def targets_that_check(snapshot: Snapshot, targets: Sequence[Target]) -> Iterator[Target]:
    """Those of some models whose provider can be asked about rights."""
    for target in targets:
        if isinstance(snapshot.providers[target.provider].adapter, ChecksEntitlement):
            yield target


def is_checked(snapshot: Snapshot, name: str) -> bool:
    """Whether anybody behind a name knows rights; for a name of nobody nobody does."""
    try:
        targets = snapshot.router.targets(name)
    except ImagewayError:
        return False
    return next(targets_that_check(snapshot, targets), None) is not None


def _spelled_out(snapshot: Snapshot, name: str) -> str:
    """A name with its provider: its own, else the first that knows rights."""
    provider, slash, _ = name.partition("/")
    if name in snapshot.router.routes or (slash and provider in snapshot.providers):
        return name
    checking = _checking(snapshot)
    if not checking:
        message = "no provider of this configuration knows rights"
        raise ImagewayError(ErrorCode.UNSUPPORTED, message, hint=_who_is_disabled(snapshot))
    return f"{checking[0]}/{name}"


def _checking(snapshot: Snapshot) -> list[str]:
    return [
        name
        for name, provider in snapshot.providers.items()
        if isinstance(provider.adapter, ChecksEntitlement)
    ]


def _who_checks(snapshot: Snapshot) -> str:
    names = _checking(snapshot)
    return f"these do: {', '.join(names)}" if names else "no provider of this configuration does"


def _who_is_disabled(snapshot: Snapshot) -> str | None:
    """A provider that would know may only lack its key."""
    disabled = [
        f"{name} is disabled: {provider.disabled}"
        for name, provider in snapshot.providers.items()
        if provider.disabled
    ]
    return "; ".join(disabled) or None
