"""The watch of one turn: signs from the worker thread to the event loop, the wish to stop back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from imageway.qwen.door import Fault, attempt
from imageway.qwen.encoding import preview
from imageway.qwen.engine import Sketch, Stopped, Task
from imageway.qwen.trouble import Reason


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step was done, at this time; 0 is the encoding of the prompt."""

    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Previewed:
    """What the picture looks like now, as a small JPEG."""

    number: int
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Repaired:
    """Something was changed about the engine, and the same is tried again."""

    kind: str


@dataclass(frozen=True, slots=True)
class Lessened:
    """Less is made now than was asked for."""

    task: Task
    reason: Reason


Sign = Stepped | Previewed | Repaired | Lessened


class Reporter:
    """Lives in the worker thread; what it posts is heard on the event loop."""

    def __init__(
        self,
        post: Callable[[Sign], None],
        stop: threading.Event,
        is_watched: Callable[[], bool],
        interval: float,
        clock: Callable[[], float],
    ) -> None:
        self._post, self._stop, self._is_watched = post, stop, is_watched
        self._interval, self._clock = interval, clock
        self._next_preview = clock()

    def check(self) -> None:
        """Stop here if nobody wants the picture any more."""
        if self._stop.is_set():
            raise Stopped

    def step(self, number: int, sketch: Sketch | None) -> None:
        """Tell the step, and show what there is if it is time and somebody looks."""
        self.check()
        self._post(Stepped(number, self._clock()))
        if sketch is not None and self._clock() >= self._next_preview and self._is_watched():
            self._show(number, sketch)
            self._next_preview = self._clock() + self._interval

    def _show(self, number: int, sketch: Sketch) -> None:
        """Draw a preview; one that fails is no reason for anything."""
        shown = attempt("preview", lambda: preview(sketch()))
        if not isinstance(shown, Fault):
            data, (width, height) = shown
            self._post(Previewed(number, data, width, height))

    def repaired(self, kind: str) -> None:
        """Tell a repair."""
        self.check()
        self._post(Repaired(kind))

    def degraded(self, task: Task, reason: Reason) -> None:
        """Tell that less is made."""
        self.check()
        self._post(Lessened(task, reason))
