"""The list that broken adapters enter themselves into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.testing.house.adapter import HouseAdapter, Way


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken adapter, the scenario named for what it breaks, and others that cannot but fail."""

    adapter: type[HouseAdapter]
    way: Way
    scenario: str
    also: frozenset[str]


# Breaks so much that nobody lists it.
REST = "*"
BROKEN: list[Broken] = []


def broken(
    way: Way, scenario: str, *also: str
) -> Callable[[type[HouseAdapter]], type[HouseAdapter]]:
    """Enter an adapter."""

    def enter(adapter: type[HouseAdapter]) -> type[HouseAdapter]:
        BROKEN.append(Broken(adapter, way, scenario, frozenset(also)))
        return adapter

    return enter
