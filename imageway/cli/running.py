"""What a running gateway of one's own tells of its providers, once or again and again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from imageway.cli.ordering import order, state_for
from imageway.cli.output import clean, show_table, table, tell
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.reloading.reload import Standing
from imageway.providers.report import ProviderReport

if TYPE_CHECKING:
    from rich.live import Live

Cells = Callable[[ProviderReport], Sequence[str]]

BEAT = 1.0


class Running(BaseModel):
    """What is read of its status."""

    configuration: Standing
    providers: tuple[ProviderReport, ...]


async def running(config: str | None) -> Running:
    """Ask for it; raises unavailable where no gateway runs with this configuration."""
    return await order(config, "GET", "/status", Running)


def running_if_any(config: str | None) -> Running | None:
    """The same, or nothing; a file that is not in force is told of."""
    from imageway.serving.local import is_there

    try:
        if not is_there(state_for(config)):
            return None
        found = asyncio.run(running(config))
    except ImagewayError as error:
        if error.info.code is not ErrorCode.UNAVAILABLE:
            raise
        return None
    if found.configuration.error:
        tell(f"warning: the file is not in force: {clean(found.configuration.error)}")
    return found


async def watch(
    config: str | None,
    titles: Sequence[str],
    cells: Cells,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Draw the table anew each second until somebody interrupts it or the gateway ends."""
    found = await running(config)
    if not sys.stdout.isatty():
        while True:
            show_table(titles, [cells(each) for each in found.providers])
            await sleep(BEAT)
            found = await running(config)
    from rich.live import Live

    with Live(auto_refresh=False) as live:
        while True:
            _draw(live, found, titles, cells)
            await sleep(BEAT)
            found = await running(config)


def _draw(live: Live, found: Running, titles: Sequence[str], cells: Cells) -> None:
    drawn = table(titles, [cells(each) for each in found.providers])
    drawn.caption = _caption(found.configuration)
    live.update(drawn, refresh=True)


def _caption(standing: Standing) -> str:
    said = f"configuration {standing.generation}"
    return f"{said}; not in force: {clean(standing.error)}" if standing.error else said
