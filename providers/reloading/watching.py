"""Noticing that a file was saved, however its editor does that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

# A look is one stat. It works where notifications do not: network folders, mounts of containers,
# links that are turned over; and there is no folder whose watch could die with it.
BEAT = 0.2
# So many looks in a row must find the same, so that a file that is being written is left alone.
SETTLED = 2

Look = tuple[int, ...]
GONE: Look = ()


def look(path: Path) -> Look:
    """What tells one state of a file from another; nothing when there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return GONE
    times = found.st_mtime_ns, found.st_ctime_ns
    return found.st_dev, found.st_ino, found.st_mode, found.st_size, *times


async def watch(
    path: Path,
    saved: Callable[[], Awaitable[None]],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    looking: Callable[[Path], Look] = look,
) -> None:
    """Call `saved` each time that the file has changed and come to rest; never returns.

    It is called once in the beginning, for what changed since the file was read.
    """
    known: Look | None = None
    latest, same = GONE, 0
    while True:
        found = await asyncio.to_thread(looking, path)
        same = same + 1 if found == latest else 0
        latest = found
        if latest != known and same >= SETTLED:
            known = latest
            await saved()
        await sleep(BEAT)
