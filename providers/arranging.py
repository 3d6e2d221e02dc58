"""In which order the models behind a name are asked just now, and which of them are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from imageway.core.errors import ErrorCode
from imageway.providers.onward import between
from imageway.providers.registry import Provider
from imageway.providers.router import Target


@dataclass(frozen=True, slots=True)
class Turn:
    """A model when its turn comes; with a reason it is passed by, and the reason is told."""

    target: Target
    passed_by: str | None = None


def arranged(targets: Sequence[Target], providers: Mapping[str, Provider]) -> tuple[Turn, ...]:
    """Shortest lines first where a route says so; whoever is left alone is last; none is lost."""
    ordered = _by_line(targets, providers, 0)
    turns = [Turn(each, _disabled(providers[each.provider])) for each in ordered]
    alone = [turn for place, turn in enumerate(turns) if _waits(turns, place, providers)]
    said = [
        replace(turn, passed_by=_left_alone(providers[turn.target.provider]))
        if turn in alone
        else turn
        for turn in turns
    ]
    return (*said, *alone)


def _by_line(
    targets: Sequence[Target], providers: Mapping[str, Provider], depth: int
) -> list[Target]:
    """Sort the branches of each route that wants it, level by level."""
    if not targets or len(targets[0].path) <= depth:
        return list(targets)
    branches = [
        _by_line(list(branch), providers, depth + 1)
        for _, branch in groupby(targets, lambda target: target.path[depth].place)
    ]
    if targets[0].path[depth].rules.shortest_line_first:
        usual = _usual_seconds(targets, providers)
        branches.sort(key=lambda branch: min(_wait(providers[t.provider], usual) for t in branch))
    return [target for branch in branches for target in branch]


def _wait(provider: Provider, usual: float) -> tuple[bool, float, float]:
    """Who is worse off: cannot be asked, about how long one more would wait, how busy it is."""
    slots = provider.state.slots
    inside = slots.running + slots.waiting
    rounds = inside // slots.at_once
    cannot = provider.disabled is not None or provider.state.breaker.state == "open"
    return cannot, rounds * (slots.usual_seconds or usual), inside / slots.at_once


def _usual_seconds(targets: Sequence[Target], providers: Mapping[str, Provider]) -> float:
    """What a picture takes at engines that have not shown it yet: as long as at their like."""
    slots = [providers[each.provider].state.slots for each in targets]
    known = [each.usual_seconds for each in slots if each.usual_seconds is not None]
    return min(known, default=1.0)


def _waits(turns: Sequence[Turn], place: int, providers: Mapping[str, Provider]) -> bool:
    """Whether one behind it may be asked in its stead while its breaker is open."""
    target = turns[place].target
    if turns[place].passed_by or providers[target.provider].state.breaker.state != "open":
        return False
    return any(
        not turn.passed_by
        and providers[turn.target.provider].state.breaker.state != "open"
        and ErrorCode.UNAVAILABLE in between(target.path, turn.target.path).codes
        for turn in turns[place + 1 :]
    )


def _disabled(provider: Provider) -> str | None:
    return None if provider.disabled is None else f"{provider.name} is disabled"


def _left_alone(provider: Provider) -> str:
    seconds = provider.state.breaker.seconds_left
    return f"{provider.name} has failed often lately and is left alone for {seconds:.0f} s"
