"""A checked configuration brought to life: adapters made, secrets fetched, routes resolved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel, SecretStr, ValidationError

from imageway.core.errors import ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler
from imageway.providers.config import ProviderConfig
from imageway.providers.fallback import Candidate
from imageway.providers.keys import Keyring
from imageway.providers.loading import Source, explain
from imageway.providers.registry import AdapterClass, Provider, find_adapter
from imageway.providers.router import Router, Target
from imageway.providers.secrets import MissingSecret, SecretReference, looks_like_reference
from imageway.providers.stack import candidate_stack, request_stack

Place = tuple[str | int, ...]


@dataclass(slots=True, eq=False)
class Snapshot:
    """Everything a request needs, as it was when the request began."""

    source: Source
    providers: Mapping[str, Provider]
    router: Router
    keys: Keyring

    def handler(self, request: ImageRequest) -> Handler:
        """Build what will draw this request; raises when its model names nobody."""
        targets = self.router.targets(request.model)
        candidates = [self._candidate(target) for target in targets]
        return request_stack(candidates, self.source.config.defaults.timeout.total)

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


def provision(source: Source, environment: Mapping[str, str] = os.environ) -> Snapshot:
    """Make a snapshot, or raise misconfigured with the place in the file; opens no connection."""
    providers = {
        name: _provider(source, name, config, environment)
        for name, config in source.config.providers.items()
    }
    return Snapshot(source, providers, Router(source, providers), Keyring(source, environment))


def _provider(
    source: Source, name: str, config: ProviderConfig, environment: Mapping[str, str]
) -> Provider:
    place: Place = ("providers", name)
    made = _adapter_class(source, place, config)
    try:
        own = _resolved(source, place, config.own, environment)
    except MissingSecret as missing:
        return Provider(name, config, disabled=str(missing))
    _refuse_plain_secrets(source, place, made.Config, config.own)
    try:
        settings = made.Config.model_validate(own)
    except ValidationError as error:
        raise explain(error, made.Config, source.path, source.text, place) from error
    http, memo = Http(private=config.network == "private"), Memo()
    adapter = made(settings, http, memo)
    handler = candidate_stack(adapter, config)
    return Provider(name, config, settings, adapter, handler, http, memo)


def _adapter_class(source: Source, place: Place, config: ProviderConfig) -> AdapterClass:
    try:
        return find_adapter(config.adapter, source.folder)
    except ImagewayError as error:
        raise source.mistake((*place, "adapter"), error.info.message, error.info.hint) from error


def _resolved(
    source: Source, place: Place, values: Mapping[str, object], environment: Mapping[str, str]
) -> dict[str, object]:
    """Replace every reference to a secret, at any depth, by the secret."""
    resolved: dict[str, object] = {}
    for key, value in values.items():
        here = (*place, key)
        if looks_like_reference(value):
            resolved[key] = _reference(source, here, value).resolve(source.folder, environment)
        elif isinstance(value, dict):
            resolved[key] = _resolved(source, here, value, environment)  # pyright: ignore[reportUnknownArgumentType]: a table out of tomllib
        else:
            resolved[key] = value
    return resolved


def _reference(source: Source, place: Place, value: object) -> SecretReference:
    try:
        return SecretReference.model_validate(value)
    except ValidationError as error:
        raise explain(error, SecretReference, source.path, source.text, place) from error


def _refuse_plain_secrets(
    source: Source, place: Place, model: type[BaseModel], values: Mapping[str, object]
) -> None:
    for key, value in values.items():
        field = model.model_fields.get(key)
        if field is None or not isinstance(value, str):
            continue
        if SecretStr in (field.annotation, *get_args(field.annotation)):
            raise source.mistake(
                (*place, key),
                f"{key}: a secret is never written into the file",
                f'write {key} = {{ env = "NAME" }}, {{ file = "PATH" }} or {{ command = [...] }}',
            )
