"""A checked configuration brought to life: adapters made, secrets fetched, routes resolved."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from imageway.core.errors import ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler
from imageway.providers.cache import Answers
from imageway.providers.config import ProviderConfig
from imageway.providers.fallback import Candidate
from imageway.providers.journal import Journal
from imageway.providers.keys import Keyring
from imageway.providers.loading import Source
from imageway.providers.references import Place, Resolver
from imageway.providers.registry import AdapterClass, Provider, configure, find_adapter, make
from imageway.providers.router import Router, Target
from imageway.providers.stack import candidate_stack, request_stack
from imageway.providers.state import REAL, Surroundings, new_state


@dataclass(slots=True, eq=False)
class Snapshot:
    """Everything a request needs, as it was when the request began."""

    source: Source
    providers: Mapping[str, Provider]
    router: Router
    keys: Keyring
    answers: Answers
    journal: Journal | None = None

    def handler(self, request: ImageRequest) -> Handler:
        """Build what will draw this request; raises when its model names nobody."""
        targets = self.router.targets(request.model)
        candidates = [self._candidate(target) for target in targets]
        # A slow vendor's own total is of no use inside a shorter one.
        seconds = max(self.providers[each.provider].policies.timeout.total for each in targets)
        return request_stack(candidates, self.answers, seconds)

    def _candidate(self, target: Target) -> Candidate:
        inner = self.providers[target.provider].handler
        if inner is None:
            raise LookupError(f"{target.provider} is disabled and must not be asked")

        async def filled(request: ImageRequest, run: Run) -> None:
            await inner(target.fill(request), run)

        return Candidate(target.provider, target.model, filled)

    async def close(self) -> None:
        """Close every provider."""
        for provider in self.providers.values():
            await provider.close()


def provision(
    source: Source,
    environment: Mapping[str, str] = os.environ,
    around: Surroundings = REAL,
    before: Snapshot | None = None,
    journal: Journal | None = None,
) -> Snapshot:
    """Make a snapshot, or raise misconfigured with the place in the file; opens no connection.

    What must outlive a reload is taken over from the snapshot before. Without a journal what a
    call cost is known as long as the process lives.
    """
    known = {} if before is None else before.providers
    journal = before.journal if before is not None else journal
    providers = {
        name: _provider(source, name, environment, around, known.get(name), journal)
        for name in source.config.providers
    }
    memory = source.config.cache
    return Snapshot(
        source,
        providers,
        Router(source, providers),
        Keyring(source, environment),
        Answers(memory.size, memory.keep, around.clock),
        journal,
    )


def _provider(
    source: Source,
    name: str,
    environment: Mapping[str, str],
    around: Surroundings,
    before: Provider | None,
    journal: Journal | None,
) -> Provider:
    place: Place = ("providers", name)
    config = source.config.providers[name]
    policies = source.config.policies(config)
    state = new_state(name, policies, around) if before is None else before.state
    with _at(source, (*place, "adapter")):
        made = find_adapter(config.adapter, source.folder)
    resolver = Resolver(source, environment, place)
    settings = _settings(source, made, resolver, config)
    if resolver.missing or settings is None:
        reason = "; ".join(resolver.missing.values())
        return Provider(name, config, policies, state, disabled=reason)
    private = config.network == "private"
    http = Http(private=private, times=policies.timeout.times, sleep=around.sleep)
    memo = Memo(around.clock)
    with _at(source, (*place, "adapter")):
        adapter = make(made, settings, http, memo)
    handler = candidate_stack(adapter, config, policies, state, journal)
    return Provider(name, config, policies, state, settings, adapter, handler, http, memo)


def _settings(
    source: Source, made: AdapterClass, resolver: Resolver, config: ProviderConfig
) -> BaseModel | None:
    """The adapter's own keys, checked even while a secret is missing; then there are none."""
    off = source.config.features.turned_off & made.Config.model_fields.keys()
    own = resolver.resolve(made.Config, {**config.own, **dict.fromkeys(off, "off")})
    try:
        with _at(source, (*resolver.base, "adapter")):
            return configure(made, own)
    except ValidationError as error:
        errors = [
            each
            for each in error.errors(include_url=False)
            if not resolver.concerns_missing(each["loc"])
        ]
        if errors:
            policies = ProviderConfig.model_fields
            raise source.explain(errors, made.Config, resolver.base, policies) from error
        return None


@contextmanager
def _at(source: Source, place: Place) -> Generator[None]:
    """Give what is refused inside its place in the file."""
    try:
        yield
    except ImagewayError as error:
        raise source.mistake(place, error.info.message, error.info.hint) from error
