"""imageway qwen doctor: what this machine can run, and with which command."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from imageway.cli.command import Command, Exit
from imageway.cli.output import say


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        default=".",
        type=Path,
        help="where the checkpoint would lie (default: here)",
    )


def _run(chosen: Namespace) -> int:
    from imageway.qwen.diffusion.doctor import examine, told

    found = examine(chosen.folder)
    for line in told(found):
        say(line)
    return Exit.DONE if found.is_fit else Exit.NOTHING


COMMAND = Command("doctor", "what this machine can run, and how", _arguments, _run)
