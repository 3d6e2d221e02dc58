"""A configuration opened without asking anybody anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from imageway.providers.loading import Source, load
from imageway.providers.snapshot import Snapshot, provision


def loaded(config: str | None) -> Source:
    """Read --config, else plugins.toml here, else the built-in demo; raises misconfigured."""
    return load(None if config is None else Path(config))


def provisioned(config: str | None) -> Snapshot:
    """Make every adapter; it opens no connection, so nothing needs to be closed."""
    return provision(loaded(config))


@asynccontextmanager
async def looking(config: str | None) -> AsyncGenerator[Snapshot]:
    """Make every adapter for free questions only: without a journal nothing is picked up again."""
    snapshot = await asyncio.to_thread(provisioned, config)
    try:
        yield snapshot
    finally:
        await snapshot.close()
