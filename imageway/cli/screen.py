"""What a person sees while pictures are drawn: live on a terminal, else a few quiet lines."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self

from imageway.cli.output import clean, tell
from imageway.core.errors import ErrorInfo
from imageway.core.events import Event, ImageReady, Note


class Screen(AbstractContextManager["Screen"], Protocol):
    """Follows one request."""

    def hear(self, event: Event) -> None:
        """Follow one event of the run."""
        ...

    def saved(self, ready: ImageReady, path: str) -> None:
        """Show where a picture went."""
        ...

    def unsaved(self, index: int, error: ErrorInfo) -> None:
        """Show that a picture came and could not be kept."""
        ...


class PlainScreen:
    """Says only what the caller should know."""

    def __init__(self, *, notes: bool) -> None:
        self._notes = notes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def hear(self, event: Event) -> None:
        """Write a note as a line."""
        if self._notes and isinstance(event, Note):
            tell(f"note: {clean(event.detail)}")

    def saved(self, ready: ImageReady, path: str) -> None:
        """Leave the path to stdout."""

    def unsaved(self, index: int, error: ErrorInfo) -> None:
        """Leave the failure to the report."""


def is_live(*, quiet: bool) -> bool:
    """Whether stderr is a terminal that can be drawn on."""
    return not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def screen_for(count: int, *, quiet: bool) -> Screen:
    """The screen that fits where stderr goes."""
    if not is_live(quiet=quiet):
        return PlainScreen(notes=not quiet)
    from imageway.cli.progress import LiveScreen

    return LiveScreen(count, notes=True)
