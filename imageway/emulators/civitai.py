"""CivitAI in small: the site and the orchestrator on one address, and a clock that can be moved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from aiohttp import web
from pydantic import JsonValue

from imageway.emulators.answer import Answer
from imageway.emulators.base import Emulator, Route
from imageway.emulators.civitai_blobs import Blobs
from imageway.emulators.civitai_board import Board, Terms, fingerprint
from imageway.emulators.civitai_callbacks import Callbacks
from imageway.emulators.civitai_catalogue import HARBOURMASTER, Catalogue, usual_models
from imageway.emulators.civitai_control import Purchase, add_shop, add_troubles
from imageway.emulators.civitai_edge import Edge
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_images import Gallery, usual_images
from imageway.emulators.civitai_jobs import Jobs
from imageway.emulators.civitai_orchestrator import Orchestrator
from imageway.emulators.civitai_pages import Pages
from imageway.emulators.civitai_people import People, User
from imageway.emulators.civitai_problems import (
    NOT_ALLOWED,
    SAID_BY_FAULT,
    no_money,
    problem,
)
from imageway.emulators.civitai_rights import Rights
from imageway.emulators.civitai_routes import Halls, routes_of
from imageway.emulators.civitai_site import Site
from imageway.emulators.civitai_submitting import Submitting
from imageway.emulators.civitai_workflows import Script
from imageway.emulators.faults import SPOILT, Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from imageway.emulators.sending import Sleep

REGION: JsonValue = {
    "error": "Access to this service is not available in your region due to legal restrictions.",
    "code": "REGION_BLOCKED",
}
PURSE = 100_000


class CivitaiEmulator(Emulator):
    """A witness of CivitAI; `facts` switches what its documents leave open.

    `ahead` is how many seconds its clock is before the one it was given.
    """

    name = "civitai"
    usual_model = "urn:air:sdxl:checkpoint:civitai:101055@128078"
    can_say: ClassVar[frozenset[Fault]] = frozenset(
        {
            *SAID_BY_FAULT,
            *(SPOILT - {Fault.CHATTER}),
            Fault.REFUSED,
            Fault.REGION,
            Fault.FORBIDDEN,
            Fault.QUOTA,
            Fault.HTML,
            Fault.REDIRECT,
            Fault.NO_IMAGE,
            Fault.FEWER_IMAGES,
            Fault.NOT_A_PICTURE,
            Fault.NEVER_ENDS,
            Fault.OUT_OF_ORDER,
        }
    )
    spots: ClassVar[Mapping[Fault, Spot]] = {
        Fault.REFUSED: Spot.POLL,
        Fault.REGION: Spot.LOOK,
        Fault.NOT_A_PICTURE: Spot.DOWNLOAD,
    }
    extras: ClassVar[Mapping[str, JsonValue]] = {"sampler": "dpm++2m"}
    tells_cost = True
    knows_its_keys = True
    unproven: ClassVar[frozenset[Fault]] = frozenset({Fault.UNAVAILABLE})
    facts = Facts()

    def __init__(
        self,
        *,
        key: str | None = "sk-emulated",
        seconds_per_picture: float = 0.0,
        polls_until_done: int = 1,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(
            key=key,
            seconds_per_picture=seconds_per_picture,
            polls_until_done=polls_until_done,
            clock=self.now,
            sleep=sleep,
        )
        self._clock = clock
        self.ahead = 0.0
        self._furnish()

    def now(self) -> float:
        """The time here."""
        return self._clock() + self.ahead

    def _furnish(self) -> None:
        """Begin with the usual models and one account, whose key is the emulator's."""
        user = User(HARBOURMASTER, "harbourmaster", self.key or "", tier="gold")
        user.wallets.update({"blue": 20, "green": 0, "yellow": PURSE})
        self.people = People([user])
        self.catalogue = Catalogue(usual_models(self.now()))
        self.rights = Rights(self.catalogue, self.people, self.now)
        self.board = Board(self.catalogue, self.now)
        self.gallery = Gallery(usual_images(), self.now)
        self.edge = Edge(self.now)
        self.callbacks = Callbacks(self.now)
        self.submitting = Submitting(self.board, self.rights, self._facts, self._terms)
        self.orchestrator = Orchestrator(
            self.submitting, self.callbacks, Pages(self.rights), self._facts, self._sleep
        )
        self.blobs = Blobs(self.orchestrator, self.board, self._facts)
        jobs = Jobs(self.people, self.now, lambda: self.polls_until_done)
        site = Site(self.rights, self.gallery, self.edge, self._facts)
        self._halls = Halls(site, self.orchestrator, self.blobs, jobs)

    @property
    def user(self) -> User:
        """The account of the emulator's own key."""
        return self.people[HARBOURMASTER]

    def _facts(self) -> Facts:
        return self.facts

    def _terms(self) -> Terms:
        return Terms(self.seconds_per_picture, self.polls_until_done)

    async def _sleep(self, seconds: float) -> None:
        await self.sleep(seconds)

    def routes(self) -> Iterable[Route]:
        """The site, both APIs of the orchestrator, and its blobs."""
        return routes_of(lambda: self._halls)

    def app(self) -> web.Application:
        """The application; the control page sells early access, too."""
        app = super().app()
        add_shop(app, self)
        add_troubles(app, self)
        return app

    def sell(self, purchase: Purchase) -> None:
        """Sell early access on the website; the edge may go on saying no for minutes."""
        buyer = self.user if purchase.user is None else self.people[purchase.user]
        self.rights.buy(buyer, purchase.version, purchase.what, seen_after=purchase.seen_after)
        if purchase.bust:
            self.edge.clear()

    def play(self, script: Script, prompt: str = "") -> None:
        """Let the next workflow whose prompt holds these words go like this."""
        self.board.play(script, prompt)

    def reset(self) -> None:
        """Forget everything, purchases too."""
        super().reset()
        self._furnish()

    def key_of(self, heard: Heard) -> str | None:
        """Never refused at the door: a bad key is nobody's, and only some pages mind."""
        return self.key

    def spot(self, route: Route, request: web.Request) -> Spot:
        """Asking for a price is no work, and looking at what was ended is no poll."""
        asks = request.query.get("whatif", "").lower() == "true"
        workflow = self.board.workflows.get(request.match_info.get("id", ""))
        ended = workflow is not None and workflow.status == "canceled"
        free = {Spot.WORK: asks, Spot.POLL: ended}
        return Spot.LOOK if free.get(route.spot) else route.spot

    def settings(self, url: str) -> Mapping[str, object]:
        """What plugins.toml would say."""
        return {"base_url": url, "orchestrator_url": url, "api_key": self.key}

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """A fault in the words of whichever half was asked."""
        match scripted.fault:
            case Fault.REGION:
                return Answer.of_json(REGION, scripted.status or 451)
            case Fault.QUOTA:
                self.board.too_dear.add(fingerprint(heard.body))
                return no_money(self.facts, scripted.message or "Insufficient funds")
            case Fault.FORBIDDEN:
                return Answer.of_json(scripted.message or NOT_ALLOWED, scripted.status or 403)
            case Fault.REFUSED:
                return self._held_back(scripted, heard)
            case _:
                return self._said(scripted, heard)

    def _said(self, scripted: Scripted, heard: Heard) -> Answer:
        status, words = SAID_BY_FAULT[scripted.fault]
        status, words = scripted.status or status, scripted.message or words
        if heard.path.startswith("/api/"):
            return Answer.of_json({"error": words}, status)
        return problem(status, words)

    def _held_back(self, scripted: Scripted, heard: Heard) -> Answer:
        """A refusal of the content: every picture of the workflow that is asked for is blocked."""
        workflow = self.board.workflows.get(heard.path.rpartition("/")[2])
        if workflow is None:
            return problem(404)
        reason = scripted.message or "ChildReference"
        workflow.script = Script((f"blocked:{reason}",))
        workflow.end("succeeded", self.now())
        return self.orchestrator.shown(workflow)

    def problem(self, status: int, heard: Heard) -> Answer:
        """What HTTP itself found wrong."""
        if heard.path.startswith("/api/"):
            return Answer.of_json({"error": "Not found"}, status)
        return problem(status)
