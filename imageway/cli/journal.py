"""imageway journal: the paid calls whose end nobody knows, and closing them by hand."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import JsonValue

from imageway.cli.command import Command, Exit, Group
from imageway.cli.opening import loaded
from imageway.cli.output import say, say_json, show_table, tell
from imageway.core.errors import Charged, ErrorCode, ImagewayError
from imageway.core.events import Charged as Cost
from imageway.providers.accounting.callers import FILE_NAME
from imageway.providers.accounting.spending import Spending
from imageway.providers.journal.journal import Journal, journal_of
from imageway.providers.journal.journal_file import OPEN, Line

Answer = TypeVar("Answer")

TITLES = ("call", "sent", "model", "caller", "state", "the vendor's ticket")
CHARGED_BY_WORD: dict[str, Charged] = {"charged": "yes", "free": "no"}


def _list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def _list(chosen: Namespace) -> int:
    lines = _asked(chosen.config, Journal.open_lines)
    if chosen.json:
        say_json([_plain(line) for line in lines])
    elif not lines:
        say("every paid call is settled")
    else:
        show_table(TITLES, [_cells(line) for line in lines])
    return Exit.DONE


def _settle_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("call", metavar="CALL", help="the call's id, as `list` shows it")
    parser.add_argument("verdict", choices=tuple(CHARGED_BY_WORD), help="what the vendor says")


def _settle(chosen: Namespace) -> int:
    async def settle(journal: Journal) -> None:
        line = await journal.line(chosen.call)
        if line is None or line.state not in OPEN:
            raise ImagewayError(
                ErrorCode.NOT_FOUND,
                f"the journal has no open call {chosen.call!r}",
                hint="`imageway journal list` shows those that are open",
            )
        verdict = CHARGED_BY_WORD[chosen.verdict]
        await journal.settle(line, verdict)
        costs = [Cost(amount, unit) for amount, unit in line.costs]
        books = Spending(loaded(chosen.config).state / FILE_NAME)
        books.settle(line.caller or "", line.id, verdict, costs)
        await books.close()

    _asked(chosen.config, settle)
    say(f"{chosen.call} is settled: {chosen.verdict}")
    tell("note: a gateway that runs counts it towards the key's budget from its next start on")
    return Exit.DONE


def _asked(config: str | None, question: Callable[[Journal], Awaitable[Answer]]) -> Answer:
    async def ask() -> Answer:
        journal = journal_of(loaded(config))
        try:
            return await question(journal)
        finally:
            await journal.close()

    return asyncio.run(ask())


def _cells(line: Line) -> tuple[str, ...]:
    sent = datetime.fromtimestamp(line.sent_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    model = f"{line.provider}/{line.model}"
    return line.id, sent, model, line.caller or "-", line.state, line.ticket or "-"


def _plain(line: Line) -> dict[str, JsonValue]:
    """A call as data; what was asked stays in the journal."""
    return {
        "call": line.id,
        "job": line.job,
        "sent_at": datetime.fromtimestamp(line.sent_at, UTC).isoformat(),
        "provider": line.provider,
        "model": line.model,
        "pictures": len(line.indices),
        "caller": line.caller,
        "state": line.state,
        "ticket": line.ticket,
        "error": line.error,
    }


COMMANDS = Group(
    "journal",
    "the paid calls whose end is not known",
    (
        Command("list", "list them", _list_arguments, _list),
        Command("settle", "close one, once you have asked the vendor", _settle_arguments, _settle),
    ),
)
