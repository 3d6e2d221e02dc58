"""imageway check: is the configuration right, is anything missing, and does everybody answer?"""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from imageway.cli.command import Command, Exit
from imageway.cli.output import clean, complain, say, say_json, tell
from imageway.core.errors import ErrorInfo
from imageway.core.powers import Health
from imageway.providers.file.examining import examine
from imageway.providers.file.warnings import warnings
from imageway.providers.loading import Source
from imageway.providers.powers import health
from imageway.providers.registry import Provider
from imageway.providers.snapshot import Snapshot

HELP = "check the configuration and tell every mistake; asks nobody unless --live"
PATIENCE = 20.0
LATE = Health(status="down", detail=f"no answer within {PATIENCE:.0f} s")


@dataclass(slots=True)
class Verdict:
    """All that was found."""

    source: Source
    mistakes: Sequence[ErrorInfo] = ()
    warnings: Sequence[str] = ()
    live: Mapping[str, Health] = field(default_factory=dict[str, Health])

    def exit(self, *, strict: bool) -> Exit:
        """How the command ends."""
        if self.mistakes:
            return Exit.USAGE
        is_ill = any(each.status == "down" for each in self.live.values())
        return Exit.NOTHING if is_ill or (strict and self.warnings) else Exit.DONE


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="fail where check only warns")
    parser.add_argument(
        "--live",
        action="store_true",
        help="ask each provider one question that is free; nothing is ever drawn",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    verdict = asyncio.run(_verdict(chosen.config, live=chosen.live))
    if chosen.json:
        say_json(_data(verdict))
    else:
        _show(verdict)
    return verdict.exit(strict=chosen.strict)


async def _verdict(config: str | None, *, live: bool) -> Verdict:
    path = None if config is None else Path(config)
    examined = await asyncio.to_thread(examine, path, os.environ)
    snapshot = examined.snapshot
    if snapshot is None:
        return Verdict(examined.source, examined.mistakes)
    try:
        verdict = Verdict(examined.source, (), list(warnings(snapshot)))
        if live:
            verdict.live = await _asked(snapshot)
        return verdict
    finally:
        await snapshot.close()


async def _asked(snapshot: Snapshot) -> Mapping[str, Health]:
    """One free question to each provider that can be asked, all at the same time."""
    asked = {name: each for name, each in snapshot.providers.items() if not each.disabled}
    found = await asyncio.gather(*map(_health, asked.values()))
    return dict(zip(asked, found, strict=True))


async def _health(provider: Provider) -> Health:
    try:
        async with asyncio.timeout(PATIENCE):
            return await health(provider)
    except TimeoutError:
        return LATE


def _show(verdict: Verdict) -> None:
    for mistake in verdict.mistakes:
        complain(mistake)
    for warning in verdict.warnings:
        tell(f"warning: {clean(warning)}")
    if verdict.mistakes:
        tell(f"imageway: {_counted(len(verdict.mistakes), 'mistake')}; the file is not used")
        return
    for name, each in verdict.live.items():
        detail = f": {clean(each.detail)}" if each.detail else ""
        say(f"{name} is {each.status}{detail}")
    say(_summary(verdict.source))


def _data(verdict: Verdict) -> JsonValue:
    return {
        "file": str(verdict.source.path) if verdict.source.path else None,
        "right": not verdict.mistakes,
        "mistakes": [
            {"line": each.details.get("line"), "message": each.message, "hint": each.hint}
            for each in verdict.mistakes
        ],
        "warnings": [*verdict.warnings],
        "live": {name: each.model_dump(mode="json") for name, each in verdict.live.items()},
    }


def _summary(source: Source) -> str:
    where = source.path or "no plugins.toml here, so the built-in demo"
    config = source.config
    counts = (
        _counted(len(config.providers), "provider"),
        _counted(len(config.routes), "route"),
        _counted(len(config.keys), "key"),
    )
    return f"{where}: well formed, {', '.join(counts)}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


COMMAND = Command("check", HELP, _arguments, _run)
