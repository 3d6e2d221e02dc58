"""imageway show: what is in force, where each value comes from, and no secret but its end."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from imageway.cli.command import Command, Exit
from imageway.cli.opening import provisioned
from imageway.cli.output import say_json, show_table, tell
from imageway.core.errors import invalid
from imageway.providers.file.showing import Row, Show
from imageway.providers.loading import nearest

HELP = "show what is in force and where it comes from; secrets as ****1234"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "table", metavar="TABLE", nargs="?", help="only this table, such as providers.google"
    )
    parser.add_argument("--set", action="store_true", help="only what the file sets")
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def _run(chosen: Namespace) -> int:
    snapshot = provisioned(chosen.config)
    rows = _within(list(Show(snapshot, os.environ).rows()), chosen.table)
    if chosen.set:
        rows = [each for each in rows if each.line is not None]
    if chosen.json:
        say_json(
            [
                {
                    "table": row.table,
                    "key": row.key,
                    "value": row.value,
                    "from": row.layer,
                    "line": row.line,
                }
                for row in rows
            ]
        )
        return Exit.DONE
    tell(f"{snapshot.source.path or 'no plugins.toml here, so the built-in demo'}")
    show_table(("key", "value", "from"), [_cells(row) for row in rows])
    return Exit.DONE


def _within(rows: list[Row], table: str | None) -> list[Row]:
    if table is None:
        return rows
    table = table.strip("[]")
    found = [each for each in rows if f"{each.table}.".startswith(f"{table}.")]
    if not found:
        tables = {each.table for each in rows if each.table}
        raise invalid("table", f"there is no table {table!r}", nearest(table, tables))
    return found


def _cells(row: Row) -> tuple[str, str, str]:
    key = f"{row.table}.{row.key}" if row.table else row.key
    place = f"{row.layer}, line {row.line}" if row.line else row.layer
    return key, row.value, place


COMMAND = Command("show", HELP, _arguments, _run)
