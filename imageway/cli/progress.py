"""One live line a picture: a bar with the stage while it is drawn, its file once it is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from imageway.cli.output import clean
from imageway.cli.sketch import sketch
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.events import (
    Event,
    ImageFailed,
    ImageReady,
    Note,
    Preview,
    Progress,
    Queued,
)

BAR_WIDTH = 32
INDENT = 4
STOPPED = ErrorInfo(code=ErrorCode.CANCELLED, message="stopped")


@dataclass(slots=True)
class Row:
    """What is known of one picture."""

    spinner: Spinner
    began: float = field(default_factory=monotonic)
    fraction: float | None = None
    stage: str = "waiting"
    file: Text | None = None
    failure: ErrorInfo | None = None
    preview: Text | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self.file is not None or self.failure is not None


class LiveScreen:
    """The pictures of one request on a terminal."""

    def __init__(self, count: int, *, notes: bool) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._notes = notes
        self._unicode = self.console.encoding.lower().startswith("utf")
        self._marks = ("✓", "✗", "×", "·") if self._unicode else ("+", "!", "x", "-")
        spinner = "dots" if self._unicode else "line"
        self._rows = [Row(Spinner(spinner, style="cyan")) for _ in range(count)]
        self._live = Live(
            get_renderable=self.render,
            console=self.console,
            refresh_per_second=12,
            redirect_stdout=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for row in self._unfinished(None):
            row.failure = row.failure or STOPPED
        self._live.stop()

    def hear(self, event: Event) -> None:
        """Follow one event of the run."""
        match event:
            case Progress(index, fraction, stage):
                for row in self._unfinished(index):
                    row.fraction = fraction
                    row.stage = stage or row.stage
            case Queued(index, position, seconds):
                for row in self._unfinished(index):
                    row.stage = _waiting(position, seconds)
            case Preview(index, picture) if self._unicode:
                self._rows[index].preview = sketch(picture)
            case ImageFailed(index, error):
                self._rows[index].failure = error
            case Note(_, detail) if self._notes:
                self.console.print(Text(f"note: {clean(detail)}", style="dim"))
            case _:
                pass

    def saved(self, ready: ImageReady, path: str) -> None:
        """Show where a picture went."""
        row = self._rows[ready.index]
        _, _, times, dot = self._marks
        size = f"{ready.picture.width}{times}{ready.picture.height}"
        who = "/".join(each for each in (ready.provider, ready.model) if each)
        parts = (size, clean(who), f"{monotonic() - row.began:.1f} s")
        detail = f" {dot} ".join(each for each in parts if each)
        row.file = Text.assemble(path, "  ", (detail, "dim"), overflow="fold")

    def unsaved(self, index: int, error: ErrorInfo) -> None:
        """Show that a picture came and could not be kept."""
        self._rows[index].failure = error

    def _unfinished(self, index: int | None) -> list[Row]:
        rows = self._rows if index is None else [self._rows[index]]
        return [row for row in rows if not row.is_over]

    def render(self) -> RenderableType:
        """Draw the lines as they are now, and under each its preview while it is drawn."""
        return Group(*self._parts())

    def _parts(self) -> Iterator[RenderableType]:
        for number, row in enumerate(self._rows, start=1):
            yield self._line(number, row)
            if row.preview is not None and not row.is_over:
                yield Padding(row.preview, (0, 0, 0, INDENT))

    def _line(self, number: int, row: Row) -> RenderableType:
        """Each line has columns of its own, so that a long path does not push the others' away."""
        line = Table.grid(padding=(0, 1))
        line.add_column(width=1)
        line.add_column(justify="right", style="dim", min_width=len(str(len(self._rows))))
        line.add_column()
        line.add_column(no_wrap=True)
        line.add_row(*self._cells(number, row))
        return line

    def _cells(self, number: int, row: Row) -> tuple[RenderableType, ...]:
        done, failed, _, _ = self._marks
        if row.file is not None:
            return Text(done, "green"), str(number), row.file
        if row.failure is not None:
            return Text(failed, "red"), str(number), Text(clean(row.failure.message), "red")
        return row.spinner, str(number), _bar(row.fraction), _stage(row)


def _waiting(position: int, seconds: float | None) -> str:
    ahead = f", {position} ahead" if position else ""
    return f"waiting{ahead}" + (f", about {seconds:.0f} s" if seconds else "")


def _bar(fraction: float | None) -> ProgressBar:
    return ProgressBar(
        total=1.0,
        completed=fraction or 0.0,
        pulse=fraction is None,
        width=BAR_WIDTH,
        complete_style="cyan",
        finished_style="cyan",
        pulse_style="cyan",
    )


def _stage(row: Row) -> Text:
    percent = "    " if row.fraction is None else f"{row.fraction:4.0%}"
    return Text.assemble((percent, "cyan"), "  ", clean(row.stage))
