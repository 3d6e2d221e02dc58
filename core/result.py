"""What came of a request: its events folded into one value."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Literal, Self

from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.core.events import Charged, Event, Finished, ImageFailed, ImageReady, Note

Status = Literal["succeeded", "partial", "failed"]


@dataclass(frozen=True, slots=True)
class ImageResult:
    """Pictures and failures in the order of their indices, notes and charges as they came."""

    images: tuple[ImageReady, ...] = ()
    failures: tuple[ImageFailed, ...] = ()
    notes: tuple[Note, ...] = ()
    usage: tuple[Charged, ...] = ()
    error: ErrorInfo | None = None

    @property
    def status(self) -> Status:
        """Succeeded when all came, partial when some came, failed when none did."""
        if not self.images:
            return "failed"
        return "partial" if self.failures else "succeeded"

    def raise_for_error(self) -> Self:
        """Raise when nothing came; hand the result back otherwise."""
        if self.error is not None:
            raise ImagewayError.carrying(self.error)
        return self


def fold(events: list[Event]) -> ImageResult:
    """Fold events that have all been heard."""
    images = [event for event in events if isinstance(event, ImageReady)]
    failures = [event for event in events if isinstance(event, ImageFailed)]
    return ImageResult(
        images=tuple(sorted(images, key=lambda event: event.index)),
        failures=tuple(sorted(failures, key=lambda event: event.index)),
        notes=tuple(event for event in events if isinstance(event, Note)),
        usage=tuple(event for event in events if isinstance(event, Charged)),
        error=next((event.error for event in events if isinstance(event, Finished)), None),
    )


async def collect(events: AsyncIterable[Event]) -> ImageResult:
    """Read a stream of events to its end and fold it."""
    return fold([event async for event in events])
