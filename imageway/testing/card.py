"""The score card: what was kept, what was broken and how to mend it, what was not needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from textwrap import wrap
from typing import Literal

from pydantic import JsonValue

from imageway.testing.playing import Card, Verdict

Style = Literal["plain", "strong", "good", "bad", "known", "dim"]
Piece = tuple[str, Style]
Line = tuple[Piece, ...]

MARK_BY_ENDING: Mapping[str, Piece] = {
    "kept": ("✓", "good"),
    "broken": ("✗", "bad"),
    "mended": ("✗", "bad"),
    "known": ("!", "known"),
}
WIDTH = 96


def lines(card: Card, *, verbose: bool = False) -> Iterator[Line]:
    """The card for people."""
    yield _title(card)
    yield ()
    for group, verdicts in groupby(card.verdicts, key=lambda verdict: verdict.scenario.group):
        yield from _group(group, [*verdicts], verbose=verbose)
    yield from _unneeded(card.ended("unneeded"))
    yield ()
    yield _sum(card)


def _title(card: Card) -> Line:
    emulator = card.subject.emulator
    against = f"against the emulator {emulator.name}" if emulator else "without a wire"
    rest = f", model {card.subject.model}, {against}"
    return ((card.subject.name, "strong"), (rest, "plain"))


def _group(group: str, verdicts: list[Verdict], *, verbose: bool) -> Iterator[Line]:
    played = [verdict for verdict in verdicts if verdict.ending != "unneeded"]
    if not played:
        return
    kept = sum(verdict.ending == "kept" for verdict in played)
    marks = tuple(MARK_BY_ENDING[verdict.ending] for verdict in played)
    count = f"{kept}" if kept == len(played) else f"{kept} of {len(played)}"
    fill = " " * max(1, 24 - len(played))
    yield ((f"  {group:<12}", "strong"), *marks, (f"{fill}{count}", "plain"))
    for verdict in played:
        if verbose or verdict.ending != "kept":
            yield from _told(verdict, verbose=verbose)


def _told(verdict: Verdict, *, verbose: bool) -> Iterator[Line]:
    mark, style = MARK_BY_ENDING[verdict.ending]
    scenario = verdict.scenario
    yield ((f"    {mark} ", style), (scenario.name, "plain"), (f"  {scenario.sentence}", "dim"))
    if verdict.told:
        yield from _paragraph(verdict.told, 6, style)
    if verbose and verdict.is_bad:
        yield from _paragraph(f"to mend: {scenario.mend}", 6, "plain")


def _paragraph(text: str, indent: int, style: Style) -> Iterator[Line]:
    for line in wrap(text, WIDTH - indent):
        yield ((" " * indent + line, style),)


def _unneeded(verdicts: list[Verdict]) -> Iterator[Line]:
    if not verdicts:
        return
    yield ()
    yield (("  not needed", "strong"),)
    told = sorted(verdicts, key=lambda verdict: verdict.told)
    for why, same in groupby(told, key=lambda verdict: verdict.told):
        names = ", ".join(verdict.scenario.name for verdict in same)
        yield from _paragraph(f"because {why}: {names}", 4, "dim")


def _sum(card: Card) -> Line:
    seconds = sum(verdict.seconds for verdict in card.verdicts)
    bad = card.ended("broken", "mended")
    counts: list[Piece] = [(f"{len(card.ended('kept'))} kept", "good")]
    counts.append((f"{len(bad)} broken", "bad" if bad else "plain"))
    if known := card.ended("known"):
        counts.append((f"{len(known)} known to fail", "known"))
    counts.append((f"{len(card.ended('unneeded'))} not needed", "plain"))
    comma: Piece = (", ", "plain")
    line = [piece for count in counts for piece in (count, comma)][:-1]
    return (*line, (f"; {seconds:.1f} s", "dim"))


def data(card: Card) -> JsonValue:
    """The card for programs."""
    return {
        "adapter": card.subject.name,
        "model": card.subject.model,
        "emulator": card.subject.emulator.name if card.subject.emulator else None,
        "good": card.is_good,
        "powers": [*card.look.powers],
        "scenarios": [_scenario(verdict) for verdict in card.verdicts],
    }


def _scenario(verdict: Verdict) -> JsonValue:
    return {
        "name": verdict.scenario.name,
        "group": verdict.scenario.group,
        "sentence": verdict.scenario.sentence,
        "ending": verdict.ending,
        "told": verdict.told,
        "mend": verdict.scenario.mend if verdict.is_bad else None,
        "seconds": round(verdict.seconds, 3),
    }


def plain(line: Line) -> str:
    """A line without its styles."""
    return "".join(text for text, _ in line)
