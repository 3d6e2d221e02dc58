"""The whole command line as argparse sees it."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import NoReturn

from imageway import __version__
from imageway.cli import (
    chaos,
    check,
    conform,
    entitlement,
    explain,
    gallery,
    generate,
    init,
    journal,
    key,
    migrate,
    models,
    plan,
    providers,
    qwen,
    reload,
    schema,
    serve,
    show,
)
from imageway.cli.command import MEANING_BY_EXIT, Command, Exit, Group, add_common
from imageway.cli.output import clean, tell
from imageway.providers.loading import nearest

COMMANDS: tuple[Command | Group, ...] = (
    init.COMMAND,
    generate.COMMAND,
    models.COMMAND,
    plan.COMMAND,
    explain.COMMAND,
    providers.COMMAND,
    entitlement.COMMAND,
    gallery.COMMAND,
    check.COMMAND,
    show.COMMAND,
    serve.COMMAND,
    key.COMMANDS,
    schema.COMMAND,
    migrate.COMMAND,
    reload.COMMAND,
    chaos.COMMANDS,
    journal.COMMANDS,
    conform.COMMAND,
    qwen.COMMANDS,
)
WRONG_COMMAND = re.compile(r"argument COMMAND: invalid choice: '(?P<word>[^']*)'")
OPTION_NAME = re.compile(r"--[a-z-]*[a-z]")


class Parser(ArgumentParser):
    """An argparse parser that refuses in one line and a hint."""

    commands: Sequence[Command | Group] = ()

    def error(self, message: str) -> NoReturn:
        """End with the code for wrong use."""
        if wrong := WRONG_COMMAND.match(message):
            names = [command.name for command in self.commands]
            self._refuse(f"there is no command {wrong['word']!r}", nearest(wrong["word"], names))
        self._refuse(_plain(message), None)

    def refuse_unknown(self, word: str) -> NoReturn:
        """End because of one word too many, and name the option that may have been meant."""
        if word.startswith("-"):
            near = nearest(word.partition("=")[0], OPTION_NAME.findall(self.format_usage()))
            self._refuse(f"there is no option {word!r}", near)
        self._refuse(f"{word!r} is one word too many", "put a text with spaces in quotes")

    def _refuse(self, message: str, hint: str | None) -> NoReturn:
        tell(f"imageway: {clean(message)}")
        tell(f"  hint: {hint or f'see {self.prog} --help'}")
        sys.exit(Exit.USAGE)


def _plain(message: str) -> str:
    """The same complaint without argparse's jargon."""
    jargon = {"the following arguments are required": "missing", "argument ": ""}
    for word, instead in jargon.items():
        message = message.replace(word, instead, 1)
    return message


def build_parser() -> Parser:
    """Make the parser with every command."""
    parser = Parser(
        prog="imageway",
        description="Pictures from any provider.",
        epilog="exit codes:\n" + "\n".join(f"  {c:>3}  {m}" for c, m in MEANING_BY_EXIT.items()),
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"imageway {__version__}")
    add_common(parser, first=True)
    _add_commands(parser, COMMANDS)
    return parser


def _add_commands(parser: Parser, commands: Sequence[Command | Group]) -> None:
    parser.commands = commands
    chosen = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for command in commands:
        added = chosen.add_parser(
            command.name, help=command.help, description=command.help, allow_abbrev=False
        )
        match command:
            case Group():
                _add_commands(added, command.commands)
            case Command():
                command.arguments(added)
                added.set_defaults(command=command, parser=added)
        add_common(added, first=False)
