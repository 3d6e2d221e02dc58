"""The order of the policies, written once, outermost first."""

from __future__ import annotations

from collections.abc import Sequence

from imageway.core.adapter import Adapter
from imageway.core.door import door
from imageway.core.fanout import fan_out
from imageway.core.limits import deadline, ends_with_its_reader
from imageway.core.negotiate import negotiate
from imageway.core.request import ImageRequest
from imageway.core.run import Hooks, Run
from imageway.core.streaming import Handler
from imageway.providers.config import ProviderConfig
from imageway.providers.fallback import Candidate, fallback


def candidate_stack(adapter: Adapter, config: ProviderConfig) -> Handler:
    """What stands between a route and one adapter."""
    describe = adapter.describe
    asked = costing(ends_with_its_reader(door(adapter.generate)), config)
    handler = negotiate(fan_out(attempt(asked), describe), describe)
    return handler if config.timeout is None else deadline(handler, config.timeout.total)


def request_stack(candidates: Sequence[Candidate], seconds: float) -> Handler:
    """What stands around the candidates of one request."""
    return deadline(fallback(candidates), seconds)


def attempt(inner: Handler) -> Handler:
    """Play on a call of its own; the door closes it, and its failure must still be heard after."""

    async def handler(request: ImageRequest, run: Run) -> None:
        await inner(request, run.part(run.open))

    return handler


def costing(inner: Handler, config: ProviderConfig) -> Handler:
    """Work at a local provider costs no money, so nobody is asked before it is sent."""
    if config.cost != "local":
        return inner

    async def handler(request: ImageRequest, run: Run) -> None:
        await inner(request, run.recording(Hooks(free=True)))

    return handler
