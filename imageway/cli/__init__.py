"""The command line: one file a command, and one place where every command ends."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from contextlib import nullcontext

from imageway.cli import logs
from imageway.cli.command import Command, Exit
from imageway.cli.output import complain, tell
from imageway.cli.parser import build_parser
from imageway.core.errors import ImagewayError
from imageway.core.run import fresh_id
from imageway.core.streaming import our_bug


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and say how it ended; never raises and never shows a trace unasked."""
    try:
        chosen, unknown = build_parser().parse_known_args(arguments)
        if unknown:
            chosen.parser.refuse_unknown(unknown[0])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else Exit.USAGE
    debug = logs.wants_debug(chosen.debug)
    with nullcontext() if chosen.command.logs_itself else logs.kept(debug=debug):
        return _run(chosen.command, chosen)


def _run(command: Command, chosen: Namespace) -> int:
    try:
        return int(command.run(chosen))
    except ImagewayError as error:
        complain(error.info)
        return Exit.USAGE
    except KeyboardInterrupt:
        tell("imageway: interrupted")
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - an outer wall: a bug must not show its trace
        complain(our_bug(error, fresh_id("cli")))
        return Exit.NOTHING
