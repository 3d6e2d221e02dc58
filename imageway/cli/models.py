"""imageway models: every name that can be asked, and who stands behind it."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from imageway import client
from imageway.cli.command import Command, Exit
from imageway.cli.output import say_json, show_table
from imageway.client import Imageway


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One name, what it tries in order, and which of those cannot be asked now."""

    name: str
    kind: str
    tries: tuple[str, ...]
    skips: tuple[str, ...]

    @property
    def shown_tries(self) -> str:
        """A model that is asked directly tries nothing else."""
        return " → ".join(self.tries) if self.kind == "route" else "-"

    @property
    def state(self) -> str:
        """Ready when anybody can be asked."""
        if len(self.skips) == len(self.tries):
            return "disabled"
        return f"ready, without {', '.join(self.skips)}" if self.skips else "ready"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def _run(chosen: Namespace) -> int:
    rows = asyncio.run(_rows(chosen.config))
    if chosen.json:
        say_json(
            [
                {"name": row.name, "kind": row.kind, "tries": [*row.tries], "state": row.state}
                for row in rows
            ]
        )
        return Exit.DONE
    show_table(
        ("model", "tries in order", "state"),
        [(row.name, row.shown_tries, row.state) for row in rows],
    )
    return Exit.DONE


async def _rows(config: str | None) -> list[ModelRow]:
    async with client.open(config) as way:
        routes = [_route(way, name) for name in way.snapshot.router.routes]
        names = [name for name in await way.models() if name not in way.snapshot.router.routes]
    return [*routes, *(ModelRow(name, "model", (name,), ()) for name in names)]


def _route(way: Imageway, name: str) -> ModelRow:
    targets = way.snapshot.router.routes[name]
    skips = [each.name for each in targets if way.snapshot.providers[each.provider].disabled]
    return ModelRow(name, "route", tuple(each.name for each in targets), tuple(skips))


COMMAND = Command("models", "list what can be asked", _arguments, _run)
