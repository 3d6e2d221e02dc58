"""imageway conform: does an adapter keep what every adapter promises?"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from imageway.cli.command import Command, Exit
from imageway.cli.output import say, say_json, show_table
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.loading import nearest

# The kit brings a server and a painter along; no other command shall wait for them.
if TYPE_CHECKING:
    from imageway.testing.playing import Card
    from imageway.testing.scenario import Scenario

HELP = "put an adapter to the proof; asks nobody but its emulator"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "adapter",
        metavar="NAME|PATH",
        nargs="*",
        help="an installed adapter, ./file.py:TestClass or package.module:Class; none means all",
    )
    parser.add_argument("--emulator", metavar="NAME|PATH", help="instead of the one of this name")
    parser.add_argument("--model", metavar="NAME", help="instead of the emulator's usual one")
    parser.add_argument(
        "--only", metavar="SCENARIO", action="append", help="may be given more than once"
    )
    parser.add_argument("--list", action="store_true", help="list the scenarios, and play none")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell how to mend, and of all")
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    parser.add_argument("--markdown", action="store_true", help="print one table for all adapters")


def _run(chosen: Namespace) -> int:
    from imageway.cli.conforming import subjects
    from imageway.testing.card import data
    from imageway.testing.playing import prove
    from imageway.testing.support import table

    scenarios = _scenarios(chosen.only)
    if chosen.list:
        return _list(scenarios, as_json=chosen.json)
    cards: list[Card] = []
    for subject in subjects(chosen.adapter, chosen.emulator, chosen.model):
        card = prove(subject, scenarios)
        cards.append(card)
        if not (chosen.json or chosen.markdown):
            _show(card, verbose=chosen.verbose)
    if chosen.json:
        say_json([data(card) for card in cards])
    if chosen.markdown:
        say(table(cards).rstrip())
    return Exit.DONE if all(card.is_good for card in cards) else Exit.NOTHING


def _scenarios(names: Sequence[str] | None) -> tuple[Scenario, ...]:
    """All scenarios, or those that were named; raises what was meant."""
    from imageway.testing.scenarios import SCENARIO_BY_NAME, SCENARIOS

    for name in names or ():
        if name not in SCENARIO_BY_NAME:
            near = nearest(name, SCENARIO_BY_NAME) or "imageway conform --list names them"
            message = f"there is no scenario {name!r}"
            raise ImagewayError(ErrorCode.MISCONFIGURED, message, hint=near)
    return tuple(each for each in SCENARIOS if not names or each.name in names)


def _list(scenarios: Sequence[Scenario], *, as_json: bool) -> int:
    if as_json:
        say_json([_described(each) for each in scenarios])
        return Exit.DONE
    show_table(
        ("scenario", "an adapter …", "needs"),
        [(each.name, each.sentence, ", ".join(each.needed) or "-") for each in scenarios],
    )
    return Exit.DONE


def _described(scenario: Scenario) -> JsonValue:
    return {
        "name": scenario.name,
        "group": scenario.group,
        "sentence": scenario.sentence,
        "needs": [*scenario.needed],
        "mend": scenario.mend,
    }


COLOUR_BY_STYLE: Mapping[str, str] = {
    "plain": "",
    "strong": "bold",
    "good": "green",
    "bad": "red",
    "known": "yellow",
    "dim": "dim",
}


def _show(card: Card, *, verbose: bool) -> None:
    from imageway.testing.card import lines, plain

    if not sys.stdout.isatty():
        for line in lines(card, verbose=verbose):
            say(plain(line))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines(card, verbose=verbose):
        pieces = [(text, COLOUR_BY_STYLE[style]) for text, style in line]
        console.print(Text.assemble(*pieces), soft_wrap=True)


COMMAND = Command("conform", HELP, _arguments, _run)
