"""How often a chat hears how far it is: a chat UI keeps every such line with the chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

FIRST_PAUSE = 1.0
# Lines of all kinds together; a chat of 4 KB must have room for them.
MOST = 8


@dataclass(slots=True)
class Pace:
    """Lets a new kind of line through at once, and more of the same kind ever more rarely."""

    clock: Callable[[], float] = monotonic
    pause: float = FIRST_PAUSE
    count: int = 0
    kind: str = ""
    text: str = ""
    said: float = 0.0

    def allows(self, kind: str, text: str) -> bool:
        """Whether this line is to be said; it then counts as the last one."""
        now = self.clock()
        is_news = kind in {"note", "begun"} or kind != self.kind
        if text == self.text or self.count >= MOST:
            return False
        if not is_news and now - self.said < self.pause:
            return False
        if not is_news:
            self.pause *= 2
        self.kind, self.text, self.said = kind, text, now
        self.count += 1
        return True
