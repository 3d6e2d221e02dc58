"""imageway key list: whose keys there are, what they allow, and where each lies."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from imageway.cli.command import Command, Exit
from imageway.cli.opening import loaded
from imageway.cli.output import say_json, show_table
from imageway.providers.config import Key
from imageway.providers.file.spelling import spelled
from imageway.providers.keys import Keyring
from imageway.providers.loading import Source


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key; it never holds the token, nor its hash."""

    name: str
    allow: tuple[str, ...] | None
    kind: str
    lies: str
    missing: str | None


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def _run(chosen: Namespace) -> int:
    rows = _rows(loaded(chosen.config))
    if chosen.json:
        say_json(
            [
                {
                    "name": row.name,
                    "allow": None if row.allow is None else [*row.allow],
                    "kind": row.kind,
                    "from": row.lies,
                    "missing": row.missing,
                }
                for row in rows
            ]
        )
        return Exit.DONE
    show_table(("key", "allows", "from", "state"), [_cells(row) for row in rows])
    return Exit.DONE


def _rows(source: Source) -> list[KeyRow]:
    missing = Keyring(source, os.environ).disabled
    return [_row(name, key, missing.get(name)) for name, key in source.config.keys.items()]


def _row(name: str, key: Key, missing: str | None) -> KeyRow:
    kind = "hash" if key.hash is not None else "token"
    return KeyRow(name, key.allow, kind, spelled(key.hash or key.token), missing)


def _cells(row: KeyRow) -> tuple[str, ...]:
    allows = "every model" if row.allow is None else ", ".join(row.allow) or "nothing"
    state = f"lets nobody in: {row.missing}" if row.missing else "in force"
    return row.name, allows, f"{row.kind} = {row.lies}", state


COMMAND = Command("list", "list the keys, what they allow and where they lie", _arguments, _run)
