"""What came of `imageway generate`: an exit code, the complaints, and the JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from imageway.cli.command import Exit
from imageway.cli.output import complain, tell
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.events import Event, ImageReady
from imageway.core.result import ImageResult, fold

INTERRUPTED = ErrorInfo(code=ErrorCode.CANCELLED, message="interrupted")


@dataclass(slots=True)
class Report:
    """Gathers what was heard and what was saved; a picture on stdout has no path."""

    count: int = 1
    events: list[Event] = field(default_factory=list[Event])
    saved: dict[int, Path | None] = field(default_factory=dict[int, Path | None])
    failures: dict[int, ErrorInfo] = field(default_factory=dict[int, ErrorInfo])
    error: ErrorInfo | None = None

    @property
    def exit(self) -> Exit:
        """How the command ends."""
        if self.error is INTERRUPTED:
            return Exit.INTERRUPTED
        if self.error is not None:
            # A vendor was asked how to draw, and failed: nobody used anything wrongly.
            is_failure = self.error.origin == "vendor" and self.error.rule.again
            return Exit.NOTHING if is_failure else Exit.USAGE
        if len(self.saved) == self.count:
            return Exit.DONE
        return Exit.PARTIAL if self.saved else Exit.NOTHING

    def complain(self) -> None:
        """Say each failure once, with the pictures that it hit."""
        if self.error is INTERRUPTED:
            tell(f"imageway: interrupted; {len(self.saved)} of {self.count} pictures saved")
        elif self.error is not None:
            complain(self.error)
        for info, numbers in _alike(self.failures):
            complain(info, _about(numbers, self.count))

    def json(self) -> JsonValue:
        """Everything as one object."""
        result = fold(self.events)
        error = self.error or result.error or _first(self.failures if not self.saved else {})
        return {
            "status": _status(self),
            "images": [self._image(ready) for ready in result.images if ready.index in self.saved],
            "failures": [
                {"index": index, "error": _data(info)}
                for index, info in sorted(self.failures.items())
            ],
            "notes": [{"kind": note.kind, "detail": note.detail} for note in result.notes],
            "usage": _usage(result),
            "error": _data(error) if error else None,
        }

    def _image(self, ready: ImageReady) -> dict[str, JsonValue]:
        path, picture = self.saved[ready.index], ready.picture
        return {
            "index": ready.index,
            "path": str(path) if path else None,
            "width": picture.width,
            "height": picture.height,
            "media_type": picture.media_type,
            "provider": ready.provider,
            "model": ready.model,
            "seed": picture.seed,
            "revised_prompt": picture.revised_prompt,
        }


def _status(report: Report) -> str:
    if len(report.saved) == report.count:
        return "succeeded"
    return "partial" if report.saved else "failed"


def _usage(result: ImageResult) -> list[JsonValue]:
    return [{"amount": charged.amount, "unit": charged.unit} for charged in result.usage]


def _data(info: ErrorInfo) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = info.model_dump(mode="json", exclude_none=True)
    return fields


def _first(failures: Mapping[int, ErrorInfo]) -> ErrorInfo | None:
    return failures[min(failures)] if failures else None


def _alike(failures: Mapping[int, ErrorInfo]) -> list[tuple[ErrorInfo, list[int]]]:
    numbers: dict[tuple[str, str], list[int]] = {}
    for index, info in sorted(failures.items()):
        numbers.setdefault((info.code, info.message), []).append(index)
    return [(failures[indices[0]], indices) for indices in numbers.values()]


def _about(indices: list[int], count: int) -> str:
    if len(indices) == count:
        return ""
    word = "picture" if len(indices) == 1 else "pictures"
    return f"{word} {', '.join(str(index + 1) for index in indices)}: "
