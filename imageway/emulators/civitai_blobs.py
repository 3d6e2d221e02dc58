"""Where the orchestrator keeps pictures: signed links, refreshed links, and what may be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.civitai_board import Board
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_orchestrator import Orchestrator
from imageway.emulators.civitai_pages import Json, date
from imageway.emulators.civitai_problems import problem
from imageway.emulators.civitai_query import parameters
from imageway.emulators.civitai_views import blobs, link, painted
from imageway.emulators.civitai_workflows import Workflow
from imageway.emulators.faults import Fault

NO_PICTURE = b"<html><body>this is no picture</body></html>"
MEDIA_TYPE_BY_ENDING = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
FORBIDDEN = Answer((b"",), 403, "text/plain")


@dataclass(slots=True, eq=False)
class Blobs:
    """The handlers of /v2/consumer/blobs."""

    orchestrator: Orchestrator
    board: Board
    facts: Callable[[], Facts]

    async def content(self, visit: Visit) -> Answer:
        """The bytes; the signature in the link is the only key that is asked for."""
        blob, query = visit.path["blob"], parameters(visit.heard)
        until = query.get("exp", "")
        if query.get("sig") != f"S{until}" or not until.isdecimal():
            return FORBIDDEN
        if int(until) < self.board.clock():
            return FORBIDDEN
        if visit.scripted is not None and visit.scripted.fault is Fault.NOT_A_PICTURE:
            return Answer((NO_PICTURE,), media_type="image/png")
        found = self._find(blob)
        if found is None:
            return problem(404)
        workflow, place = found
        if workflow.blocked(place) is not None:
            return FORBIDDEN
        media_type = MEDIA_TYPE_BY_ENDING[blob.rpartition(".")[2]]
        return Answer((painted(workflow, place),), media_type=media_type)

    async def preview(self, visit: Visit) -> Answer:
        """An unfinished picture."""
        found = self._find(visit.path["blob"])
        if found is None:
            return problem(404)
        media_type = MEDIA_TYPE_BY_ENDING[visit.path["blob"].rpartition(".")[2]]
        return Answer((painted(*found, unfinished=1000),), media_type=media_type)

    async def look(self, visit: Visit) -> Answer:
        """Redirect a key's owner to the content."""
        user, blob = self.orchestrator.user(visit), visit.path["blob"]
        found = self._find(blob)
        if found is None or found[0].user is not user:
            return problem(404)
        if visit.heard.method == "HEAD":
            return Answer((b"",), 204)
        facts = self.facts()
        target = link(self.orchestrator.view(visit), blob)
        if facts.relative_redirect:
            target = target.removeprefix(visit.files)
        return Answer((b"",), facts.redirect_status, "text/plain", {"Location": target})

    async def refresh(self, visit: Visit) -> Answer:
        """A new link to the same picture."""
        self.orchestrator.user(visit)
        blob = visit.path["blob"]
        if self._find(blob) is None:
            return problem(404)
        view = self.orchestrator.view(visit)
        return Answer.of_json(
            {
                "type": "image",
                "id": blob,
                "available": True,
                "url": link(view, blob),
                "urlExpiresAt": date(view.now + self.facts().url_seconds),
            }
        )

    async def upload(self, visit: Visit) -> Answer:
        """Take what a client brings, without looking at it."""
        if not parameters(visit.heard).get("sig"):
            self.orchestrator.user(visit)
        told: Json = {"type": "image", "id": "UPLOADED.png", "available": True}
        return Answer.of_json(told, 201)

    async def upload_link(self, visit: Visit) -> Answer:
        """Where to bring it without a key."""
        self.orchestrator.user(visit)
        url = f"{visit.origin}/v2/consumer/blobs?sig=1"
        return Answer.of_json({"uploadUrl": url, "expiresAt": date(self.board.clock() + 600)})

    async def blocked(self, visit: Visit) -> Answer:
        """The placeholder of what is held back."""
        return FORBIDDEN

    def _find(self, blob: str) -> tuple[Workflow, int] | None:
        """The workflow that made a picture, unless its bytes are lost."""
        for workflow in self.board.workflows.values():
            place = blobs(workflow).get(blob)
            if place is not None and workflow.script.outcome(place) != "lost":
                return workflow, place
        return None
