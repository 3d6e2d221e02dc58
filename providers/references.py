"""An adapter's own keys with every reference to a secret replaced by the secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeGuard, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from imageway.core.errors import ImagewayError
from imageway.providers.file.wording import PLAIN, REFERENCE
from imageway.providers.loading import Source, model_in
from imageway.providers.secrets import MissingSecret, SecretReference, looks_like_reference

Place = tuple[str | int, ...]
# Stands where a secret is missing, so that the other keys can be checked without it.
ABSENT = SecretStr("absent")
PUBLIC = "the adapter does not treat this as a secret"
PLAINLY = 'write {key} = "…"; in an adapter\'s Config a secret is a SecretStr'


@dataclass(slots=True)
class Resolver:
    """Resolves one provider's keys; which are secrets is read from the adapter's Config."""

    source: Source
    environment: Mapping[str, str]
    base: Place
    missing: dict[Place, str] = field(default_factory=dict[Place, str])
    refused: dict[Place, ImagewayError] = field(default_factory=dict[Place, ImagewayError])

    def resolve(self, model: type[BaseModel], values: Mapping[str, object]) -> dict[str, object]:
        """Replace what is there, note what is missing, and secrets in plain text as refused."""
        return self._table(model, values, ())

    def concerns_missing(self, place: Place) -> bool:
        """Whether a complaint at this place may come from a secret that is not there."""
        absent = (*self.missing, *self.refused)
        return any(place[: len(each)] == each[: len(place)] for each in absent)

    def _table(
        self, model: type[BaseModel], values: Mapping[str, object], place: Place
    ) -> dict[str, object]:
        annotations = {
            name: each.annotation
            for field_name, each in model.model_fields.items()
            for name in _names(field_name, each)
        }
        return {
            key: self._value(annotations.get(key), value, (*place, key))
            for key, value in values.items()
        }

    def _value(self, annotation: object, value: object, place: Place) -> object:
        secret, model = _is_secret(annotation), model_in(annotation)
        if _is_table(value):
            if secret and (looks_like_reference(value) or not _is_mapping(annotation)):
                return self._secret(value, place)
            if model is not None:
                return self._table(model, value, place)
            if annotation is str and looks_like_reference(value):
                return self._refuse(place, PUBLIC, PLAINLY.format(key=place[-1]))
            return {k: self._value(annotation, each, (*place, k)) for k, each in value.items()}
        if _is_list(value):
            return [self._value(annotation, each, (*place, n)) for n, each in enumerate(value)]
        if secret and model is None:
            return self._refuse(place, PLAIN, REFERENCE.format(key=place[-1]))
        return value

    def _refuse(self, place: Place, message: str, hint: str) -> SecretStr:
        at = (*self.base, *place)
        self.refused[place] = self.source.mistake(at, f"{place[-1]}: {message}", hint)
        return ABSENT

    def _secret(self, value: Mapping[str, object], place: Place) -> SecretStr:
        try:
            reference = SecretReference.model_validate(value)
            return reference.resolve(self.source.folder, self.environment)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            at = (*self.base, *place)
            self.refused[place] = self.source.explain(errors, SecretReference, at)
            return ABSENT
        except MissingSecret as missing:
            self.missing[place] = str(missing)
            return ABSENT


def _names(name: str, each: FieldInfo) -> tuple[str, ...]:
    return (name, each.alias) if each.alias else (name,)


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_secret(annotation: object) -> bool:
    """Whether SecretStr is meant, alone or in a union, a list or a mapping."""
    return annotation is SecretStr or any(_is_secret(each) for each in get_args(annotation))


def _is_mapping(annotation: object) -> bool:
    origin = getattr(annotation, "__origin__", None)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return True
    return any(_is_mapping(each) for each in get_args(annotation))
