"""How the site's lists are down: each shape of a failure, and an outage replayed by the hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from imageway.emulators.answer import Answer

Outage = Literal[
    "text",
    "json",
    "message",
    "html",
    "page",
    "busy",
    "throttled",
    "limited",
    "silent",
    "cut",
    "nonsense",
]
HOUR = 3600.0
BUSY = "Image search is temporarily overloaded — please retry."

# Hours since the beginning, and what is wrong from then on. On 2024-02-01 a change moved the image
# query to another database driver: whatever an edge did not hold threw for about half a day, until
# the change was taken back.
OUTAGES: Mapping[str, Sequence[tuple[float, Outage | None]]] = {
    "2024-02-02": ((0.0, None), (1.0, "text"), (13.0, None)),
    "a bad day": (
        (0.0, None),
        (1.0, "busy"),
        (2.0, "json"),
        (3.0, "html"),
        (4.0, "page"),
        (5.0, "throttled"),
        (6.0, "silent"),
        (7.0, None),
    ),
}


class Trouble(BaseModel):
    """What shall be wrong from now on: one thing, or a day to be replayed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outage: Outage | None = None
    replay: str | None = None
    models: bool = False


@dataclass(slots=True, eq=False)
class Outages:
    """What is wrong with one list now: what was set, or what the replayed day has for this hour."""

    clock: Callable[[], float]
    now: Outage | None = None
    day: Sequence[tuple[float, Outage | None]] = ()
    began: float = 0.0

    def replay(self, day: str) -> None:
        """Begin a day that is written down; raises LookupError for any other."""
        if day not in OUTAGES:
            raise LookupError(f"no outage {day!r}; there are {', '.join(OUTAGES)}")
        self.day, self.began = OUTAGES[day], self.clock()

    @property
    def current(self) -> Outage | None:
        """What is wrong this moment."""
        if self.now is not None or not self.day:
            return self.now
        hour = (self.clock() - self.began) / HOUR
        now: Outage | None = None
        for since, what in self.day:
            now = what if since <= hour else now
        return now


ERROR: Mapping[str, JsonValue] = {"error": "canceling statement due to statement timeout"}
ANSWER_BY_OUTAGE: Mapping[Outage, Answer] = {
    "text": Answer((b"Internal Server Error",), 500, "text/plain"),
    "json": Answer.of_json({**ERROR, "code": "57014"}, 500),
    "message": Answer.of_json({"message": "An unexpected error occurred", "error": {}}, 500),
    "html": Answer.of_html(502),
    "page": Answer(
        (b"<!DOCTYPE html><html><body>We're adjusting a few things, be back in a few minutes",),
        200,
        "text/html",
    ),
    "busy": Answer.of_json({"error": BUSY}, 503, {"Retry-After": "2"}),
    "throttled": Answer((b"<html>429</html>",), 429, "text/html", {"Retry-After": "30"}),
    "limited": Answer.of_json({"error": "Too many requests"}, 429),
    "silent": Answer((b"",), 524, "text/html", seconds=100.0),
    "cut": Answer((b'{"items": [{"id": 70112', b""), 200),
    "nonsense": Answer.of_json({"items": "none today", "metadata": []}),
}
