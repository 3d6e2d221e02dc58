"""How a provider is, from what its own traffic showed and from free questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from imageway.core.breaker import Breaker
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.powers import Health
from imageway.providers.tables.section import Section, describe
from imageway.providers.tables.units import Duration

Status = Literal["up", "degraded", "down"]

# What the latest failure says of the vendor; any other answer of its own shows that it is well.
STATUS_BY_CODE: Mapping[ErrorCode, Status] = {
    ErrorCode.UNAUTHENTICATED: "down",
    ErrorCode.QUOTA_EXHAUSTED: "down",
    ErrorCode.FORBIDDEN: "degraded",
    ErrorCode.RATE_LIMITED: "degraded",
    ErrorCode.UNAVAILABLE: "degraded",
    ErrorCode.TIMEOUT: "degraded",
    ErrorCode.NETWORK: "degraded",
    ErrorCode.BAD_ANSWER: "degraded",
    ErrorCode.OUTCOME_UNKNOWN: "degraded",
}


class HealthTable(Section):
    """How often providers that can be asked for free are asked how they are."""

    interval: Duration = describe(
        60.0, 'between two free questions to a provider that takes them; "0s": never'
    )


@dataclass(slots=True, eq=False)
class Vitals:
    """Lives as long as the provider's name; the latest that was heard counts."""

    clock: Callable[[], float] = monotonic
    latest: Health | None = None
    at: float = 0.0
    asked: Health | None = None

    def hear(self, failure: ErrorInfo | None) -> None:
        """Learn from how a call ended: well, or with a failure that the vendor has its part in."""
        if failure is None:
            self._note(Health(status="up", detail="its latest answer was good"))
            return
        status = STATUS_BY_CODE.get(failure.code, "up")
        said = "its latest answer" if status == "up" else "its latest failure"
        self._note(Health(status=status, detail=f"{said}: {failure.code}: {failure.message}"))

    def learn(self, health: Health) -> None:
        """Learn from the vendor's own word."""
        self.asked = health
        self._note(health)

    def forget(self) -> None:
        """Know nothing: the name now stands for another account."""
        self.latest = self.asked = None

    def health(self, breaker: Breaker) -> Health | None:
        """How it is now; None while nothing was heard."""
        if self.latest is None:
            return None
        services = () if self.asked is None else self.asked.services
        found = self.latest.model_copy(update={"services": self.latest.services or services})
        if breaker.state == "closed":
            return found
        detail = f"it failed often and is left alone; {self.latest.detail}"
        return found.model_copy(update={"status": "down", "detail": detail})

    @property
    def age(self) -> float | None:
        """Seconds since the latest was heard."""
        return None if self.latest is None else self.clock() - self.at

    def _note(self, health: Health) -> None:
        self.latest, self.at = health, self.clock()
