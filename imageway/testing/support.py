"""What each adapter can do and has proven, as one table for a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import Option, Range
from imageway.testing.playing import Card, Verdict

YES, NO = "yes", "–"
POWER_IN_WORDS: Mapping[str, str] = {
    "ListsModels": "lists its models",
    "ChecksHealth": "tells its health",
    "Quotes": "quotes a price before",
    "Resumes": "picks up a job after a crash",
    "ChecksEntitlement": "knows its rights",
    "BrowsesGallery": "shows a gallery",
}
FEW = 4


def table(cards: Sequence[Card]) -> str:
    """Rows of abilities and of promises, a column for each adapter."""
    heads = [f"`{card.subject.name}`" for card in cards]
    rows = [_row("", heads), _row("---", ["---"] * len(cards))]
    rows += [_row(name, [told(card) for card in cards]) for name, told in _abilities()]
    rows += [_row(f"*{group}*", [_kept(card, group) for card in cards]) for group in _groups(cards)]
    return "\n".join(rows) + "\n"


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([name, *cells])} |"


def _abilities() -> Iterator[tuple[str, Callable[[Card], str]]]:
    yield "proven with", lambda card: f"`{card.subject.model}`"
    for option in Option:
        yield option.value.replace("_", " "), partial(_option, option)
    yield "pictures in one call", lambda card: str(card.look.can.images_per_call)
    yield "tells its progress", lambda card: YES if card.look.can.reports_progress else NO
    for name, words in POWER_IN_WORDS.items():
        yield words, partial(_power, name)


def _power(name: str, card: Card) -> str:
    return YES if name in card.look.powers else NO


def _option(option: Option, card: Card) -> str:
    can = card.look.can
    if option not in can.options:
        return NO
    match option:
        case Option.SIZE:
            return _sizes(can.sizes)
        case Option.REFERENCES:
            return f"up to {can.references}"
        case _:
            return _allowed(can, option)


def _allowed(can: Capabilities, option: Option) -> str:
    match can.allowed.get(option):
        case Range(least=least, most=most):
            return f"{least:.16g} to {most:.16g}"
        case frozenset() as words:
            return ", ".join(sorted(words))
        case _:
            return YES


def _sizes(rule: SizeRule) -> str:
    if len(rule.choices) > FEW:
        return f"{len(rule.choices)} sizes"
    if rule.choices:
        return ", ".join(map(str, rule.choices))
    steps = f" in steps of {rule.multiple_of}" if rule.multiple_of > 1 else ""
    return f"edges of {rule.least_edge} to {rule.most_edge}{steps}"


def _groups(cards: Sequence[Card]) -> list[str]:
    verdicts = cards[0].verdicts if cards else ()
    return [group for group, _ in groupby(verdicts, key=lambda each: each.scenario.group)]


def _kept(card: Card, group: str) -> str:
    played = [each for each in card.verdicts if _counts(each, group)]
    kept = sum(each.ending == "kept" for each in played)
    if not played:
        return NO
    return f"{kept}" if kept == len(played) else f"{kept} of {len(played)}"


def _counts(verdict: Verdict, group: str) -> bool:
    return verdict.scenario.group == group and verdict.ending != "unneeded"
