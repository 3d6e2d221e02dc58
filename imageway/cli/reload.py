"""imageway reload: a running gateway takes its file into use, or says what is wrong with it."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace

from imageway.cli.command import Command, Exit
from imageway.cli.ordering import needing_a_gateway, order
from imageway.cli.output import clean, say, say_json
from imageway.providers.reloading.changes import Changes


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print what changed as JSON")


def _run(chosen: Namespace) -> int:
    made = asyncio.run(order(chosen.config, "POST", "/reload", Changes))
    if chosen.json:
        say_json(made.model_dump(mode="json"))
        return Exit.DONE
    say(f"configuration {made.generation} is in force")
    for line in [*made.lines()] or ["nothing changed"]:
        say(f"  {clean(line)}")
    return Exit.DONE


COMMAND = Command(
    "reload", "let the running gateway read its file again", _arguments, needing_a_gateway(_run)
)
