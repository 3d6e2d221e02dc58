"""imageway providers disable and enable: a provider that nobody is to ask for a while."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from urllib.parse import quote

from imageway.cli.command import Exit
from imageway.cli.ordering import needing_a_gateway, order
from imageway.cli.output import clean, say, say_json
from imageway.core.errors import invalid
from imageway.providers.report import ProviderReport
from imageway.providers.tables.units import seconds


def add_switching(parser: ArgumentParser) -> None:
    """Add the words and options that switch a provider of the running gateway."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("disable", "enable"),
        help="switch a provider of the running gateway off or on; what runs there finishes",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the provider")
    parser.add_argument(
        "--for",
        dest="seconds",
        metavar="TIME",
        type=_duration,
        help="disable: for so long, such as 90s or 1h (default: until it is enabled)",
    )
    parser.add_argument("--because", metavar="TEXT", default="", help="disable: shown as reason")


def switch(chosen: Namespace) -> int:
    """Give the order and say how the provider is now."""
    if chosen.name is None:
        raise invalid(
            "name",
            f"{chosen.action} whom? the name of a provider is missing",
            hint=f"imageway providers {chosen.action} NAME",
        )
    return needing_a_gateway(_switch)(chosen)


def _switch(chosen: Namespace) -> int:
    path = f"/providers/{quote(chosen.name, safe='')}/{chosen.action}"
    given = {"seconds": chosen.seconds, "because": chosen.because}
    body = given if chosen.action == "disable" else None
    found = asyncio.run(order(chosen.config, "POST", path, ProviderReport, body))
    if chosen.json:
        say_json(found.model_dump(mode="json"))
    else:
        say(f"{found.name}: {clean(found.reason) if found.reason else 'ready'}")
    return Exit.DONE


def _duration(text: str) -> float:
    try:
        found = seconds(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if not isinstance(found, float) or found <= 0:
        raise ArgumentTypeError("must be longer than nothing")
    return found
