"""imageway init: a first plugins.toml, from what this machine has to draw with."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from imageway.cli.command import Command, Exit
from imageway.cli.output import say, say_json
from imageway.cli.schema import save
from imageway.core.errors import invalid
from imageway.providers.file.beginning import first_file, route_of
from imageway.providers.file.discovering import ENGINES, Found, discover
from imageway.providers.file.schema import FILE_NAME as SCHEMA
from imageway.providers.file.schema import spelled
from imageway.providers.file.writing import back_up
from imageway.providers.loading import FILE_NAME

HELP = "write a first plugins.toml from the keys in the environment and the engines that run here"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="replace the file; a copy is kept")
    parser.add_argument(
        "--no-ports", action="store_true", help="look at the environment only, at no local port"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    path = Path(chosen.config or FILE_NAME)
    if path.exists() and not chosen.force:
        raise invalid(
            "config",
            f"{str(path)!r} is already there",
            "look at it with `imageway show`, or replace it with --force",
        )
    found = asyncio.run(discover(os.environ, engines=() if chosen.no_ports else ENGINES))
    backup = back_up(path) if path.exists() else None
    save(path, first_file(found))
    schema = path.with_name(SCHEMA)
    if chosen.force or not schema.exists():
        save(schema, spelled())
    if chosen.json:
        say_json(_data(path, backup, found))
        return Exit.DONE
    for line in _lines(path, backup, found):
        say(line)
    return Exit.DONE


def _lines(path: Path, backup: Path | None, found: Found) -> Iterator[str]:
    for account, variable in found.accounts:
        names = " or ".join(account.variables)
        told = f"found {variable}" if variable else f"not found: {names} is not set"
        yield f"{account.name}: {told}"
    for engine, models in found.engines:
        where = f"port {engine.port}"
        if models is None:
            yield f"{engine.name}: not found: no such engine answers on {where}"
        elif engine.surely_draws:
            yield f"{engine.name}: found on {where}, with {', '.join(models) or 'no model'}"
        else:
            yield f"{engine.name}: something answers on {where}; see the comment in the file"
    if backup is not None:
        yield f"kept the old file as {backup}"
    yield f"wrote {path}; its route 'default' asks {' → '.join(route_of(found))}"


def _data(path: Path, backup: Path | None, found: Found) -> JsonValue:
    return {
        "file": str(path),
        "backup": str(backup) if backup else None,
        "accounts": [
            {"name": each.name, "adapter": each.adapter, "variable": variable}
            for each, variable in found.accounts
        ],
        "engines": [
            {
                "name": each.name,
                "adapter": each.adapter,
                "port": each.port,
                "models": None if models is None else [*models],
            }
            for each, models in found.engines
        ],
        "default": [*route_of(found)],
    }


COMMAND = Command("init", HELP, _arguments, _run)
