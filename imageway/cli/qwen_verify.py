"""imageway qwen verify: whether a quantised checkpoint is whole, to its last number."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from imageway.cli.command import Command, Exit
from imageway.cli.output import clean, complain, say, tell
from imageway.core.errors import ImagewayError


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="the checkpoint")


def _run(chosen: Namespace) -> int:
    from imageway.qwen.diffusion import libraries

    try:
        libraries.require()
    except ImagewayError as error:
        complain(error.info)
        return Exit.MISCONFIGURED
    return _verified(chosen.folder)


def _verified(folder: Path) -> int:
    from imageway.qwen.diffusion.verifying import verify

    damages = 0
    for damage in verify(folder, lambda line: say(clean(line))):
        damages += 1
        tell(clean(f"wrong: {damage.message}"))
        if damage.hint:
            tell(clean(f"  {damage.hint}"))
    if damages:
        return Exit.NOTHING
    say(clean(f"{folder} is whole"))
    return Exit.DONE


COMMAND = Command("verify", "look a quantised checkpoint through", _arguments, _run)
