"""imageway key revoke NAME: take a caller's key out of plugins.toml, comments kept."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from imageway.cli.command import Command, Exit
from imageway.cli.opening import loaded
from imageway.cli.output import say, say_json, tell
from imageway.cli.schema import save
from imageway.core.errors import invalid
from imageway.providers.config import Key
from imageway.providers.file.editing import as_written, without
from imageway.providers.file.location import line_of
from imageway.providers.file.spelling import spelled
from imageway.providers.file.writing import back_up
from imageway.providers.loading import Source, nearest


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="whose key it is")
    parser.add_argument(
        "--force", action="store_true", help="also the last key, after which anybody may ask"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    source = loaded(chosen.config)
    key = _found(source, chosen.name)
    _refuse_the_last(source, chosen.name, force=chosen.force)
    written = as_written(source.path)
    text = without(written.text, "keys", chosen.name)
    if text is None:
        raise _by_hand(source, chosen.name)
    path = written.path or Path()
    backup = back_up(path)
    save(path, text)
    if chosen.json:
        say_json({"name": chosen.name, "file": str(path), "backup": str(backup)})
        return Exit.DONE
    say(f"the key {chosen.name!r} is out of {path}; the old file is {backup}")
    tell(f"what it lay in may go as well: {spelled(key.hash or key.token)}")
    tell("a gateway refuses it as soon as it has read the file again")
    return Exit.DONE


def _found(source: Source, name: str) -> Key:
    keys = source.config.keys
    if name not in keys:
        raise invalid("name", f"there is no key {name!r}", nearest(name, keys))
    return keys[name]


def _refuse_the_last(source: Source, name: str, *, force: bool) -> None:
    """Without any key everybody would be let in, which is not what a revocation is for."""
    if len(source.config.keys) == 1 and not force:
        raise invalid(
            "name",
            f"{name!r} is the last key; without one anybody who reaches the gateway may ask",
            "make another first (imageway key new NAME), or say --force",
        )


def _by_hand(source: Source, name: str) -> Exception:
    line = line_of(source.text, ("keys", name))
    place = f"{source.path}" + (f", line {line}" if line else "")
    return invalid(
        "name",
        f"{place}: [keys.{name}] is written in a way that cannot be edited safely",
        "take it out by hand",
    )


COMMAND = Command("revoke", "take a caller's key out of plugins.toml", _arguments, _run)
