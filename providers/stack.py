"""The order of the policies, written once, outermost first."""

from __future__ import annotations

from collections.abc import Sequence

from imageway.core.adapter import Adapter
from imageway.core.breaker import breaker
from imageway.core.bulkhead import bulkhead
from imageway.core.door import door
from imageway.core.fanout import fan_out
from imageway.core.limits import attempt_deadline, deadline, ends_with_its_reader
from imageway.core.negotiate import negotiate
from imageway.core.request import ImageRequest
from imageway.core.retry import retry
from imageway.core.run import Hooks, Run
from imageway.core.streaming import Handler
from imageway.providers.accounting.price import NO_TERMS, Terms, priced, pricing
from imageway.providers.cache import Answers, cached
from imageway.providers.config import ProviderConfig
from imageway.providers.describing import describing
from imageway.providers.fallback import ALL_ON, Candidate, fallback
from imageway.providers.journal.journal import Journal
from imageway.providers.journal.journaling import journaled
from imageway.providers.rehearsing import rehearsed
from imageway.providers.state import State
from imageway.providers.tables.features import Features
from imageway.providers.tables.policies import Policies


def request_stack(
    candidates: Sequence[Candidate],
    answers: Answers,
    seconds: float,
    features: Features = ALL_ON,
) -> Handler:
    """What stands around the candidates of one request."""
    return deadline(cached(fallback(candidates, features), answers), seconds)


def candidate_stack(
    adapter: Adapter,
    config: ProviderConfig,
    policies: Policies,
    state: State,
    journal: Journal | None = None,
    terms: Terms = NO_TERMS,
) -> Handler:
    """What stands between a route and one adapter."""
    describe = describing(adapter)
    written = journaled(attempt(adapter, config, policies, state), journal)
    asked = retry(bulkhead(breaker(written, state.breaker), state.slots), state.repeating)
    parts = fan_out(asked, describe)
    if config.cost != "local":
        price = pricing(adapter, describe, state, policies.timeout.attempt)
        parts = priced(parts, price, terms)
    handler = negotiate(parts, describe)
    return deadline(handler, policies.timeout.total)


def attempt(adapter: Adapter, config: ProviderConfig, policies: Policies, state: State) -> Handler:
    """One attempt at the vendor, on a call of its own."""
    asked = door(rehearsed(adapter.generate, state.rehearsal))
    bounded = attempt_deadline(asked, policies.timeout.attempt)
    return costing(ends_with_its_reader(bounded), config)


def costing(inner: Handler, config: ProviderConfig) -> Handler:
    """Work at a local provider costs no money, so nobody is asked before it is sent."""
    if config.cost != "local":
        return inner

    async def handler(request: ImageRequest, run: Run) -> None:
        await inner(request, run.recording(Hooks(free=True)))

    return handler
