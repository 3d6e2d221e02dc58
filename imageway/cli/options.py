"""The wishes as command line options, made from the one table of options."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping

from imageway.client import Wishes
from imageway.core.errors import invalid
from imageway.core.options import ROW_BY_OPTION, Option, names

STDIN = "-"


def whole_number(text: str) -> int:
    """Read an integer."""
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a whole number") from None


def port(text: str) -> int:
    """Read a port; 0 lets the system choose."""
    wanted = whole_number(text)
    if not 0 <= wanted <= 65_535:
        raise ArgumentTypeError(f"{text!r} is no port from 0 to 65535")
    return wanted


def number(text: str) -> float:
    """Read a number."""
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a number") from None


READER_BY_OPTION: Mapping[Option, Callable[[str], int | float]] = {
    Option.SEED: whole_number,
    Option.STEPS: whole_number,
    Option.PREVIEWS: whole_number,
    Option.GUIDANCE: number,
}
METAVAR_BY_OPTION: Mapping[Option, str] = {
    Option.SIZE: "WxH",
    Option.ASPECT: "W:H",
    Option.REFERENCES: "FILE",
    Option.MASK: "FILE",
    Option.SEED: "N",
    Option.STEPS: "N",
    Option.PREVIEWS: "N",
    Option.GUIDANCE: "X",
    Option.NEGATIVE_PROMPT: "TEXT",
}
HELP_BY_OPTION: Mapping[Option, str] = {
    Option.PREVIEWS: "how many unfinished pictures to show on the terminal; some vendors charge",
    Option.REFERENCES: f"{ROW_BY_OPTION[Option.REFERENCES].help}; may be given more than once",
}


def add_request(parser: ArgumentParser) -> None:
    """Add what is asked for: a prompt, of whom, how many, and every wish."""
    parser.add_argument(
        "prompt", metavar="PROMPT", help="what to draw; - reads it from standard input"
    )
    parser.add_argument(
        "-m", "--model", default="default", help="a route, or provider/model (default: default)"
    )
    parser.set_defaults(extras=None)
    add_how(parser)


def add_how(parser: ArgumentParser) -> None:
    """Add how many, every wish, and how strictly."""
    parser.add_argument(
        "-n", dest="count", metavar="N", type=whole_number, default=1, help="how many (default: 1)"
    )
    add_wishes(parser)
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse what cannot be done exactly, instead of coming near it with a note",
    )
    parser.add_argument(
        "--recheck",
        action="store_true",
        help="the model was bought just now: believe no earlier no",
    )


def prompt_of(chosen: Namespace) -> str:
    """The prompt that was given, or what stands on standard input."""
    return read_stdin() if chosen.prompt == STDIN else str(chosen.prompt)


def add_wishes(parser: ArgumentParser) -> None:
    """Add every option of the table that has a name on the command line."""
    group = parser.add_argument_group("wishes")
    for option, row in ROW_BY_OPTION.items():
        words = HELP_BY_OPTION.get(option, row.help)
        group.add_argument(
            *names(option, "cli"),
            dest=option.value,
            metavar=METAVAR_BY_OPTION.get(option, "WORD"),
            type=READER_BY_OPTION.get(option, str),
            action="append" if option is Option.REFERENCES else "store",
            help=words + (f", {row.range}" if row.range else ""),
        )


def wishes_of(chosen: Namespace) -> Wishes:
    """The wishes that were given, as the library takes them."""
    given = {option.value: getattr(chosen, option.value) for option in ROW_BY_OPTION}
    wishes = Wishes(
        model=chosen.model or "default",
        count=chosen.count,
        strict=chosen.strict,
        recheck=chosen.recheck,
    )
    for name, value in given.items():
        if value is not None:
            wishes[name] = value  # type: ignore[literal-required]  # the table's names are the fields of Wishes
    if chosen.extras:
        wishes["extras"] = chosen.extras
    return wishes


def read_stdin() -> str:
    """What is piped in; not in a thread, for one that waits for a keyboard cannot be ended."""
    try:
        return sys.stdin.read().strip()
    except UnicodeDecodeError as error:
        raise invalid("prompt", "what came on standard input is no text") from error
