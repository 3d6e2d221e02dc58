"""Workflows: what was ordered, how it goes on by polls and by the clock, and what it has cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from imageway.emulators.civitai_inputs import Read
from imageway.emulators.civitai_people import Transaction, User

Status = Literal[
    "unassigned",
    "preparing",
    "scheduled",
    "processing",
    "succeeded",
    "failed",
    "expired",
    "canceled",
]
FINAL: frozenset[Status] = frozenset({"succeeded", "failed", "expired", "canceled"})
NOT_BEGUN: frozenset[Status] = frozenset({"unassigned", "preparing", "scheduled"})


@dataclass(frozen=True, slots=True)
class Script:
    """How a workflow is to go: the outcome of each picture (the last for all that follow), its end.

    An outcome is ok, missing, mature, lost (said to be there, and gone), or blocked: with a reason.
    """

    outcomes: Sequence[str] = ("ok",)
    ends: Status = "succeeded"
    errors: Sequence[str] = ()
    refund: Literal["none", "partial", "full"] | None = None
    path: Sequence[tuple[Status, float]] = ()
    never_ends: bool = False
    left_out: int = 0
    last_first: bool = False
    unknown_status: str | None = None
    metadata: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    def outcome(self, place: int) -> str:
        """What becomes of one picture."""
        return self.outcomes[min(place, len(self.outcomes) - 1)]


USUAL = Script()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order."""

    kind: str
    name: str
    given: Mapping[str, JsonValue]
    read: Read
    metadata: JsonValue
    priority: str = "normal"


@dataclass(frozen=True, slots=True)
class Order:
    """A body that was understood."""

    steps: Sequence[Step]
    fields: Mapping[str, JsonValue]

    @property
    def pictures(self) -> int:
        """How many pictures are asked for."""
        return sum(step.read.pictures for step in self.steps)

    @property
    def prompt(self) -> str:
        """The first prompt."""
        return self.steps[0].read.prompt


@dataclass(frozen=True, slots=True)
class Price:
    """What an order costs."""

    base: int
    fixed: Mapping[str, JsonValue]
    fees: Mapping[str, JsonValue]
    total: int


@dataclass(slots=True, eq=False)
class Workflow:
    """One order under way; a final status never changes, and no picture's id ever does."""

    id: str
    user: User
    order: Order
    price: Price
    created: float
    script: Script
    external_id: str | None
    debits: Sequence[Transaction]
    seconds: float
    polls_until_done: int
    tags: list[str] = field(default_factory=list[str])
    metadata: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    credits: list[Transaction] = field(default_factory=list[Transaction])
    status: Status = "unassigned"
    polls: int = 0
    waited: float = 0.0
    released: bool = False
    deleted: bool = False
    reason: str | None = None
    begun: float | None = None
    ended: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in FINAL

    def remaining(self, now: float) -> float:
        """Seconds until it is done."""
        return max(0.0, self.seconds - self.waited - (now - self.created))

    def fraction(self, now: float) -> float:
        """How much of the work is done."""
        if self.is_final:
            return 1.0
        by_polls = self.polls / (self.polls_until_done + 1)
        by_time = 1 - self.remaining(now) / self.seconds if self.seconds else 1.0
        return round(min(by_polls, by_time), 3)

    def go_on(self, now: float) -> None:
        """Move to where the clock and the polls have brought it."""
        if self.is_final:
            return
        done = self.polls > self.polls_until_done and self.remaining(now) == 0
        if done and not self.script.never_ends:
            self.end(self.script.ends, now)
        elif self.polls or now > self.created + 1:
            self.status = self._underway(now)
            self.begun = self.begun or now

    def _underway(self, now: float) -> Status:
        passed = now - self.created + self.waited
        for status, seconds in self.script.path:
            if passed < seconds:
                return status
            passed -= seconds
        return "processing"

    def end(self, status: Status, now: float, reason: str | None = None) -> None:
        """Reach a final status."""
        self.status, self.ended, self.reason = status, now, reason

    def is_made(self, place: int) -> bool:
        """Whether one picture lies ready; the order in which they come may be turned around."""
        total = self.order.pictures
        outcome = self.script.outcome(place)
        if outcome == "mature" and self.released:
            outcome = "ok"
        if outcome not in {"ok", "lost"} or place >= total - self.script.left_out:
            return False
        if self.is_final:
            return self.status != "canceled"
        early = total - 1 if self.script.last_first else None
        return place == early and self.polls > 0

    def blocked(self, place: int) -> str | None:
        """Why one picture is held back."""
        outcome = self.script.outcome(place)
        if not self.is_final:
            return None
        if outcome == "mature" and not self.released:
            return "MatureContent"
        word, colon, reason = outcome.partition(":")
        return reason if colon and word == "blocked" else None

    @property
    def net(self) -> int:
        """Debits minus credits."""
        gone = sum(line.amount for line in self.debits)
        return gone - sum(line.amount for line in self.credits)

    def refund(self, amount: int) -> None:
        """Give Buzz back, never more than was taken."""
        amount = min(amount, self.net)
        if amount > 0:
            self.credits += self.user.credit(amount, self.debits)
