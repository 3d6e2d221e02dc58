"""imageway schema: what editors need to know of plugins.toml, with the adapters that are here."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from imageway.cli.command import Command, Exit
from imageway.cli.output import say, tell
from imageway.core.errors import invalid
from imageway.providers.file.schema import spelled
from imageway.providers.file.writing import write_whole

HELP = "print the JSON schema of plugins.toml, for editors"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there instead")


def _run(chosen: Namespace) -> int:
    text = spelled()
    if chosen.output is None:
        say(text.rstrip())
        return Exit.DONE
    save(Path(chosen.output), text)
    tell(f'wrote {chosen.output}; name it in the first line of plugins.toml: "#:schema ./…"')
    return Exit.DONE


def save(path: Path, text: str) -> None:
    """Write a file whole; raises invalid_request where that cannot be done."""
    try:
        write_whole(path, text)
    except OSError as error:
        raise invalid("output", f"cannot write {str(path)!r}: {error.strerror}") from error


COMMAND = Command("schema", HELP, _arguments, _run)
