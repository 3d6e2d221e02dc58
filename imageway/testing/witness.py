"""A run that remembers what an adapter told it, word for word and too late words among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from imageway.core.errors import ErrorInfo
from imageway.core.picture import Picture
from imageway.core.run import Run

What = Literal["image", "failed", "preview", "progress"]


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was told; late when the call had ended."""

    what: What
    fraction: float | None
    late: bool


# A dataclass with slots is made twice, so super() without arguments would name the first.
@dataclass(slots=True, eq=False)
class WitnessRun(Run):
    """A view of the ledger like any other."""

    heard: list[Told] = field(default_factory=list[Told])

    def _note_down(self, what: What, fraction: float | None = None) -> None:
        self.heard.append(Told(what, fraction, late=self.call.closed or self.ledger.ended))

    def image(self, picture: Picture, index: int | None = None) -> None:
        """Hand over a picture."""
        self._note_down("image")
        Run.image(self, picture, index)

    def failed(self, error: ErrorInfo, index: int | None = None) -> None:
        """Record a verdict."""
        Run.failed(self, error, index)

    def preview(self, picture: Picture, index: int | None = None) -> None:
        """Show a picture unfinished."""
        self._note_down("preview")
        Run.preview(self, picture, index)

    def progress(self, fraction: float | None, stage: str = "", index: int | None = None) -> None:
        """Say how far it is, as the adapter said it."""
        self._note_down("progress", fraction)
        Run.progress(self, fraction, stage, index)
