"""imageway serve: the gateway."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from imageway.cli.command import Command
from imageway.cli.opening import loaded
from imageway.cli.options import port


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", help="where to listen, instead of gateway.listen")
    parser.add_argument(
        "--port", metavar="N", type=port, help="the port, instead of gateway.listen"
    )


def _run(chosen: Namespace) -> int:
    from imageway.server.run import serve

    return serve(loaded(chosen.config), chosen.host, chosen.port)


COMMAND = Command("serve", "start the gateway", _arguments, _run, logs_itself=True)
