"""The smallest emulator: an example for whoever writes one, and what the base is tested with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar

from imageway.emulators.answer import Answer, Charge, Visit
from imageway.emulators.base import Emulator, Route
from imageway.emulators.faults import Fault, Scripted, Spot
from imageway.emulators.heard import Heard

EVENTS = (b"data: one\n\n", b"data: two\n\n", b"data: three\n\n")


class Toy(Emulator):
    """A vendor that makes in one answer, makes in a stream, and lets one look."""

    name = "toy"
    usual_model = "toy-1"
    can_say: ClassVar[frozenset[Fault]] = frozenset(Fault) - {Fault.NEVER_ENDS, Fault.DEGRADED}
    spots: ClassVar[Mapping[Fault, Spot]] = {Fault.NOT_A_PICTURE: Spot.DOWNLOAD}
    max_body = 1000

    def routes(self) -> Iterable[Route]:
        """Two that work and two that do not."""
        yield Route("POST", "/make", self._make, Spot.WORK)
        yield Route("POST", "/stream", self._stream, Spot.WORK)
        yield Route("GET", "/look/{thing}", self._look)
        yield Route("GET", "/open", self._open, is_open=True)

    async def _make(self, visit: Visit) -> Answer:
        charge = Charge("make", 1, Decimal(1))
        return Answer.of_json({"made": 1}, seconds=self.seconds_per_picture, charge=charge)

    async def _stream(self, visit: Visit) -> Answer:
        charge = Charge("stream", 1, Decimal(2))
        return Answer.of_events(EVENTS, seconds=self.seconds_per_picture, charge=charge)

    async def _look(self, visit: Visit) -> Answer:
        return Answer.of_json(
            {"thing": visit.path["thing"], "at": visit.origin, "files": visit.files}
        )

    async def _open(self, visit: Visit) -> Answer:
        return Answer.of_json({"open": True})

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """The fault's own name."""
        return Answer.of_json({"oh": scripted.fault.value}, scripted.status or 418)

    def problem(self, status: int, heard: Heard) -> Answer:
        """The status again."""
        return Answer.of_json({"problem": status}, status)
