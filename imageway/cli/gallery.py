"""imageway gallery: what a vendor shows in public, also while the vendor fails."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway import client
from imageway.cli.command import Command, Exit
from imageway.cli.gallery_table import TITLES, cells
from imageway.cli.options import whole_number
from imageway.cli.output import clean, complain, say, show_table, tell
from imageway.cli.screen import is_live
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.leafing import Item, leaf_through
from imageway.core.powers import GalleryPage
from imageway.providers.galleries.browsing import Query, Shown, browse, named
from imageway.providers.tables.units import spell_about

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
        "--all", dest="pages", action="store_const", const=sys.maxsize, help="every page to the end"
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
    for name, each in values.items():
        given[name] = each[0] if len(each) == 1 else each
    return given


@dataclass(slots=True)
class Showing:
    """What has come, and how it is written: at once for programs, as one table for people."""

    as_json: bool
    is_handsome: bool
    count: int = 0
    pages: int = 0
    cursor: str | None = None
    rows: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    error: ErrorInfo | None = None

    def page(self, shown: Shown) -> GalleryPage:
        """Note where the next page is, and say so where this one only stands in."""
        page = shown.page
        self.pages += 1
        self.cursor = page.cursor
        if shown.stale is not None:
            age, reason = spell_about(shown.stale.age_seconds), clean(shown.stale.reason)
            tell(f"note: page {self.pages} is {age} old: {reason}")
        return page

    def item(self, item: Item) -> None:
        """Show one item."""
        self.count += 1
        if self.as_json:
            say(json.dumps(item, separators=(",", ":")))
        elif self.is_handsome:
            self.rows.append(cells(item))
        else:
            show_table(TITLES, [cells(item)])

    def end(self) -> None:
        """Show what was gathered, and what remains to be asked for."""
        if self.rows:
            show_table(*_without_empty(self.rows))
        if self.cursor is not None:
            tell(f"note: there is more: --cursor {clean(self.cursor)}")
        elif self.pages and not self.count:
            tell("note: there is nothing")
        if self.error is not None:
            complain(self.error)

    @property
    def exit(self) -> Exit:
        """How the command ends."""
        if self.error is None:
            return Exit.DONE
        if self.count:
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

        async def page(query: Query) -> GalleryPage:
            if showing.pages and is_live(quiet=False):
                tell(f"page {showing.pages}, {showing.count} so far")
            return showing.page(await browse(provider, query))

        async with aclosing(leaf_through(page, query_of(chosen), chosen.pages)) as items:
            async for item in items:
                showing.item(item)
        problem = provider.state.gallery.kept.problem
        if problem is not None:
            tell(f"note: answers cannot be kept: {clean(problem)}")


def _without_empty(
    rows: Sequence[Sequence[str]],
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The columns in which there is anything."""
    used = [place for place in range(len(TITLES)) if any(row[place] for row in rows)]
    return [TITLES[place] for place in used], [[row[place] for place in used] for row in rows]


COMMAND = Command("gallery", "browse what a vendor shows in public", _arguments, _run)
