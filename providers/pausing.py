"""A provider that its owner switches off for a while, without a change of the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic


@dataclass(slots=True, eq=False)
class Pause:
    """Lives as long as the provider's name, across reloads, and ends by itself."""

    clock: Callable[[], float] = monotonic
    _is_on: bool = False
    _until: float | None = None
    _because: str = ""

    def begin(self, seconds: float | None = None, because: str = "") -> None:
        """Let nobody ask from now on; without a time until `end`."""
        self._is_on, self._because = True, because
        self._until = None if seconds is None else self.clock() + seconds

    def end(self) -> None:
        """Let everybody ask again."""
        self._is_on = False

    @property
    def reason(self) -> str | None:
        """Why nobody may ask now; None while everybody may."""
        if not self._is_on or (self._until is not None and self.clock() >= self._until):
            return None
        rest = "" if self._until is None else f" for another {_words(self._until - self.clock())}"
        because = f": {self._because}" if self._because else ""
        return f"switched off by hand{rest}{because}"


def _words(seconds: float) -> str:
    """About how long, in the unit that people would use."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
