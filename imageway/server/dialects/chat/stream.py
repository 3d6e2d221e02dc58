"""A streamed chat answer: the lines of a job as they come, until its end or the reader's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

from aiohttp import web

from imageway.core.events import Event
from imageway.core.result import ImageResult
from imageway.providers.jobs import Job
from imageway.server.dialects.chat.advice import advised_result
from imageway.server.dialects.chat.telling import Telling
from imageway.server.dialects.openai_answer import failure_answer
from imageway.server.jobs import JOB
from imageway.serving.answers import REQUEST_ID
from imageway.serving.sse import BEAT, Feed, send_events

# What fails as soon as it is asked is said by the status, which every client shows.
GRACE_SECONDS = 0.05


async def stream(request: web.Request, telling: Telling, job: Job) -> web.StreamResponse:
    """Send what the job tells, until its end or until the reader leaves."""
    async with job.subscribe() as events:
        early = advised_result(telling.asked, await _early_end(job))
        if early.error is not None:
            return failure_answer(telling.asked, job.id, early, early.error)
        opening = BEAT + telling.opening()
        async with Feed(_frames(events, telling)) as feed:
            headers = {REQUEST_ID: job.id, JOB: job.id}
            return await send_events(request, feed, headers, opening=opening)


async def _early_end(job: Job) -> ImageResult:
    """The result of a job that ends at once, else an empty one."""
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            await job.ended()
    return await job.outcome() if job.is_finished else ImageResult()


async def _frames(events: AsyncIterator[Event], telling: Telling) -> AsyncGenerator[bytes]:
    async for event in events:
        async for line in telling.lines(event):
            if line:
                yield line
