"""imageway gallery: what a vendor shows in public, also while the vendor fails."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway import client
from imageway.cli.command import Command, Exit
from imageway.cli.gallery_table import TITLES, cells
from imageway.cli.options import whole_number
from imageway.cli.output import clean, complain, say, show_table, tell
from imageway.cli.screen import is_live
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.providers.browsing import named
from imageway.providers.paging import Item, Leaf, leaves
from imageway.providers.units import spell_about

NAMED = ("kind", "model", "sort", "limit", "cursor")
# What the person who asked must mend; everything else is the vendor's failure.
USAGE = frozenset(
    {
        ErrorCode.INVALID_REQUEST,
        ErrorCode.NOT_FOUND,
        ErrorCode.UNSUPPORTED,
        ErrorCode.MISCONFIGURED,
    }
)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _number_of_pages(text: str) -> int:
    number = whole_number(text)
    if number < 1:
        raise ArgumentTypeError(f"{text!r} is no number of pages")
    return number


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "provider",
        metavar="PROVIDER",
        nargs="?",
        help="whose gallery; without it the only one there is",
    )
    parser.add_argument("--kind", metavar="WORD", help="images or models, or what the vendor has")
    parser.add_argument("--model", metavar="NAME", help="only what was made with this model")
    parser.add_argument("--sort", metavar="WORD", help="in which order, in the vendor's words")
    parser.add_argument("--limit", metavar="N", type=whole_number, help="how many on one page")
    parser.add_argument("--cursor", metavar="WORD", help="where an earlier page said to go on")
    parser.add_argument(
        "-q",
        dest="query",
        metavar="NAME=VALUE",
        action="append",
        type=_pair,
        default=[],
        help="any other parameter of the vendor's; may be given more than once",
    )
    pages = parser.add_mutually_exclusive_group()
    pages.add_argument(
        "--pages", metavar="N", type=_number_of_pages, default=1, help="how many pages (default: 1)"
    )
    pages.add_argument(
        "--all", dest="pages", action="store_const", const=None, help="every page to the end"
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object a line, in the vendor's words"
    )


def query_of(chosen: Namespace) -> dict[str, JsonValue]:
    """What was given, and nothing else; a name given more than once is a list."""
    given: dict[str, JsonValue] = {
        name: getattr(chosen, name) for name in NAMED if getattr(chosen, name) is not None
    }
    values: dict[str, list[JsonValue]] = {}
    for name, value in chosen.query:
        values.setdefault(name, []).append(value)
    return given | {name: each[0] if len(each) == 1 else each for name, each in values.items()}


@dataclass(slots=True)
class Showing:
    """What has come, and how it is written: at once for programs, as one table for people."""

    as_json: bool
    is_handsome: bool
    count: int = 0
    pages: int = 0
    rows: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    leaf: Leaf | None = None
    error: ErrorInfo | None = None

    def hear(self, leaf: Leaf) -> None:
        """Show one page."""
        self.leaf = leaf
        self.pages += 1
        self.count += len(leaf.items)
        if leaf.stale is not None:
            tell(
                f"note: page {self.pages} is {spell_about(leaf.stale.age_seconds)} old: "
                f"{clean(leaf.stale.reason)}"
            )
        if self.as_json:
            for item in leaf.items:
                say(_line(item))
        else:
            self._table(leaf)

    def _table(self, leaf: Leaf) -> None:
        rows = [cells(item) for item in leaf.items]
        if self.is_handsome:
            self.rows += rows
        else:
            show_table(TITLES, rows)

    def end(self) -> None:
        """Show what was gathered, and what remains to be asked for."""
        if self.rows:
            show_table(*_without_empty(self.rows))
        if self.leaf is not None and self.leaf.cursor is not None:
            tell(f"note: there is more: --cursor {clean(self.leaf.cursor)}")
        elif self.leaf is not None and not self.count:
            tell("note: there is nothing")
        if self.error is not None:
            complain(self.error)

    @property
    def exit(self) -> Exit:
        """How the command ends."""
        if self.error is None:
            return Exit.DONE
        if self.pages:
            return Exit.PARTIAL
        return Exit.USAGE if self.error.code in USAGE else Exit.NOTHING


def _run(chosen: Namespace) -> int:
    showing = Showing(chosen.json, is_handsome=sys.stdout.isatty() and not chosen.json)
    try:
        asyncio.run(_asked(chosen, showing))
    except ImagewayError as error:
        showing.error = error.info
    except KeyboardInterrupt:
        showing.end()
        raise
    showing.end()
    return showing.exit


async def _asked(chosen: Namespace, showing: Showing) -> None:
    async with client.open(chosen.config) as way:
        provider = named(way.snapshot.providers, chosen.provider)
        async for leaf in leaves(provider, query_of(chosen), chosen.pages):
            showing.hear(leaf)
            if chosen.pages != 1 and is_live(quiet=False):
                tell(f"page {showing.pages}, {showing.count} so far")
        problem = provider.state.gallery.kept.problem
        if problem is not None:
            tell(f"note: answers cannot be kept: {clean(problem)}")


def _without_empty(
    rows: Sequence[Sequence[str]],
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The columns in which there is anything."""
    used = [place for place in range(len(TITLES)) if any(row[place] for row in rows)]
    return [TITLES[place] for place in used], [[row[place] for place in used] for row in rows]


def _line(item: Item) -> str:
    return json.dumps(item, separators=(",", ":"))


COMMAND = Command("gallery", "browse what a vendor shows in public", _arguments, _run)
