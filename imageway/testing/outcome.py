"""What came of asking once: what the reader heard, what the vendor heard, what it cost."""

from __future__ import annotations

from dataclasses import dataclass

from imageway.core.errors import ErrorInfo
from imageway.core.events import Event, ImageReady
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult
from imageway.core.run import Call
from imageway.emulators.answer import Charge
from imageway.emulators.faults import Spot
from imageway.emulators.heard import Heard
from imageway.testing.scenario import Broken
from imageway.testing.witness import Told


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that there is to judge; seconds are the loop's.

    Thrown is what the adapter raised as it may, raised what it may not.
    """

    request: ImageRequest
    events: tuple[Event, ...]
    result: ImageResult
    heard: tuple[Heard, ...]
    charges: tuple[Charge, ...]
    calls: tuple[Call, ...]
    told: tuple[Told, ...]
    raised: tuple[BaseException, ...]
    thrown: tuple[ErrorInfo, ...]
    seconds: float

    @property
    def error(self) -> ErrorInfo | None:
        """Why it failed: the whole of it, or its first picture that did."""
        failures = [failure.error for failure in self.result.failures]
        return self.result.error or (failures[0] if failures else None)

    @property
    def failure(self) -> ErrorInfo:
        """The error; raises where there is none."""
        if self.error is None:
            raise Broken("the vendor failed, and the adapter told of success")
        return self.error

    @property
    def pictures(self) -> dict[int, Picture]:
        """The pictures by index."""
        return {image.index: image.picture for image in self.result.images}

    @property
    def picture(self) -> Picture:
        """The first picture; raises where none came."""
        if not self.result.images:
            raise Broken(f"no picture came: {described(self.error)}")
        return self.result.images[0].picture

    def at(self, spot: Spot) -> list[Heard]:
        """What the vendor heard at one step."""
        return [heard for heard in self.heard if heard.spot is spot]

    def before_the_picture(self, index: int = 0) -> list[Event]:
        """The events that came before a picture."""
        found: list[Event] = []
        for event in self.events:
            if isinstance(event, ImageReady) and event.index == index:
                return found
            found.append(event)
        raise Broken(f"no picture came: {described(self.error)}")


def described(error: ErrorInfo | None) -> str:
    """An error in a few words."""
    if error is None:
        return "nobody said why"
    words = f" ({error.vendor_message})" if error.vendor_message else ""
    return f"{error.code}: {error.message}{words}"
