"""All workflows: created once for each key, priced, paid, refunded, found again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from pydantic import JsonValue

from imageway.emulators.civitai_catalogue import Catalogue, Found
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_people import USUAL_WALLETS, User, Wallet
from imageway.emulators.civitai_workflows import (
    NOT_BEGUN,
    USUAL,
    Order,
    Price,
    Script,
    Step,
    Workflow,
)

# Buzz for a picture of the usual size at twenty steps, and that size.
RATE_BY_ECOSYSTEM: Mapping[str, tuple[int, int]] = {
    "sd1": (4, 512 * 512),
    "sdxl": (8, 1024 * 1024),
    "flux1": (12, 1024 * 1024),
}
USUAL_RATE = (8, 1024 * 1024)
LORA_FEE = 1
WALLETS: Sequence[Wallet] = (*USUAL_WALLETS, "fakeRed")


@dataclass(frozen=True, slots=True)
class Terms:
    """How long new workflows take."""

    seconds_per_picture: float = 0.0
    polls_until_done: int = 1


@dataclass(slots=True, eq=False)
class Board:
    """The orchestrator's memory."""

    catalogue: Catalogue
    clock: Callable[[], float]
    workflows: dict[str, Workflow] = field(default_factory=dict[str, Workflow])
    scripts: list[tuple[str, Script]] = field(default_factory=list[tuple[str, Script]])
    too_dear: set[str] = field(default_factory=set[str])
    _by_key: dict[tuple[int, str], str] = field(default_factory=dict[tuple[int, str], str])
    _numbers: int = 0

    def play(self, script: Script, prompt: str = "") -> None:
        """Let the next workflow whose prompt holds these words go like this."""
        self.scripts.append((prompt, script))

    def taken(self, user: User, key: str | None) -> Workflow | None:
        """The workflow that this key stands for already."""
        found = None if key is None else self._by_key.get((user.id, key))
        return None if found is None else self.workflows[found]

    def claim(self, user: User, key: str, workflow_id: str) -> None:
        """Let a key stand for a workflow."""
        self._by_key[user.id, key] = workflow_id

    def price(self, order: Order) -> Price:
        """What an order costs, by the documented formula."""
        base = sum(self._base(step) for step in order.steps)
        loras = LORA_FEE * sum(
            ":lora:" in air for step in order.steps for air in step.read.resources()
        )
        fees = {air: fee for step in order.steps for air, fee in self._fees(step).items()}
        fixed: dict[str, JsonValue] = {"loras": loras} if loras else {}
        total = base + loras + sum(fees.values())
        return Price(base, fixed, {**fees}, total)

    def _base(self, step: Step) -> int:
        read = step.read
        resources = [*read.resources(), "::"]
        family = resources[0].removeprefix("urn:air:").partition(":")[0]
        rate, usual = RATE_BY_ECOSYSTEM.get(family, USUAL_RATE)
        size = read.number("width", 1024) * read.number("height", 1024) / usual
        return ceil(rate * size * read.number("steps", 20) / 20) * read.pictures

    def _fees(self, step: Step) -> dict[str, int]:
        found = {air: self.version(air) for air in step.read.resources()}
        return {
            air: ceil(each.version.fee * step.read.pictures)
            for air, each in found.items()
            if each is not None and each.version.fee
        }

    def version(self, air: str) -> Found | None:
        """The version that an AIR names."""
        text = air.rpartition("@")[2].partition("+")[0].partition(".")[0]
        return self.catalogue.version(int(text)) if text.isdecimal() else None

    def create(
        self, user: User, order: Order, price: Price, key: str | None, terms: Terms
    ) -> Workflow | None:
        """Take the money and begin; None without the money."""
        wallets = wallets_of(order)
        lines = user.split(price.total, wallets)
        if lines is None:
            return None
        now = self.clock()
        self._numbers += 1
        workflow = Workflow(
            id=f"{user.id}-{int(now * 1000):017d}{self._numbers:04d}",
            user=user,
            order=order,
            price=price,
            created=now,
            script=self._script(order),
            external_id=None if key is None else f"{user.id}-{key}",
            debits=lines,
            seconds=terms.seconds_per_picture * order.pictures,
            polls_until_done=terms.polls_until_done,
        )
        user.debit(lines)
        self.workflows[workflow.id] = workflow
        if key is not None:
            self.claim(user, key, workflow.id)
        return workflow

    def _script(self, order: Order) -> Script:
        for place, (words, script) in enumerate(self.scripts):
            if words in order.prompt:
                del self.scripts[place]
                return script
        return USUAL

    def advance(self, workflow: Workflow, facts: Facts) -> None:
        """Let time have its way, and pay back what a bad end gives back."""
        was_final = workflow.is_final
        workflow.go_on(self.clock())
        if workflow.is_final and not was_final:
            self._settle(workflow, facts)

    def _settle(self, workflow: Workflow, facts: Facts) -> None:
        total, pictures = workflow.net, workflow.order.pictures
        usual = facts.failed_refund if workflow.status in {"failed", "expired"} else "none"
        match workflow.script.refund or usual:
            case "full":
                workflow.refund(total)
            case "partial":
                missing = sum(not workflow.is_made(place) for place in range(pictures))
                workflow.refund(total * missing // pictures)
            case "none":
                self._settle_blocked(workflow, facts)

    def _settle_blocked(self, workflow: Workflow, facts: Facts) -> None:
        pictures = workflow.order.pictures
        blocked = sum(workflow.blocked(place) is not None for place in range(pictures))
        if blocked and facts.blocked_refund != "none":
            workflow.refund(workflow.net * blocked // pictures)

    def cancel(self, workflow: Workflow, facts: Facts) -> bool:
        """End it: what has not begun is paid back, of the rest the share that was not done."""
        if workflow.is_final:
            return False
        share = 1.0 if workflow.status in NOT_BEGUN else 1 - workflow.fraction(self.clock())
        workflow.end("canceled", self.clock())
        workflow.refund(int(workflow.net * share))
        return True

    def find(self, user: User, tags: Sequence[str], since: float, lag: float) -> list[Workflow]:
        """A user's workflows with all of these tags, the newest first; the index lags behind."""
        until = self.clock() - lag
        return [
            each
            for each in reversed(self.workflows.values())
            if each.user is user
            and not each.deleted
            and since <= each.created <= until
            and set(tags) <= set(each.tags)
        ]


def wallets_of(order: Order) -> Sequence[Wallet]:
    """The wallets that may pay: those that are named, and for mature pictures only yellow."""
    if order.fields.get("allowMatureContent") is True:
        return ("yellow",)
    named = order.fields.get("currencies")
    words: list[JsonValue] = named if isinstance(named, list) else []
    return [wallet for wallet in WALLETS if words.count(wallet)] or USUAL_WALLETS


def fingerprint(body: JsonValue) -> str:
    """What a body asks for, so that its price can be asked for the same."""
    steps = body.get("steps") if isinstance(body, dict) else None
    inputs = (
        [each.get("input") for each in steps or () if isinstance(each, dict)]
        if isinstance(steps, list)
        else []
    )
    return json.dumps(inputs, sort_keys=True)
