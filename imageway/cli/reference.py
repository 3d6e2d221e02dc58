"""The tables of docs/cli.md; `python -m imageway.cli.reference docs/cli.md` writes them anew."""

from __future__ import annotations

import re
import sys
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path

from imageway.cli.command import MEANING_BY_EXIT, Command, Group, add_common
from imageway.cli.parser import COMMANDS
from imageway.providers.file.documenting import rewrite


def reference() -> str:
    """Every command with its options, and the exit codes, as Markdown."""
    sections = [_section(name, parser) for name, parser in _parsers()]
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in MEANING_BY_EXIT.items())
    return "\n".join([*sections, f"### Exit codes\n\n| code | meaning |\n|---|---|\n{codes}\n"])


def _parsers() -> Iterator[tuple[str, ArgumentParser]]:
    everywhere = ArgumentParser(add_help=False, description="before or behind any command")
    add_common(everywhere, first=True)
    for name, command in _named("imageway", COMMANDS):
        parser = ArgumentParser(add_help=False, description=command.help)
        command.arguments(parser)
        yield name, parser
    yield "Everywhere", everywhere


def _named(before: str, commands: Iterable[Command | Group]) -> Iterator[tuple[str, Command]]:
    for command in commands:
        name = f"{before} {command.name}"
        match command:
            case Group():
                yield from _named(name, command.commands)
            case Command():
                yield name, command


def _section(name: str, parser: ArgumentParser) -> str:
    actions = parser._actions  # pyright: ignore[reportPrivateUsage]: argparse has no public list of them
    rows = "\n".join(f"| {_spelled(action)} | {_cell(action.help or '')} |" for action in actions)
    return f"### {name}\n\n{parser.description}\n\n| option | meaning |\n|---|---|\n{rows}\n"


def _spelled(action: Action) -> str:
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        return f"`{_cell('|'.join(action.choices) if action.choices else value)}`"
    shown = "" if action.nargs == 0 or action.default is SUPPRESS else f" {value}"
    return ", ".join(f"`{name}{_cell(shown)}`" for name in action.option_strings)


def _cell(text: str) -> str:
    return re.sub(r"\|", r"\\|", text)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(rewrite(page.read_text(encoding="utf-8"), reference()), encoding="utf-8")
