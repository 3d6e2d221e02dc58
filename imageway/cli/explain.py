"""imageway explain: what stands behind a name, what it can do, by which rules and at what price."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from pydantic import JsonValue

from imageway.cli.command import Command, Exit
from imageway.cli.opening import looking
from imageway.cli.output import say, say_json
from imageway.cli.plan import clean_line, rights, told
from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import ROW_BY_OPTION, Range
from imageway.providers.explaining import Branch, Explanation, Model, explain
from imageway.providers.file.spelling import spelled
from imageway.providers.tables.policies import Policies
from imageway.providers.tables.units import spell_seconds

HELP = (
    "tell what stands behind a name: models, abilities, rules, price, rights; asks free questions"
)


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a route, or provider/model")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    found = asyncio.run(_explained(chosen.config, chosen.model))
    if chosen.json:
        say_json(_data(found))
    else:
        for line in _lines(found):
            say(clean_line(line))
    return Exit.DONE if any(each.can for each in found.models) else Exit.NOTHING


async def _explained(config: str | None, model: str) -> Explanation:
    async with looking(config) as snapshot:
        return await explain(snapshot, model)


def _lines(found: Explanation) -> Iterator[str]:
    yield from _tree(found.tree, 0)
    if found.title:
        yield f"  title: {found.title}"
    for model in found.models:
        yield ""
        yield f"{model.target.name}: by the adapter {model.provider.config.adapter}"
        for name, words in _facts(model):
            yield f"  {name}: {words}"


def _tree(branch: Branch, depth: int) -> Iterator[str]:
    defaults = f" with {spelled(branch.defaults)}" if branch.defaults else ""
    kind = f": a route of {len(branch.tries)}" if branch.tries else ""
    yield f"{'  ' * depth}{branch.name}{kind}{defaults}"
    for each in branch.tries:
        yield from _tree(each, depth + 1)


def _facts(model: Model) -> Iterator[tuple[str, str]]:
    if model.can is None:
        yield "disabled", model.provider.disabled or "it has no adapter"
    else:
        yield from _abilities(model.can)
    yield "rules", _rules(model.provider.policies)
    if model.can is not None:
        yield "price of one picture", told(model.price) if model.price else f"{model.unpriced}"
    if model.right is not None:
        yield "rights", rights(model.right)


def _abilities(can: Capabilities) -> Iterator[tuple[str, str]]:
    if not can.known:
        yield "abilities", "nothing is known of it; everything is passed on"
        return
    yield "does", ", ".join(sorted(can.operations))
    yield "heeds", ", ".join(_options(can)) or "the prompt alone"
    yield "sizes", _sizes(can.sizes)
    yield "at once", f"{can.images_per_call} a call, up to {can.references} references"


def _options(can: Capabilities) -> Iterator[str]:
    for option in (each for each in ROW_BY_OPTION if each in can.options):
        allowed = can.allowed.get(option)
        if isinstance(allowed, Range):
            yield f"{option.value} {allowed}"
        elif allowed:
            yield f"{option.value} ({', '.join(sorted(allowed))})"
        else:
            yield option.value


def _sizes(rule: SizeRule) -> str:
    if rule.choices:
        return ", ".join(str(each) for each in rule.choices)
    return (
        f"edges from {rule.least_edge} to {rule.most_edge} in steps of {rule.multiple_of}, "
        f"up to {rule.most_pixels} pixels, usually {rule.usual}"
    )


def _rules(policies: Policies) -> str:
    total = spell_seconds(policies.timeout.total).strip('"')
    return (
        f"{policies.retry.attempts} attempts within {total}, {policies.concurrency.at_once} at "
        f"once, {policies.concurrency.queue} in line"
    )


def _data(found: Explanation) -> JsonValue:
    return {
        "name": found.tree.name,
        "title": found.title,
        "tree": _branch(found.tree),
        "models": [_model(each) for each in found.models],
    }


def _branch(branch: Branch) -> JsonValue:
    return {
        "name": branch.name,
        "defaults": {**branch.defaults},
        "tries": [_branch(each) for each in branch.tries],
    }


def _model(model: Model) -> JsonValue:
    provider = model.provider
    return {
        "provider": provider.name,
        "model": model.target.model,
        "adapter": provider.config.adapter,
        "disabled": provider.disabled,
        "capabilities": None if model.can is None else _capabilities(model.can),
        "policies": provider.policies.model_dump(mode="json"),
        "price": None if model.price is None else model.price.model_dump(mode="json"),
        "unpriced": model.unpriced,
        "entitlement": None if model.right is None else model.right.told(),
    }


def _capabilities(can: Capabilities) -> JsonValue:
    return {
        "known": can.known,
        "operations": [*sorted(can.operations)],
        "options": [*_options(can)],
        "sizes": _sizes(can.sizes),
        "images_per_call": can.images_per_call,
        "references": can.references,
        "reports_progress": can.reports_progress,
        "sends_previews": can.sends_previews,
    }


COMMAND = Command("explain", HELP, _arguments, _run)
