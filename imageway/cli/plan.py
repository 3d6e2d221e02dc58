"""imageway plan: who would be asked, why, what for and at what price; nothing is ordered."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from pydantic import JsonValue

from imageway.cli.command import Command, Exit
from imageway.cli.opening import looking
from imageway.cli.options import add_request, prompt_of, wishes_of
from imageway.cli.output import clean, say, say_json
from imageway.client import build_request
from imageway.core.errors import invalid
from imageway.core.options import Option
from imageway.core.powers import Entitlement, Quote
from imageway.core.request import ImageRequest
from imageway.providers.keys import ANYBODY, Caller
from imageway.providers.loading import Source, nearest
from imageway.providers.planning import Plan, Prospect, plan

HELP = "tell who would be asked, why, and at what price; orders nothing, asks free questions only"


def _arguments(parser: ArgumentParser) -> None:
    add_request(parser)
    parser.add_argument("--key", metavar="NAME", help="as the caller with this key")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    found = asyncio.run(_planned(chosen, prompt_of(chosen)))
    if chosen.json:
        say_json(_data(found, chosen.key))
    else:
        for line in _lines(found, chosen.key):
            say(clean_line(line))
    return Exit.DONE if found.leads_somewhere else Exit.NOTHING


async def _planned(chosen: Namespace, prompt: str) -> Plan:
    request = await build_request(prompt, **wishes_of(chosen))
    async with looking(chosen.config) as snapshot:
        return await plan(snapshot, request, _caller(snapshot.source, chosen.key))


def _caller(source: Source, name: str | None) -> Caller:
    keys = source.config.keys
    if name is None:
        return ANYBODY
    if name not in keys:
        raise invalid("key", f"there is no key {name!r}", nearest(name, keys))
    return Caller(name, keys[name].allow)


def clean_line(line: str) -> str:
    """One line that cannot steer the terminal, with its indentation."""
    bare = line.lstrip(" ")
    return " " * (len(line) - len(bare)) + clean(bare)


def _lines(found: Plan, key: str | None) -> Iterator[str]:
    kind = "a route" if found.is_route else "one model"
    yield f"{found.model}: {kind}"
    if not found.allowed:
        yield f"  the key {key!r} may not ask for it: add it to [keys.{key}] allow"
    place = 0
    for each in found.prospects:
        place += each.is_asked
        mark = str(place) if each.is_asked else "-"
        yield f"  {mark} {each.target.name} {_verdict(each, place)}"
        for detail in _details(each):
            yield f"      {detail}"
    if not any(each.is_asked for each in found.prospects):
        yield "  nobody would be asked"


def _verdict(each: Prospect, place: int) -> str:
    if each.passed_by is not None:
        return f"is passed by: {each.passed_by.message}"
    return "is asked first" if place == 1 else "is asked for what is then missing"


def _details(each: Prospect) -> Iterator[str]:
    if each.passed_by is not None or each.asked is None:
        if each.passed_by and each.passed_by.hint:
            yield f"hint: {each.passed_by.hint}"
        return
    if not each.known:
        yield "nothing is known of this model; it may not heed each wish"
    for name, value in _asked(each.asked).items():
        yield f"{name} = {value}"
    for change in each.changes:
        yield f"{change.kind}: {change.detail}"
    if each.right is not None:
        yield f"rights: {rights(each.right)}"
    yield f"{each.calls} {'call' if each.calls == 1 else 'calls'}, {_price(each)}"


def _price(each: Prospect) -> str:
    if each.price is None:
        return f"no price: {each.unpriced}"
    return told(each.price)


def rights(right: Entitlement) -> str:
    """A verdict in a line."""
    words = {True: "usable", False: "not usable", None: "unknown"}[right.allowed]
    return f"{words} ({right.verdict}) {right.reason}".strip()


def told(price: Quote) -> str:
    """A price in words; one that does not bind is about right."""
    return f"{'' if price.firm else 'about '}{price.amount:g} {price.unit}"


def _asked(request: ImageRequest) -> dict[str, JsonValue]:
    """What would reach the adapter, but for the prompt; pictures are only counted."""
    pictures: dict[Option, JsonValue] = {
        Option.REFERENCES: len(request.references),
        Option.MASK: request.mask is not None,
    }
    return {"count": request.count} | {
        option.value: pictures.get(option, _shown(value))
        for option, value in request.wishes.items()
    }


def _shown(value: object) -> JsonValue:
    return value if isinstance(value, bool | int | float | str) else str(value)


def _data(found: Plan, key: str | None) -> JsonValue:
    return {
        "model": found.model,
        "kind": "route" if found.is_route else "model",
        "key": key,
        "allowed": found.allowed,
        "candidates": [_candidate(each) for each in found.prospects],
    }


def _candidate(each: Prospect) -> JsonValue:
    passed_by = each.passed_by
    return {
        "provider": each.target.provider,
        "model": each.target.model,
        "asked": each.is_asked,
        "reason": None
        if passed_by is None
        else {"code": passed_by.code, "message": passed_by.message, "hint": passed_by.hint},
        "known": each.known,
        "wishes": _asked(each.asked) if each.asked is not None else None,
        "changes": [
            {"option": change.option.value, "kind": change.kind, "detail": change.detail}
            for change in each.changes
        ],
        "calls": each.calls,
        "price": None if each.price is None else each.price.model_dump(mode="json"),
        "unpriced": each.unpriced,
        "entitlement": None if each.right is None else each.right.told(),
    }


COMMAND = Command("plan", HELP, _arguments, _run)
