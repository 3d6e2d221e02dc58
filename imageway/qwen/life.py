"""Where the service is in its life, why it must end, and how the end of a job is waited for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from imageway.qwen.job import Job


class Phase(StrEnum):
    """What the service is doing with its life."""

    LOADING = "loading"
    SERVING = "serving"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Broken:
    """Why the process must end."""

    reason: Literal["config", "load", "device", "worker_dead"]
    message: str
    hint: str | None = None


async def has_ended(job: Job, hurry: asyncio.Event, seconds: float) -> bool:
    """Whether a job has ended before the time was up or somebody was in a hurry."""
    return await _has_come(job.ended, hurry, seconds)


async def was_fetched(job: Job, hurry: asyncio.Event, seconds: float) -> bool:
    """Whether a picture was fetched before the time was up or somebody was in a hurry."""
    return await _has_come(job.fetched, hurry, seconds)


async def _has_come(wanted: asyncio.Event, hurry: asyncio.Event, seconds: float) -> bool:
    waiting = {asyncio.create_task(wanted.wait()), asyncio.create_task(hurry.wait())}
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return wanted.is_set()
