"""What a scenario is: a sentence, a need, a play, and how to mend an adapter that fails it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from inspect import cleandoc
from types import ModuleType
from typing import TYPE_CHECKING, TypeGuard

from imageway.testing.needs import Need

if TYPE_CHECKING:
    from imageway.testing.lab import Lab

Play = Callable[["Lab"], Awaitable[None]]


class Broken(Exception):
    """A promise that the adapter did not keep."""


def expect(kept: object, told: str) -> None:
    """Raise what is wrong unless the promise was kept."""
    if not kept:
        raise Broken(told)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that every adapter does which needs to; its group is the file it stands in."""

    name: str
    sentence: str
    mend: str
    needs: tuple[Need, ...]
    play: Play
    group: str

    @property
    def needed(self) -> tuple[str, ...]:
        """What it needs, in words."""
        return tuple(need.words for need in self.needs)


def scenario(sentence: str, *needs: Need) -> Callable[[Play], Scenario]:
    """Make a scenario of a coroutine; its name is the scenario's, its docstring tells how to mend.

    The sentence goes on after "the adapter".
    """

    def made(play: Play) -> Scenario:
        name = getattr(play, "__name__", "")
        return named(name, sentence, play.__doc__ or "", needs, play)

    return made


def named(name: str, sentence: str, mend: str, needs: tuple[Need, ...], play: Play) -> Scenario:
    """Make a scenario of a table's row."""
    group = play.__module__.rpartition(".")[2]
    return Scenario(name, sentence, " ".join(cleandoc(mend).split()), needs, play, group)


def _is_scenario(value: object) -> TypeGuard[Scenario]:
    return isinstance(value, Scenario)


def scenarios_of(module: ModuleType) -> Iterator[Scenario]:
    """The scenarios of a file in reading order, those of its tables among them."""
    for value in vars(module).values():
        if isinstance(value, Scenario):
            yield value
        elif isinstance(value, tuple):
            yield from filter(_is_scenario, value)  # pyright: ignore[reportUnknownArgumentType]: any tuple
