"""imageway providers: who is ready, and what is missing for the others."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from pydantic import JsonValue

from imageway.cli.command import Command, Exit
from imageway.cli.opening import provisioned
from imageway.cli.output import say_json, show_table
from imageway.providers.registry import Provider
from imageway.providers.snapshot import Snapshot


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def _run(chosen: Namespace) -> int:
    snapshot = provisioned(chosen.config)
    if chosen.json:
        say_json([_data(snapshot, each) for each in snapshot.providers.values()])
        return Exit.DONE
    show_table(
        ("provider", "adapter", "state", "routes"),
        [_cells(snapshot, each) for each in snapshot.providers.values()],
    )
    return Exit.DONE


def _data(snapshot: Snapshot, provider: Provider) -> JsonValue:
    return {
        "name": provider.name,
        "adapter": provider.config.adapter,
        "state": "disabled" if provider.disabled else "ready",
        "reason": provider.disabled,
        "routes": [*_routes(snapshot, provider)],
    }


def _cells(snapshot: Snapshot, provider: Provider) -> tuple[str, ...]:
    state = f"disabled: {provider.disabled}" if provider.disabled else "ready"
    routes = ", ".join(_routes(snapshot, provider)) or "-"
    return provider.name, provider.config.adapter, state, routes


def _routes(snapshot: Snapshot, provider: Provider) -> list[str]:
    return [
        route
        for route, targets in snapshot.router.routes.items()
        if any(target.provider == provider.name for target in targets)
    ]


COMMAND = Command("providers", "list who draws, and who is disabled and why", _arguments, _run)
