"""Everything that is wrong with a plugins.toml, and not only what is first in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.providers.config import BUILT_IN, Config, Key, ProviderConfig, Route, RouteEntry
from imageway.providers.file.wording import Place
from imageway.providers.loading import Source, found_at, known_schema, read, told
from imageway.providers.router import route_mistakes
from imageway.providers.secrets import (
    ExposedSecret,
    SecretReference,
    looks_like_reference,
    refuse_exposed,
)
from imageway.providers.snapshot import Snapshot, provision

Table = dict[str, object]
NAMED = frozenset({"providers", "routes", "keys"})
# What has a say in how a provider is made; other tables may speak of several.
KEPT = NAMED | {"schema_", "gateway", "defaults"}
STAND_IN = ProviderConfig(adapter="demo", cost="local")
KEY = Key(hash=SecretReference(env="none"))
# Each round leaves out what the one before complained of.
ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Examined:
    """The mistakes, in the order of their lines; without any, what the file becomes."""

    source: Source
    mistakes: Sequence[ErrorInfo] = ()
    snapshot: Snapshot | None = None


def examine(path: Path | None, environment: Mapping[str, str]) -> Examined:
    """Read a file and look everywhere, also behind a mistake; nobody is asked anything."""
    path = found_at(path)
    if path is None:
        return _brought_to_life(Source(BUILT_IN), environment)
    try:
        text, data = read(path)
        bare = Source(BUILT_IN, path, text)
        known_schema(bare, data)
    except ImagewayError as error:
        return Examined(Source(BUILT_IN, path), told(error))
    found: list[ErrorInfo] = []
    source, broken = _validated(bare, data, found)
    found.extend(info for error in _exposed(source) for info in told(error))
    if not found:
        try:
            return _brought_to_life(source, environment)
        except ImagewayError as error:
            found.extend(told(error))
    for mistake in _beyond(source, broken, environment):
        found.extend(told(mistake))
    return Examined(source, tuple(sorted(_once(found), key=_line)))


def _brought_to_life(source: Source, environment: Mapping[str, str]) -> Examined:
    return Examined(source, snapshot=provision(source, environment))


def _validated(
    bare: Source, data: Table, found: list[ErrorInfo]
) -> tuple[Source, Mapping[str, set[str]]]:
    """A source of the tables that are well formed, and the names of those that are not."""
    broken: dict[str, set[str]] = {name: set() for name in NAMED}
    for _ in range(ROUNDS):
        try:
            return replace(bare, config=Config.model_validate(data)), broken
        except ValidationError as error:
            errors = error.errors(include_url=False)
            found.extend(told(bare.explain(errors, Config)))
            for place in {_culprit(data, each) for each in errors}:
                data = _dropped(data, place)
                if len(place) > 1 and place[0] in NAMED:
                    broken[place[0]].add(place[1])
    return bare, broken


def _culprit(data: Table, error: ErrorDetails) -> tuple[str, ...]:
    """What to leave out: a whole provider, route or key, else the last part that is there."""
    place = tuple(str(part) for part in error["loc"])
    if place[:1] and place[0] in NAMED:
        return place[:2]
    node: object = data
    for depth, part in enumerate(place):
        if not _is_table(node) or part not in node:
            return place[:depth]
        node = node[part]
    return place


def _dropped(data: Table, place: Sequence[str]) -> Table:
    """The same data without the key at a place."""
    if not place or place[0] not in data:
        return data
    inner = data[place[0]]
    if len(place) > 1 and _is_table(inner):
        return {**data, place[0]: _dropped(inner, place[1:])}
    return {key: value for key, value in data.items() if key != place[0]}


def _beyond(
    source: Source, broken: Mapping[str, set[str]], environment: Mapping[str, str]
) -> Iterator[ImagewayError]:
    """What shows only when a part is brought to life; each is, among stand-ins for the others."""
    config = source.config
    among = _stood_in(config, broken)
    yield from _failing(source, among, environment)
    quiet = {
        name: getattr(BUILT_IN, name) for name in type(config).model_fields if name not in KEPT
    }
    for name, provider in config.providers.items():
        update = {**quiet, "providers": {**among.providers, name: provider}}
        yield from _failing(source, among.model_copy(update=update), environment)
    yield from route_mistakes(_patched(source, broken))


def _failing(
    source: Source, config: Config, environment: Mapping[str, str]
) -> Iterator[ImagewayError]:
    try:
        provision(replace(source, config=config), environment)
    except ImagewayError as error:
        yield error


def _stood_in(config: Config, broken: Mapping[str, set[str]]) -> Config:
    """The same with providers and keys of the same names that are right, and no route."""
    providers = dict.fromkeys([*config.providers, *broken["providers"]], STAND_IN)
    keys = dict.fromkeys([*config.keys, *broken["keys"]], KEY)
    return config.model_copy(update={"providers": providers, "keys": keys, "routes": {}})


def _patched(source: Source, broken: Mapping[str, set[str]]) -> Source:
    """Stand-ins for what was left out, or everything that names it would be complained of too."""
    config = source.config
    names = broken["providers"]
    providers = {**config.providers, **dict.fromkeys(names, STAND_IN)}
    step = RouteEntry(model=f"{next(iter(providers), '')}/any")
    stand_in = Route.model_construct(entries=(step,)) if providers else None
    routes = {name: stand_in for name in broken["routes"] if stand_in is not None}
    whole = config.model_copy(
        update={"providers": providers, "routes": {**config.routes, **routes}}
    )
    return replace(source, config=whole)


def _exposed(source: Source) -> Iterator[ImagewayError]:
    """Files of secrets that others can read."""
    for name, provider in source.config.providers.items():
        yield from _exposed_in(source, ("providers", name), provider.own)
    for name, key in source.config.keys.items():
        for word in ("hash", "token"):
            reference = getattr(key, word)
            if reference is not None:
                table = {word: reference.model_dump(exclude_none=True)}
                yield from _exposed_in(source, ("keys", name), table)


def _exposed_in(
    source: Source, place: Place, table: Mapping[str, object]
) -> Iterator[ImagewayError]:
    for key, value in table.items():
        if not _is_table(value):
            continue
        file = value.get("file")
        if looks_like_reference(value) and isinstance(file, str):
            try:
                refuse_exposed(source.folder / file)
            except ExposedSecret as error:
                yield source.mistake((*place, key), f"{key}: {error}")
        else:
            yield from _exposed_in(source, (*place, key), value)


def _is_table(value: object) -> TypeGuard[Table]:
    return isinstance(value, dict)


def _once(mistakes: Sequence[ErrorInfo]) -> Sequence[ErrorInfo]:
    return list({each.message: each for each in mistakes}.values())


def _line(mistake: ErrorInfo) -> int:
    line = mistake.details.get("line")
    return line if isinstance(line, int) else 0
