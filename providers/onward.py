"""Whether a failure at one model sends a picture to another, by the route that holds them both."""

from __future__ import annotations

from dataclasses import dataclass

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.providers.tables.conditions import CURABLE
from imageway.providers.tables.money import MaxPrice


@dataclass(frozen=True, slots=True)
class Rules:
    """What one route says beside its list."""

    codes: frozenset[ErrorCode] = CURABLE
    tops_up: bool = True
    shortest_line_first: bool = False
    ceiling: MaxPrice | None = None


USUAL = Rules()


@dataclass(frozen=True, slots=True)
class Step:
    """A place in one route's list."""

    route: str
    place: int
    rules: Rules = USUAL


Path = tuple[Step, ...]


def between(before: Path, after: Path) -> Rules:
    """The rules of the innermost route that holds both: it is where their ways part."""
    for mine, other in zip(before, after, strict=False):
        if (mine.route, mine.place) != (other.route, other.place):
            return mine.rules
    return USUAL


def goes_on(rules: Rules, error: ErrorInfo, *, some_came: bool) -> bool:
    """Whether the next is asked for a picture that failed so."""
    if not error.another_may_cure or (some_came and not rules.tops_up):
        return False
    return error.passed_over or error.code in rules.codes
