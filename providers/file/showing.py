"""What is in force: every key with its value, and the layer that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from imageway.providers.config import ProviderConfig
from imageway.providers.file.location import line_of
from imageway.providers.file.spelling import masked, spelled, worded
from imageway.providers.loading import Source
from imageway.providers.registry import Provider
from imageway.providers.secrets import MissingSecret, SecretReference, looks_like_reference
from imageway.providers.snapshot import Snapshot
from imageway.providers.tables.policies import Policies
from imageway.providers.tables.section import Section

Place = tuple[str, ...]
BUILT_IN = "built in"


@dataclass(frozen=True, slots=True)
class Row:
    """One key as it is in force; the layer is a place in the file, or what is built in."""

    table: str
    key: str
    value: str
    layer: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A table of the file that may set a key, and where it stands."""

    place: Place
    section: BaseModel | None

    def inner(self, name: str) -> Layer:
        """The table within it."""
        found = getattr(self.section, name, None)
        return Layer((*self.place, name), found if isinstance(found, BaseModel) else None)


@dataclass(frozen=True, slots=True)
class Show:
    """Looks at one snapshot; secrets are fetched by the references of keys, to show their ends."""

    snapshot: Snapshot
    environment: Mapping[str, str]

    @property
    def source(self) -> Source:
        """The file behind it."""
        return self.snapshot.source

    def rows(self) -> Iterator[Row]:
        """Everything, table by table."""
        config = self.source.config
        for name, field in type(config).model_fields.items():
            key, value = field.alias or name, getattr(config, name)
            if isinstance(value, Section):
                yield from self._section(value, [Layer((key,), value)])
            elif _has_sections(value):
                for inner, section in value.items():
                    yield from self._named((key, inner), section)
            else:
                yield self._row((key,), value, field, [Layer((), config)], name)

    def _named(self, place: Place, section: Section) -> Iterator[Row]:
        yield from self._section(section, [Layer(place, section)])
        if isinstance(section, ProviderConfig):
            yield from self._policies(place, section)
            yield from self._own(place, self.snapshot.providers[place[-1]])

    def _section(self, section: BaseModel, layers: Sequence[Layer]) -> Iterator[Row]:
        """One table by its layers, the nearest first."""
        own_policies = isinstance(section, ProviderConfig)
        for name, field in type(section).model_fields.items():
            value = getattr(section, name)
            if own_policies and name in Policies.model_fields:
                continue
            if isinstance(value, Section):
                yield from self._section(value, [each.inner(name) for each in layers])
            elif value is not None:
                key = field.alias or name
                yield self._row((*layers[0].place, key), value, field, layers, name)

    def _policies(self, place: Place, config: ProviderConfig) -> Iterator[Row]:
        base = self.source.config.defaults
        layers = [Layer(place, config), Layer(("defaults",), base)]
        yield from self._section(self.source.config.policies(config), layers)

    def _row(
        self, place: Place, value: object, field: FieldInfo, layers: Sequence[Layer], name: str
    ) -> Row:
        layer, line = self._origin(layers, name, place[-1])
        told = self._referred(value) if isinstance(value, SecretReference) else worded(value, field)
        return Row(".".join(place[:-1]), place[-1], told, layer, line)

    def _origin(self, layers: Sequence[Layer], name: str, key: str) -> tuple[str, int | None]:
        for each in layers:
            if each.section is not None and name in each.section.model_fields_set:
                line = line_of(self.source.text, (*each.place, key))
                table = f"[{'.'.join(each.place)}]" if each.place else "the file"
                return table, line
        return BUILT_IN, None

    def _own(self, place: Place, provider: Provider) -> Iterator[Row]:
        """The adapter's own keys; those of a disabled one as the file has them."""
        raw = provider.config.own
        settings = provider.own
        for name in raw if settings is None else type(settings).model_fields:
            value = raw[name] if settings is None else getattr(settings, name)
            if value is None:
                continue
            is_set = name in raw
            line = line_of(self.source.text, (*place, name)) if is_set else None
            layer = f"[{'.'.join(place)}]" if is_set else BUILT_IN
            yield Row(".".join(place), name, _told(value, raw.get(name)), layer, line)

    def _referred(self, reference: SecretReference) -> str:
        try:
            found = reference.resolve(self.source.folder, self.environment)
        except MissingSecret as missing:
            return f"{spelled(reference)} → missing: {missing}"
        return f"{spelled(reference)} → {masked(found)}"


def _told(value: object, raw: object) -> str:
    """An adapter's value; a secret with the reference that led to it."""
    if isinstance(value, SecretStr) and _is_reference(raw):
        return f"{spelled(raw)} → {masked(value)}"
    return f"{spelled(value)} → missing" if _is_reference(value) else spelled(value)


def _is_reference(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict) and looks_like_reference(value)  # pyright: ignore[reportUnknownArgumentType]: tomllib gives plain dictionaries


def _has_sections(value: object) -> TypeGuard[Mapping[str, Section]]:
    return isinstance(value, Mapping) and all(isinstance(v, Section) for v in value.values())  # pyright: ignore[reportUnknownVariableType]: only looked at
