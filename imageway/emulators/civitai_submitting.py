"""Ordering at the orchestrator: asked what it costs, refused, or taken and paid exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Charge, Refusal, Visit
from imageway.emulators.civitai_board import Board, Terms, fingerprint, wallets_of
from imageway.emulators.civitai_catalogue import Found
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_ordering import read_order
from imageway.emulators.civitai_people import SERVICES_WRITE, User
from imageway.emulators.civitai_problems import no_money, not_entitled, refusal
from imageway.emulators.civitai_query import is_true
from imageway.emulators.civitai_rights import Rights
from imageway.emulators.civitai_views import View, whatif_view
from imageway.emulators.civitai_workflows import Order, Price, Script, Workflow
from imageway.emulators.faults import Fault, Scripted

MUTED = "Your account has been muted and may not generate."


@dataclass(slots=True, eq=False)
class Submitting:
    """Takes orders."""

    board: Board
    rights: Rights
    facts: Callable[[], Facts]
    terms: Callable[[], Terms]

    def whatif(self, user: User, order: Order, view: View) -> Answer:
        """What an order would cost; nothing is created and nobody pays."""
        self._check(user, order)
        price = self.board.price(order)
        lines = user.split(price.total, wallets_of(order))
        short = lines is None or fingerprint(dict(order.fields)) in self.board.too_dear
        key = key_of(order)
        if key is not None and self.facts().whatif_claims_key:
            self.board.create(user, order, Price(0, {}, {}, 0), key, self.terms())
        spent = [line.told() for line in lines or ()]
        return Answer.of_json(whatif_view(order, price, short, view, spent))

    def create(self, user: User, order: Order, scripted: Scripted | None) -> Workflow:
        """Take an order and its money."""
        self._check(user, order)
        price = self.board.price(order)
        self._plan(order, scripted)
        workflow = self.board.create(user, order, price, key_of(order), self.terms())
        if workflow is None:
            raise Refusal(no_money(self.facts()))
        _fill(workflow, order.fields)
        for found in self._gated(user, order):
            user.trials[found.version.id] = user.trials.get(found.version.id, 0) + 1
        return workflow

    def _plan(self, order: Order, scripted: Scripted | None) -> None:
        """Let a scripted fault decide how this order goes."""
        if scripted is not None and (script := SCRIPT_BY_FAULT.get(scripted.fault)) is not None:
            left = order.pictures - scripted.keep if scripted.keep else script.left_out
            self.board.play(replace(script, left_out=max(0, left)), order.prompt)

    def _gated(self, user: User, order: Order) -> list[Found]:
        """The resources that this user has no right to, trials aside."""
        return [each for each in self._used(order) if not self.rights.is_believed(each, user)]

    def _used(self, order: Order) -> list[Found]:
        airs = dict.fromkeys(air for step in order.steps for air in step.read.resources())
        return [found for air in airs if (found := self.board.version(air)) is not None]

    def _check(self, user: User, order: Order) -> None:
        """Everything that keeps an order from being taken, before any money moves."""
        if user.status == "muted" or not user.scopes & SERVICES_WRITE:
            raise Refusal(Answer.of_json(MUTED, 403))
        for found in self._used(order):
            if not self.rights.can_generate(found, user):
                raise Refusal(not_entitled(_named(found), Facts()))
        for found in self._gated(user, order):
            if self.rights.trials_left(found, user) < 1:
                raise Refusal(not_entitled(_named(found), self.facts()))
        most = self.facts().most_queued
        if most is not None and self._running(user) >= most:
            raise refusal(429, "Too many workflows are queued.")

    def _running(self, user: User) -> int:
        mine = (each for each in self.board.workflows.values() if each.user is user)
        return sum(not each.is_final for each in mine)

    def read(self, visit: Visit) -> Order:
        """Understand a body."""
        return read_order(visit.heard.body, self.facts())

    @staticmethod
    def is_question(visit: Visit) -> bool:
        """Whether only the price is asked for."""
        return is_true(visit.heard, "whatif")


def key_of(order: Order) -> str | None:
    """The key that the client gave its order."""
    key = order.fields.get("externalId")
    return key if isinstance(key, str) else None


def charge_of(workflow: Workflow) -> Charge:
    """What is written on the bill for a new workflow."""
    total = Decimal(workflow.price.total)
    return Charge("workflow", workflow.order.pictures, total, "buzz")


def _named(found: Found) -> str:
    return f"{found.model.name} {found.version.name}"


def _fill(workflow: Workflow, fields: Mapping[str, JsonValue]) -> None:
    tags, metadata = fields.get("tags"), fields.get("metadata")
    workflow.tags = [str(tag) for tag in tags] if isinstance(tags, list) else []
    workflow.metadata = metadata if isinstance(metadata, dict) else {}


# The faults of no vendor in particular, as they look here.
SCRIPT_BY_FAULT: Mapping[Fault, Script] = {
    Fault.NO_IMAGE: Script(("missing",), "failed", errors=("worker lost",)),
    Fault.FEWER_IMAGES: Script(left_out=1),
    Fault.NEVER_ENDS: Script(never_ends=True),
    Fault.OUT_OF_ORDER: Script(last_first=True),
}
