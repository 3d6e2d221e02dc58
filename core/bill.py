"""What one call may have cost, from before it is sent until its end is known."""

from __future__ import annotations

from imageway.core.errors import Charged, ErrorCode, ImagewayError
from imageway.core.run import Run


class Bill:
    """Tells the run what is known of the charge; without a run the call is free."""

    def __init__(self, run: Run | None) -> None:
        self._run = run
        self._before: Charged = "no"

    @property
    def charged(self) -> Charged:
        """What the attempt may have cost so far."""
        return "no" if self._run is None else self._run.call.charged

    async def open(self) -> None:
        """Ask leave to send; raises when the call must not be sent any more."""
        if self._run is not None:
            self._before = self._run.call.charged
            await self._run.paying()

    def not_charged(self) -> None:
        """This call cost nothing; what an earlier one of the attempt may have cost remains."""
        if self._run is not None:
            self._run.settled(self._before)

    def paid(self) -> None:
        """The vendor has done its work."""
        if self._run is not None:
            self._run.settled("yes")

    def stamped(self, error: ImagewayError) -> ImagewayError:
        """The same error, charged no less than the attempt."""
        return ImagewayError.carrying(error.info.at_least(self.charged))

    def lost(self, code: ErrorCode, message: str) -> ImagewayError:
        """Nobody knows how the call ended: under a possible charge that is `outcome_unknown`."""
        if self.charged == "no":
            return ImagewayError(code, message, origin="vendor")
        unknown = ImagewayError(
            ErrorCode.OUTCOME_UNKNOWN,
            f"{message}; it may have been charged",
            hint="look at the provider's own history before asking again",
            origin="vendor",
        )
        return self.stamped(unknown)
