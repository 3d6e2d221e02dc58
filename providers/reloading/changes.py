"""What a reload changed, and what only a restart can change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict

from imageway.providers.config import Config
from imageway.providers.loading import Source
from imageway.providers.snapshot import Snapshot
from imageway.providers.tables.policies import Table

# What was opened, or looked at once, when the process began.
NEEDS_RESTART = (
    ("gateway", "listen"),
    ("gateway", "public_url"),
    ("gateway", "state"),
    ("gateway", "dialects"),
    ("gateway", "limits", "header_timeout"),
    ("gateway", "limits", "connections"),
    ("journal",),
    ("storage", "path"),
)
# These are compared name by name.
NAMED = ("providers", "routes", "keys")


class Names(BaseModel):
    """What became of the names of one kind."""

    model_config = ConfigDict(frozen=True)

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Changes(BaseModel):
    """One reload: what is new, what needs a restart first, and who cannot be asked."""

    model_config = ConfigDict(frozen=True)

    generation: int
    providers: Names = Names()
    routes: Names = Names()
    keys: Names = Names()
    tables: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()
    disabled: Mapping[str, str] = {}

    def lines(self) -> Iterator[str]:
        """The same in words, without what stayed as it was."""
        for kind in NAMED:
            names: Names = getattr(self, kind)
            for word in ("added", "removed", "changed"):
                if found := getattr(names, word):
                    yield f"{kind} {word}: {', '.join(found)}"
        if self.tables:
            yield f"tables changed: {', '.join(self.tables)}"
        for key in self.needs_restart:
            yield f"{key} changed in the file; it takes a restart and is as before"
        for name, reason in self.disabled.items():
            yield f"{name} is disabled: {reason}"


def changes(before: Snapshot, now: Snapshot, generation: int, restart: Sequence[str]) -> Changes:
    """Compare two snapshots."""
    old, new = before.source.config, now.source.config
    others = [name for name in Config.model_fields if name not in NAMED]
    return Changes(
        generation=generation,
        providers=_names(before.providers, now.providers),
        routes=_names(_routes(before), _routes(now)),
        keys=_names(old.keys, new.keys),
        tables=tuple(name for name in others if getattr(old, name) != getattr(new, name)),
        needs_restart=tuple(restart),
        disabled={name: each.disabled for name, each in now.providers.items() if each.disabled},
    )


def _names(before: Mapping[str, object], now: Mapping[str, object]) -> Names:
    both = [name for name in now if name in before]
    return Names(
        added=tuple(name for name in now if name not in before),
        removed=tuple(name for name in before if name not in now),
        changed=tuple(name for name in both if before[name] != now[name]),
        kept=tuple(name for name in both if before[name] == now[name]),
    )


def _routes(snapshot: Snapshot) -> Mapping[str, object]:
    """Each route with its own table and whatever other routes put behind it."""
    tables = snapshot.source.config.routes
    return {name: (tables.get(name), found) for name, found in snapshot.router.routes.items()}


def as_started(source: Source, running: Config) -> tuple[Source, tuple[str, ...]]:
    """The file with what only a restart changes left as it runs, and the keys that differ."""
    config, different = source.config, list[str]()
    for path in NEEDS_RESTART:
        now, started = _value(config, path), _value(running, path)
        if now != started:
            config = _having(config, path, started)
            different.append(".".join(path))
    return replace(source, config=config), tuple(different)


def _value(table: BaseModel, path: Sequence[str]) -> object:
    value: object = table
    for name in path:
        value = getattr(value, name)
    return value


def _having(table: Table, path: Sequence[str], value: object) -> Table:
    name, *rest = path
    inner = _having(getattr(table, name), rest, value) if rest else value
    return table.model_copy(update={name: inner})
