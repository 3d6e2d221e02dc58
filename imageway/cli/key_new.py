"""imageway key new NAME: a token for a caller, and the lines that let it in."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace

from pydantic import TypeAdapter, ValidationError

from imageway.cli.command import Command, Exit
from imageway.cli.opening import loaded
from imageway.cli.output import say, say_json
from imageway.core.errors import invalid
from imageway.providers.config import Name
from imageway.providers.keys import digest, new_token


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="whose key it is")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    name = _checked(chosen.name)
    if name in loaded(chosen.config).config.keys:
        raise invalid("name", f"there is a key {name!r} already", "choose another name")
    token = new_token()
    variable = f"IMAGEWAY_KEY_{re.sub('[^A-Z0-9]', '_', name.upper())}_HASH"
    lines = (f"[keys.{_quoted(name)}]", f'hash = {{ env = "{variable}" }}')
    if chosen.json:
        say_json(
            {
                "name": name,
                "token": token,
                "env": {variable: digest(token)},
                "toml": "\n".join(lines),
            }
        )
        return Exit.DONE
    say("# The caller's token; it is shown this once and kept nowhere:")
    say(token)
    say("\n# For plugins.toml:")
    say("\n".join(lines))
    say("\n# For the environment of the gateway:")
    say(f"{variable}={digest(token)}")
    return Exit.DONE


def _checked(name: str) -> str:
    try:
        return TypeAdapter[str](Name).validate_python(name)
    except ValidationError as error:
        raise invalid(
            "name",
            f"{name!r} cannot be the name of a key",
            "letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 60",
        ) from error


def _quoted(name: str) -> str:
    return f'"{name}"' if "." in name else name


COMMAND = Command("new", "make a key for a caller of the gateway", _arguments, _run)
