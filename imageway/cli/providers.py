"""imageway providers: who is ready, what is missing for the others, and how they are now."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import suppress

from pydantic import JsonValue

from imageway.cli.command import Command, Exit
from imageway.cli.opening import loaded, provisioned
from imageway.cli.ordering import needing_a_gateway
from imageway.cli.output import say_json, show_table
from imageway.cli.providers_services import service_row, show_services
from imageway.cli.running import running_if_any, watch
from imageway.cli.switching import add_switching, switch
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.powers import Health
from imageway.providers.powers import health
from imageway.providers.report import ProviderReport, Reports, report
from imageway.providers.snapshot import Snapshot

TOKEN = "IMAGEWAY_KEY"  # noqa: S105 - the name of a variable, not a token
TITLES = ("provider", "adapter", "state", "routes")
WELL = frozenset({"up", "unknown"})
LIVE_TITLES = (*TITLES, "health", "breaker", "running", "waiting", "repeats left")


def _arguments(parser: ArgumentParser) -> None:
    add_switching(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--check", action="store_true", help="ask each one question that is free")
    group.add_argument(
        "--live",
        nargs="?",
        const="",
        metavar="URL",
        help="how they stand in the gateway that runs here, or in the one at URL "
        f"(its key from {TOKEN})",
    )
    group.add_argument("--watch", action="store_true", help="the same, each second anew")


def _run(chosen: Namespace) -> int:
    if chosen.action is not None:
        return switch(chosen)
    if chosen.watch:
        return needing_a_gateway(_watch)(chosen)
    if chosen.live is not None:
        return _show_live(chosen)
    return _show_checked(chosen) if chosen.check else _show(chosen)


def _show(chosen: Namespace) -> int:
    found = running_if_any(chosen.config)
    reports = (found or _at_rest(chosen.config)).providers
    if chosen.json:
        say_json([_plain(each) for each in reports])
    else:
        show_table(TITLES, [_cells(each) for each in reports])
        show_services(reports)
    return Exit.DONE


def _at_rest(config: str | None) -> Reports:
    """How they would stand here, with what is kept of their galleries."""
    snapshot = provisioned(config)
    for provider in snapshot.providers.values():
        provider.state.gallery.kept.look()
    return report(snapshot)


def _show_live(chosen: Namespace) -> int:
    found = None if chosen.live else running_if_any(chosen.config)
    reports = (
        asyncio.run(_live(chosen.live or _usual_url(chosen.config)))
        if found is None
        else found.providers
    )
    if chosen.json:
        say_json([each.model_dump(mode="json") for each in reports])
    else:
        show_table(LIVE_TITLES, [_live_cells(each) for each in reports])
        show_services(reports)
    return Exit.DONE


def _watch(chosen: Namespace) -> int:
    with suppress(KeyboardInterrupt):  # how one stops looking
        asyncio.run(watch(chosen.config, LIVE_TITLES, _live_cells))
    return Exit.DONE


def _show_checked(chosen: Namespace) -> int:
    snapshot = provisioned(chosen.config)
    found = asyncio.run(_asked(snapshot))
    named = list(zip(snapshot.providers, found, strict=True))
    if chosen.json:
        say_json([{"name": name, **health.model_dump(mode="json")} for name, health in named])
    else:
        show_table(
            ("provider", "health", "detail"),
            [row for name, health in named for row in _checked_rows(name, health)],
        )
    return Exit.DONE if all(each.status == "up" for each in found) else Exit.NOTHING


def _checked_rows(name: str, health: Health) -> list[tuple[str, str, str]]:
    """A provider, and under it each of its services."""
    services = [service_row(name, each) for each in health.services]
    return [(name, health.status, health.detail), *services]


async def _asked(snapshot: Snapshot) -> Sequence[Health]:
    try:
        return await asyncio.gather(*map(health, snapshot.providers.values()))
    finally:
        await snapshot.close()


async def _live(url: str) -> Sequence[ProviderReport]:
    from imageway.core.network import check_url

    check_url(url, ErrorCode.INVALID_REQUEST)
    token = os.environ.get(TOKEN)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with Http(private=True) as http:
            found = await http.json("GET", f"{url}/v1/providers", Reports, headers=headers)
    except ImagewayError as error:
        raise _explained(url, error) from error
    return found.providers


def _explained(url: str, error: ImagewayError) -> ImagewayError:
    if error.info.code is ErrorCode.UNAUTHENTICATED:
        hint = f"put a key of its [keys] into {TOKEN}"
    else:
        hint = "is a gateway running there? name another with --live URL"
    message = f"no gateway told how its providers are at {url}: {error.info.message}"
    return ImagewayError(error.info.code, message, hint=hint)


def _usual_url(config: str | None) -> str:
    host, port = loaded(config).config.gateway.address
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _plain(each: ProviderReport) -> JsonValue:
    fields = {"name", "adapter", "state", "reason", "routes", "at_once", "queue"}
    known = {name for name in ("health", "gallery") if getattr(each, name)}
    return each.model_dump(mode="json", include=fields | known)


def _cells(each: ProviderReport) -> tuple[str, ...]:
    state = f"disabled: {each.reason}" if each.reason else "ready"
    state = f"CHAOS: {each.chaos}" if each.chaos else state
    return each.name, each.adapter, state, ", ".join(each.routes) or "-"


def _health(health: Health | None) -> str:
    """The whole, with every service that is not up."""
    if health is None:
        return "-"
    ill = [f"{each.name} {each.status}" for each in health.services if each.status not in WELL]
    why = "" if health.status == "up" or not health.detail else f": {health.detail}"
    services = f" ({', '.join(ill)})" if ill else ""
    return f"{health.status}{why}{services}"


def _live_cells(each: ProviderReport) -> tuple[str, ...]:
    left = f", {each.breaker_seconds:.0f} s left" if each.breaker_seconds else ""
    return (
        *_cells(each),
        _health(each.health),
        f"{each.breaker}{left}",
        f"{each.running} of {each.at_once}",
        f"{each.waiting}, room for {each.queue} requests",
        str(each.repeats_left),
    )


COMMAND = Command("providers", "list who draws, and who is disabled and why", _arguments, _run)
