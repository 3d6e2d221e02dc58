"""A checked configuration brought to life: adapters made, secrets fetched, routes resolved."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from pydantic import BaseModel, ValidationError

from imageway.core.errors import ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler
from imageway.providers.accounting.accounts import Accounts
from imageway.providers.accounting.callers import accounts_of, rates_of
from imageway.providers.accounting.price import Terms
from imageway.providers.accounting.rates import Rates
from imageway.providers.arranging import Turn, arranged
from imageway.providers.cache import Answers, Kept
from imageway.providers.config import ProviderConfig
from imageway.providers.fallback import Candidate
from imageway.providers.feature_names import check_features
from imageway.providers.journal.journal import Journal
from imageway.providers.keys import Keyring
from imageway.providers.loading import Mistakes, Source
from imageway.providers.references import Place, Resolver
from imageway.providers.registry import (
    AdapterClass,
    Provider,
    configure,
    find_adapter,
    make,
    shows_gallery,
)
from imageway.providers.rehearsing import check_chaos
from imageway.providers.router import Router, Target
from imageway.providers.stack import candidate_stack, request_stack
from imageway.providers.state import REAL, State, Surroundings, adjust, new_state, successor

SWITCHED_OFF = "switched off in the file (enabled = false)"


@dataclass(slots=True, eq=False)
class Snapshot:
    """Everything a request needs, as it was when the request began."""

    source: Source
    providers: Mapping[str, Provider]
    router: Router
    keys: Keyring
    answers: Answers
    accounts: Accounts
    rates: Rates
    journal: Journal | None = None
    # The living of names that an earlier file had: one that comes back goes on where it was.
    former: Mapping[str, State] = field(default_factory=dict[str, State])

    def handler(self, request: ImageRequest) -> Handler:
        """Build what will draw this request; raises when its model names nobody."""
        targets = self.router.every(request.model)
        candidates = [self._candidate(turn) for turn in arranged(targets, self.providers)]
        # A slow vendor's own total is of no use inside a shorter one.
        enabled = self.router.targets(request.model)
        seconds = max(self.providers[each.provider].policies.timeout.total for each in enabled)
        return request_stack(candidates, self.answers, seconds, self.source.config.features)

    def _candidate(self, turn: Turn) -> Candidate:
        target = turn.target
        stack = self.providers[target.provider].stack
        inner = nobody if stack is None else stack(self.terms(target))

        async def filled(request: ImageRequest, run: Run) -> None:
            await inner(target.fill(request), run)

        return Candidate(target.provider, target.model, filled, target.path, turn.passed_by)

    def terms(self, target: Target) -> Terms:
        """What a picture may cost there, on its way and at its provider; and who pays."""
        own = self.providers[target.provider].config.max_price
        ceilings = target.ceilings if own is None else (*target.ceilings, own)
        return Terms(ceilings, self.accounts)

    @property
    def states(self) -> Mapping[str, State]:
        """What lives of every provider that there has been, by name."""
        return {**self.former, **{name: each.state for name, each in self.providers.items()}}

    def take_over(self, before: Snapshot) -> None:
        """Come into force: bounds of what lives change now, and what is remembered moves over."""
        for name, provider in self.providers.items():
            adjust(provider.state, provider.policies)
            if not self._has_kept(name, before):
                provider.state.vitals.forget()
            provider.state.rehearsal.adjust(self.source.config.chaos)
            provider.state.rehearsal.tell()
        self.answers.inherit(before.answers, lambda kept: self._still_holds(kept, before))

    def _still_holds(self, kept: Kept, before: Snapshot) -> bool:
        """Whether the same models are behind the same name, and their makers are the same."""
        if self.router.routes.get(kept.model) != before.router.routes.get(kept.model):
            return False
        makers = [maker.provider or "" for _, maker in kept.pictures]
        return all(name in self.providers and self._has_kept(name, before) for name in makers)

    def _has_kept(self, name: str, before: Snapshot) -> bool:
        known = before.providers.get(name)
        return known is not None and known.adapter is self.providers[name].adapter

    async def close(self) -> None:
        """Close every provider, and the book of what was spent."""
        for provider in self.providers.values():
            await provider.close()
        await self.accounts.spending.close()


async def nobody(request: ImageRequest, run: Run) -> None:
    """Stands where a provider is disabled, and is never asked."""
    raise LookupError(f"{run.provider} is disabled and must not be asked")


def provision(
    source: Source,
    environment: Mapping[str, str] = os.environ,
    around: Surroundings = REAL,
    before: Snapshot | None = None,
    journal: Journal | None = None,
) -> Snapshot:
    """Make a snapshot, or raise misconfigured with the place in the file; opens no connection.

    What must outlive a reload is taken over from the snapshot before; nothing of that one changes.
    Without a journal what a call cost is known as long as the process lives.
    """
    check_features(source)
    check_chaos(source)
    journal = before.journal if before is not None else journal
    providers = {
        name: _provider(source, name, environment, around, before, journal)
        for name in source.config.providers
    }
    memory = source.config.cache
    return Snapshot(
        source,
        providers,
        Router(source, providers),
        Keyring(source, environment),
        Answers(memory.size, memory.keep, around.clock),
        accounts_of(source, around, None if before is None else before.accounts),
        rates_of(source, around, None if before is None else before.rates),
        journal,
        _former(before, providers),
    )


def _former(before: Snapshot | None, providers: Mapping[str, Provider]) -> Mapping[str, State]:
    if before is None:
        return {}
    return {name: state for name, state in before.states.items() if name not in providers}


def _provider(
    source: Source,
    name: str,
    environment: Mapping[str, str],
    around: Surroundings,
    before: Snapshot | None,
    journal: Journal | None,
) -> Provider:
    place: Place = ("providers", name)
    config = source.config.providers[name]
    policies = source.config.policies(config)
    known = None if before is None else before.states.get(name)
    state = (
        new_state(name, policies, around, source.state)
        if known is None
        else successor(known, policies)
    )
    if known is None:
        state.rehearsal.adjust(source.config.chaos)
    with _at(source, (*place, "adapter")):
        made = find_adapter(config.adapter, source.folder)
    if config.gallery is not None and not shows_gallery(made):
        raise source.mistake((*place, "gallery"), *_no_gallery(config.adapter))
    resolver = Resolver(source, environment, place)
    settings = _settings(source, made, resolver, config)
    reason = "; ".join(resolver.missing.values()) or None
    if not config.enabled:
        reason = SWITCHED_OFF
    if reason is not None:
        settings = None
    bare = Provider(name, config, policies, state, settings, absent=reason, journal=journal)
    earlier = None if before is None else before.providers.get(name)
    if (kept := _kept(bare, earlier, made)) is not None:
        return kept
    with _at(source, (*place, "adapter")):
        return _alive(bare, made, around)


def _kept(bare: Provider, before: Provider | None, made: AdapterClass) -> Provider | None:
    """The provider as it was; under other policies with its adapter, memory and connections."""
    if before is None or not _asks_alike(bare, before, made):
        return None
    if (bare.config, bare.policies, bare.absent) == (before.config, before.policies, before.absent):
        return before
    known = replace(bare, adapter=before.adapter, http=before.http, memo=before.memo)
    return _with_policies(known)


def _asks_alike(bare: Provider, before: Provider, made: AdapterClass) -> bool:
    """Whether the same class would be made with the same keys, secrets and kind of connections."""
    wanted = type(None) if bare.own is None else made
    return (
        type(before.adapter) is wanted
        and bare.own == before.own
        and bare.config.network == before.config.network
        and bare.policies.timeout.times == before.policies.timeout.times
    )


def _alive(bare: Provider, made: AdapterClass, around: Surroundings) -> Provider:
    if bare.own is None:
        return bare
    private, times = bare.config.network == "private", bare.policies.timeout.times
    http, memo = Http(private=private, times=times, sleep=around.sleep), Memo(around.clock)
    adapter = make(made, bare.own, http, memo)
    return _with_policies(replace(bare, adapter=adapter, http=http, memo=memo))


def _with_policies(provider: Provider) -> Provider:
    if provider.adapter is None:
        return provider
    config, policies, state = provider.config, provider.policies, provider.state
    stack = partial(candidate_stack, provider.adapter, config, policies, state, provider.journal)
    return replace(provider, stack=stack)


def _no_gallery(adapter: str) -> tuple[str, str]:
    """What is wrong with a table gallery where there is none, and what would be right."""
    wrong = f"gallery: the adapter {adapter!r} shows no gallery"
    return wrong, "leave the table out; [defaults.gallery] is for all that have one"


def _settings(
    source: Source, made: AdapterClass, resolver: Resolver, config: ProviderConfig
) -> BaseModel | None:
    """The adapter's own keys, checked even while a secret is missing; then there are none."""
    name = str(resolver.base[-1])
    off = source.config.features.turned_off(name) & made.Config.model_fields.keys()
    own = resolver.resolve(made.Config, {**config.own, **dict.fromkeys(off, "off")})
    try:
        with _at(source, (*resolver.base, "adapter")):
            settings = configure(made, own)
    except ValidationError as error:
        errors = [
            each
            for each in error.errors(include_url=False)
            if not resolver.concerns_missing(each["loc"])
        ]
        if errors:
            policies = ProviderConfig.model_fields
            wrong = source.explain(errors, made.Config, resolver.base, policies)
            raise Mistakes.of([*resolver.refused.values(), wrong]) from error
        settings = None
    if resolver.refused:
        raise Mistakes.of([*resolver.refused.values()])
    return settings


@contextmanager
def _at(source: Source, place: Place) -> Generator[None]:
    """Give what is refused inside its place in the file."""
    try:
        yield
    except ImagewayError as error:
        message = f"{place[-1]}: {error.info.message}"
        raise source.mistake(place, message, error.info.hint) from error
