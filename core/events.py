"""The events of a run; everything that a reader can ever hear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imageway.core.errors import ErrorInfo
from imageway.core.picture import Picture

NoteKind = Literal[
    "ignored", "adjusted", "retried", "fallback", "deprecated", "degraded", "stale", "rehearsed"
]


@dataclass(frozen=True, slots=True)
class Queued:
    """Waiting, at this place in line, for about this many seconds if anyone knows."""

    index: int | None
    position: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, from 0 to 1 or unknown; without an index it speaks of all pictures."""

    index: int | None
    fraction: float | None
    stage: str


@dataclass(frozen=True, slots=True)
class Preview:
    """An unfinished picture; a later one of the same index replaces it."""

    index: int
    picture: Picture


@dataclass(frozen=True, slots=True)
class ImageReady:
    """A finished picture, and who made it."""

    index: int
    picture: Picture
    provider: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class ImageFailed:
    """A picture that nobody will be asked for any more."""

    index: int
    error: ErrorInfo


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the caller should know but need not act on."""

    kind: NoteKind
    detail: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor took the job and will know it again by this ticket."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Charged:
    """What a call cost, in the vendor's own unit."""

    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every run; the error is set only when no picture came."""

    error: ErrorInfo | None = None


Event = (
    Queued | Progress | Preview | ImageReady | ImageFailed | Note | Accepted | Charged | Finished
)
