"""A streamed answer as OpenAI writes it: previews, pictures and failures as they come."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from imageway.core.errors import ErrorInfo
from imageway.core.events import Charged, Event, Finished, ImageFailed, ImageReady, Note, Preview
from imageway.core.picture import Picture
from imageway.providers.jobs import Job
from imageway.server.dialects.openai_answer import (
    BACKGROUNDS,
    QUALITIES,
    Json,
    about_picture,
    charges_of,
    failure,
    failure_answer,
    notes_of,
    picture_object,
    problem_for,
    tokens_used,
    usage_of,
)
from imageway.server.dialects.openai_fields import Asked
from imageway.server.jobs import JOB
from imageway.serving.answers import REQUEST_ID
from imageway.serving.sse import Feed, frame, send_events

# The only event of ours that OpenAI's own SDK does not know; it hands it on untyped.
FAILED = "image_generation.failed"


# What fails as soon as it is asked is said by the status; SDKs raise a better exception for it.
GRACE_SECONDS = 0.05


async def stream(request: web.Request, asked: Asked, job: Job) -> web.StreamResponse:
    """Send what the job tells, until its end or until the reader leaves."""
    async with job.subscribe() as events, Feed(_frames(events, Telling(asked, job.id))) as feed:
        if await feed.arrives(GRACE_SECONDS) and job.is_finished:
            result = await job.outcome()
            if result.error is not None:
                return failure_answer(asked, job.id, result, result.error)
        return await send_events(request, feed, {REQUEST_ID: job.id, JOB: job.id})


@dataclass(slots=True)
class Telling:
    """What was heard of one job so far, and how it is told."""

    asked: Asked
    job_id: str
    notes: list[Note] = field(default_factory=list[Note])
    charges: list[Charged] = field(default_factory=list[Charged])
    failures: list[ErrorInfo] = field(default_factory=list[ErrorInfo])
    previews: dict[int, int] = field(default_factory=dict[int, int])

    async def frame(self, event: Event) -> bytes | None:
        """The event as bytes; None when it only adds to what is told later."""
        match event:
            case Preview(index, picture) if self._is_wanted(index):
                return await self._preview(index, picture)
            case ImageReady():
                return await self._completed(event)
            case ImageFailed():
                self.failures.append(event.error)
                return frame(FAILED, orjson.dumps({**failure(self.asked, event), "type": FAILED}))
            case Finished(error=ErrorInfo() as error):
                return self._error(error)
            case Note():
                self.notes.append(event)
            case Charged():
                self.charges.append(event)
            case _:
                pass
        return None

    def _is_wanted(self, index: int) -> bool:
        return self.previews.get(index, 0) < (self.asked.request.previews or 0)

    async def _preview(self, index: int, picture: Picture) -> bytes:
        name = f"{self.asked.operation}.partial_image"
        number = self.previews.get(index, 0)
        self.previews[index] = number + 1
        about = {**self._about(name, picture), "partial_image_index": number, "index": index}
        return frame(name, *picture_object(await picture.text(), about))

    async def _completed(self, ready: ImageReady) -> bytes:
        name = f"{self.asked.operation}.completed"
        beside: Json = {
            "provider": ready.provider,
            "model": ready.model,
            "seed": ready.picture.seed,
            "notes": notes_of((*self.asked.notes, *self.notes)),
            "usage": charges_of(self.charges),
        }
        about: Json = {
            **self._about(name, ready.picture),
            **about_picture(ready),
            "usage": usage_of(self.charges) or tokens_used(0),
            "imageway": beside,
        }
        return frame(name, *picture_object(await ready.picture.text(), about))

    def _about(self, name: str, picture: Picture) -> Json:
        """The members that OpenAI's own events always have."""
        wanted = self.asked.request
        return {
            "type": name,
            "created_at": int(time.time()),
            "size": f"{picture.width}x{picture.height}",
            "quality": wanted.quality if wanted.quality in QUALITIES else "auto",
            "background": wanted.background if wanted.background in BACKGROUNDS else "auto",
            "output_format": picture.format,
        }

    def _error(self, error: ErrorInfo) -> bytes:
        """The end when nothing came; the SDK raises at this and reads no further."""
        problem = problem_for(self.asked, error, self.failures)
        return frame("error", orjson.dumps({"type": "error", **problem.body(self.job_id)}))


async def _frames(events: AsyncIterator[Event], telling: Telling) -> AsyncGenerator[bytes]:
    async for event in events:
        told = await telling.frame(event)
        if told is not None:
            yield told
