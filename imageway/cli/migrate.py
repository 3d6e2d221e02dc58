"""imageway migrate: bring plugins.toml into the form of today, comments kept."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from difflib import unified_diff
from pathlib import Path

from imageway.cli.command import Command, Exit
from imageway.cli.output import say, say_json, tell
from imageway.cli.schema import save
from imageway.providers.file.editing import as_written
from imageway.providers.file.migrating import migrated
from imageway.providers.file.writing import back_up
from imageway.providers.loading import SCHEMA

HELP = "show how plugins.toml would look in the form of today, and write it with --write"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--write", action="store_true", help="write it; a copy is kept beside it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    source = as_written(None if chosen.config is None else Path(chosen.config))
    number, text = migrated(source)
    path = source.path or Path()
    is_due = text != source.text
    backup = back_up(path) if is_due and chosen.write else None
    if backup is not None:
        save(path, text)
    if chosen.json:
        say_json(
            {
                "file": str(path),
                "from": number,
                "to": SCHEMA,
                "diff": _diff(source.text, text, path.name),
                "written": backup is not None,
                "backup": str(backup) if backup else None,
            }
        )
    else:
        _tell(path, number, _diff(source.text, text, path.name), backup)
    return Exit.NOTHING if is_due and backup is None else Exit.DONE


def _tell(path: Path, number: int, diff: str, backup: Path | None) -> None:
    if not diff:
        say(f"{path} is of the form of today, schema = {SCHEMA}")
        return
    say(diff.rstrip("\n"))
    if backup is None:
        tell(f"from {number} to {SCHEMA}; nothing is written without --write")
    else:
        tell(f"{path} is now of the form {SCHEMA}; the old one is {backup}")


def _diff(before: str, after: str, name: str) -> str:
    lines = unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name}, migrated"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


COMMAND = Command("migrate", HELP, _arguments, _run)
