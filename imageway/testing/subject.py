"""What is put to the proof: an adapter, how it is built, and the emulator that it speaks to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import BaseModel

from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.emulators.base import Emulator

NOTHING: Mapping[str, object] = {}
Build = Callable[[str, Http, Memo], Adapter]


class AdapterClass(Protocol):
    """An adapter's class: its Config, and how it is made."""

    Config: type[BaseModel]

    def __call__(self, config: BaseModel, http: Http, memo: Memo) -> Adapter:
        """Make an adapter."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """An adapter to be proven; without an emulator it has no wire, and can reach nobody."""

    name: str
    build: Build
    emulator: type[Emulator] | None
    model: str
    known_failures: Mapping[str, str] = field(default_factory=dict[str, str])


def built_from(found: AdapterClass, emulator: type[Emulator] | None) -> Build:
    """Build a class as plugins.toml would, with what the emulator says of its vendor."""

    def build(url: str, http: Http, memo: Memo) -> Adapter:
        settings = NOTHING if emulator is None else emulator().settings(url)
        known = found.Config.model_fields
        values = {name: value for name, value in settings.items() if name in known}
        return found(found.Config.model_validate(values), http, memo)

    return build
