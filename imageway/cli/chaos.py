"""imageway chaos: let a provider of the running gateway only seem to fail, for a while."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from typing import get_args
from urllib.parse import quote

from pydantic import JsonValue

from imageway.cli.command import Command, Exit, Group
from imageway.cli.ordering import needing_a_gateway, order
from imageway.cli.output import clean, say, say_json
from imageway.providers.rehearsing import LONGEST, Rehearsals
from imageway.providers.tables.chaos import VendorCode
from imageway.providers.tables.units import seconds, spell_seconds

# As [chaos.providers.NAME] calls them; the words on the command line are the same.
KEYS = ("error", "retry_after", "latency", "cut", "drip", "ratio")


def _on_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="whose orders shall suffer")
    parser.add_argument(
        "--for",
        dest="seconds",
        metavar="TIME",
        type=_duration,
        required=True,
        help=f"how long, such as 90s or 10m, at most {_LONGEST}",
    )
    parser.add_argument(
        "--error",
        metavar="CODE",
        choices=get_args(VendorCode),
        help="fail at once, and ask nobody: " + ", ".join(get_args(VendorCode)),
    )
    parser.add_argument(
        "--retry-after", metavar="TIME", help="beside an error: the wait that the vendor names"
    )
    parser.add_argument("--latency", metavar="TIME", help="think so much longer")
    parser.add_argument(
        "--cut", metavar="COUNT", type=int, help="lose the answer after so many pictures"
    )
    parser.add_argument("--drip", metavar="TIME", help="hold back each picture so long")
    parser.add_argument(
        "--ratio", metavar="SHARE", type=float, help="of the orders, such as 0.5 (default: all)"
    )
    _add_json(parser)


def _off_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="who shall be well again")
    _add_json(parser)


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _on(chosen: Namespace) -> int:
    given = {key: getattr(chosen, key) for key in KEYS}
    trouble: JsonValue = {key: value for key, value in given.items() if value is not None}
    return _give(chosen, "POST", _path(chosen), {"trouble": trouble, "seconds": chosen.seconds})


def _off(chosen: Namespace) -> int:
    return _give(chosen, "DELETE", _path(chosen))


def _show(chosen: Namespace) -> int:
    return _give(chosen, "GET", "/chaos")


def _path(chosen: Namespace) -> str:
    return f"/chaos/{quote(chosen.provider, safe='')}"


def _give(
    chosen: Namespace, method: str, path: str, body: Mapping[str, JsonValue] | None = None
) -> int:
    """Give the order, and say who only rehearses now."""
    found = asyncio.run(order(chosen.config, method, path, Rehearsals, body))
    if chosen.json:
        say_json(found.model_dump(mode="json"))
        return Exit.DONE
    for name, words in found.providers.items():
        say(f"{name} only rehearses: {clean(words)}")
    if not found.providers:
        say("nobody rehearses anything")
    return Exit.DONE


def _duration(text: str) -> float:
    try:
        found = seconds(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if not isinstance(found, float) or not 0 < found <= LONGEST:
        raise ArgumentTypeError(f"must be longer than nothing and at most {_LONGEST}")
    return found


_LONGEST = spell_seconds(LONGEST).strip('"')

COMMANDS = Group(
    "chaos",
    "rehearse failures of a provider of the running gateway",
    (
        Command("on", "let a provider only seem to fail", _on_arguments, needing_a_gateway(_on)),
        Command("off", "let a provider be well again", _off_arguments, needing_a_gateway(_off)),
        Command("show", "say who only rehearses", _add_json, needing_a_gateway(_show)),
    ),
)
