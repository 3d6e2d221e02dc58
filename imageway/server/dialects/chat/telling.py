"""What a chat is told of one job: which lines each of its events becomes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from imageway.core.errors import ErrorInfo
from imageway.core.events import (
    Charged,
    Event,
    Finished,
    ImageFailed,
    ImageReady,
    Note,
    Preview,
    Progress,
    Queued,
)
from imageway.server.dialects.chat import words
from imageway.server.dialects.chat.advice import advised, advised_failure
from imageway.server.dialects.chat.lines import (
    DONE,
    Chunks,
    error_line,
    remark,
    shown_line,
    status_line,
)
from imageway.server.dialects.chat.manner import Manner
from imageway.server.dialects.chat.pace import Pace
from imageway.server.dialects.chat.previews import Previews
from imageway.server.dialects.chat.usage import beside, usage_of
from imageway.server.dialects.openai_answer import problem_for
from imageway.server.dialects.openai_fields import Asked

# Keeps a picture and gives its link, if it can be kept.
Keep = Callable[[ImageReady], Awaitable[str | None]]


@dataclass(slots=True)
class Telling:
    """What was heard of one job so far, and how it is told."""

    asked: Asked
    manner: Manner
    chunks: Chunks
    keep: Keep
    beginning: str
    pace: Pace = field(default_factory=Pace)
    previews: Previews = field(default_factory=Previews)
    ready: list[ImageReady] = field(default_factory=list[ImageReady])
    failed: list[ImageFailed] = field(default_factory=list[ImageFailed])
    notes: list[Note] = field(default_factory=list[Note])
    charges: list[Charged] = field(default_factory=list[Charged])

    @property
    def count(self) -> int:
        """How many pictures were asked for."""
        return self.asked.request.count

    async def lines(self, event: Event) -> AsyncIterator[bytes]:
        """The lines that an event becomes; several, one, or none."""
        match event:
            case Queued() | Progress() | Note():
                yield self._informing(event)
            case Preview() if self.manner.events:
                yield shown_line(await self.previews.show(event))
            case ImageReady():
                self.ready.append(event)
                yield await self._picture(event)
            case ImageFailed():
                yield await self._gone(event)
            case Charged():
                self.charges.append(event)
            case Finished(error):
                for each in self._ending(error):
                    yield each
            case _:
                pass

    def _informing(self, event: Queued | Progress | Note) -> bytes:
        match event:
            case Queued():
                return self._status("queued", words.waiting(event))
            case Progress():
                return self._status("working", words.working(event, self.count))
            case Note():
                self.notes.append(event)
                return self._status("note", words.short(event.detail))

    def opening(self) -> bytes:
        """What is said before anything happened."""
        return self.chunks.opening() + self._status("begun", self.beginning)

    def _status(self, kind: str, text: str) -> bytes:
        """A line about how far it is; empty where the last such line is too young."""
        if not self.pace.allows(kind, text):
            return b""
        return status_line(text) if self.manner.events else remark(text)

    async def _picture(self, ready: ImageReady) -> bytes:
        caption, is_shown = await self.caption(ready)
        if is_shown:
            return self.chunks.text(caption)
        self.previews.finished(ready)
        base64 = await ready.picture.text()
        return self.chunks.picture(caption, ready.picture.media_type, base64)

    async def caption(self, ready: ImageReady) -> tuple[str, bool]:
        """The text about a picture, and whether the picture stands in it and need not go beside.

        What cannot be kept has no link, and goes beside the text to every client.
        """
        name, apart = words.label(ready.index, self.count), "\n\n" if len(self.ready) > 1 else ""
        link = await self.keep(ready)
        if self.manner.inline:
            link = f"data:{ready.picture.media_type};base64,{await ready.picture.text()}"
        if link and self.manner.links:
            shown = f"![{name}]({link})\n\n{name}"
        else:
            shown = f"[{name}]({link})" if link else name
        is_shown = bool(link) and self.manner.links and not self.manner.images
        return f"{apart}{shown}: {words.about(ready)}", is_shown

    async def _gone(self, failed: ImageFailed) -> bytes:
        """Take the preview of a failed picture off the page; the reason is said at the end."""
        self.failed.append(advised_failure(self.asked, failed))
        if not self.previews.drop(failed.index):
            return b""
        return shown_line(await self.previews.urls())

    def _ending(self, error: ErrorInfo | None) -> list[bytes]:
        """The one order that Open WebUI and OpenAI's SDK both read to its end."""
        lines: list[bytes] = []
        if self.manner.events:
            text = words.summary(self.count, self.ready, self.charges)
            lines.append(status_line(text, done=True))
        if self.failed:
            lines.append(self._failure(error))
        if self.manner.usage:
            usage = usage_of(self.charges, self.ready)
            about = beside(self.asked, self.chunks.id, self.failed, self.notes)
            lines.append(self.chunks.usage(usage, about))
        return [*lines, self.chunks.closing(), DONE]

    def _failure(self, error: ErrorInfo | None) -> bytes:
        """An error, or where pictures came and the client would lose them over it, a text."""
        told = words.failures(self.count, self.failed)
        first = advised(self.asked, error or self.failed[0].error)
        problem = problem_for(self.asked, first, [each.error for each in self.failed])
        if self.ready and not self.manner.events:
            return self.chunks.text(words.told(self.count, self.failed))
        return error_line(told, problem.code, {"type": problem.type, "param": problem.param})
