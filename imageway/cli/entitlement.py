"""imageway entitlement: whether a model may be used now, and if not, why and where to buy it."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping

from imageway import client
from imageway.cli.command import Command, Exit
from imageway.cli.output import clean, say, say_json
from imageway.core.powers import Entitlement, Verdict
from imageway.providers.rights import Right, right_of

WORD_BY_ALLOWED: Mapping[bool | None, str] = {True: "yes", False: "no", None: "nobody can say"}
WORDS_BY_VERDICT: Mapping[Verdict, str] = {
    "free": "free",
    "owner": "this account's own",
    "purchased": "purchased",
    "trial_possible": "trial possible",
    "missing": "missing",
    "not_generatable": "not generatable",
    "unknown": "unknown",
}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="URN|URL|ID",
        help="a vendor's name for a model, provider/model, or a route",
    )
    parser.add_argument(
        "--recheck", action="store_true", help="it was bought just now: believe no earlier no"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    found = asyncio.run(_asked(chosen.config, chosen.model, recheck=chosen.recheck))
    if chosen.json:
        say_json({"provider": found.provider, "model": found.model, **found.verdict.told()})
    else:
        for line in _lines(found):
            say(line)
    return Exit.NOTHING if found.verdict.allowed is False else Exit.DONE


async def _asked(config: str | None, model: str, *, recheck: bool) -> Right:
    async with client.open(config) as way:
        return await right_of(way.snapshot, model, recheck=recheck)


def _lines(found: Right) -> Iterator[str]:
    verdict = found.verdict
    yield clean(f"{verdict.title or verdict.model or found.model}, at {found.provider}")
    for name, value in _facts(verdict):
        yield f"  {name:<12} {clean(value)}"


def _facts(verdict: Entitlement) -> Iterator[tuple[str, str]]:
    yield "usable", f"{WORD_BY_ALLOWED[verdict.allowed]} ({WORDS_BY_VERDICT[verdict.verdict]})"
    yield "because", verdict.reason
    if verdict.until is not None:
        yield "until", f"{verdict.until:%Y-%m-%d %H:%M} UTC"
    elif verdict.permanent:
        yield "until", "permanent"
    if verdict.trial_limit is not None:
        yield "free trials", str(verdict.trial_limit or "none")
    if verdict.price is not None:
        yield "price", f"{verdict.price.amount:g} {verdict.price.unit}"
    if verdict.where is not None and verdict.allowed is not True:
        yield "buy at", verdict.where
    if verdict.vendor_message:
        yield "said", verdict.vendor_message


COMMAND = Command("entitlement", "tell whether a model may be used now", _arguments, _run)
