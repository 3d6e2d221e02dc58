"""What a command is, what every command takes, and how a command may end."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    NOTHING = 1
    USAGE = 2
    PARTIAL = 3
    POISONED = 70
    MISCONFIGURED = 78
    INTERRUPTED = 130


MEANING_BY_EXIT: Mapping[Exit, str] = {
    Exit.DONE: "everything asked for is there",
    Exit.NOTHING: "no picture came; `plan`, `explain`: nobody can be asked; `check`: a provider is "
    "down, or with --strict there is a warning; `conform`: a promise is broken; "
    "`reload` and other orders: no gateway runs",
    Exit.USAGE: "nothing was asked: wrong use or configuration",
    Exit.PARTIAL: "some pictures came, others did not",
    Exit.POISONED: "`qwen serve`: the device failed; start it anew",
    Exit.MISCONFIGURED: "`qwen serve`: starting it again does not help",
    Exit.INTERRUPTED: "interrupted; what had come is saved",
}


@dataclass(frozen=True, slots=True)
class Command:
    """One word behind `imageway`: its arguments, and what it does with them."""

    name: str
    help: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    logs_itself: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One word behind `imageway` that has commands of its own."""

    name: str
    help: str
    commands: tuple[Command, ...]


def add_common(parser: ArgumentParser, *, first: bool) -> None:
    """Add what may stand before the command or behind it; behind it wins."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=None if first else SUPPRESS,
        help="the configuration; else plugins.toml here, else the built-in demo",
    )
    parser.add_argument(
        "--debug",
        action="store_true",
        default=False if first else SUPPRESS,
        help="show the trace of a bug; IMAGEWAY_DEBUG=1 does the same",
    )
