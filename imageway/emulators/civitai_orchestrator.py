"""The orchestrator's second API: workflows are ordered, looked at, found, changed and ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Refusal, Visit
from imageway.emulators.civitai_callbacks import Callbacks
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_pages import Pages
from imageway.emulators.civitai_people import User
from imageway.emulators.civitai_problems import problem, refusal
from imageway.emulators.civitai_query import all_of, is_true, parameters
from imageway.emulators.civitai_submitting import Submitting, charge_of, key_of
from imageway.emulators.civitai_views import View, workflow_view
from imageway.emulators.civitai_workflows import Workflow
from imageway.emulators.heard import Heard

LONGEST_WAIT = 100
DONE = Answer((b"",), 204, "application/octet-stream")


@dataclass(slots=True, eq=False)
class Orchestrator:
    """The handlers of /v2/consumer/workflows."""

    submitting: Submitting
    callbacks: Callbacks
    pages: Pages
    facts: Callable[[], Facts]
    sleep: Callable[[float], Awaitable[None]]

    async def submit(self, visit: Visit) -> Answer:
        """Order a workflow, or ask what it would cost; a known key brings the old one."""
        user, wait = self.user(visit), self._wait(visit)
        order = self.submitting.read(visit)
        if self.submitting.is_question(visit):
            return self.submitting.whatif(user, order, self.view(visit))
        old = self.submitting.board.taken(user, key_of(order))
        if old is not None:
            return self._told(visit, old, 200)
        workflow = self.submitting.create(user, order, visit.scripted)
        if wait:
            workflow.polls += workflow.polls_until_done + 1
            await self._wait_for(workflow, wait)
        answer = self._told(visit, workflow)
        return Answer(answer.pieces, answer.status, charge=charge_of(workflow))

    async def look(self, visit: Visit) -> Answer:
        """A workflow as it is after a while of waiting."""
        workflow = self._own(visit)
        workflow.polls += 1
        await self._wait_for(workflow, self._wait(visit))
        return self._told(visit, workflow)

    def shown(self, workflow: Workflow, files: str = "") -> Answer:
        """A workflow as it is, to whoever asked."""
        view = View(self.facts(), files, self.submitting.board.clock())
        return Answer.of_json(workflow_view(workflow, view))

    async def find(self, visit: Visit) -> Answer:
        """A user's workflows, the newest first; mature ones are hidden unless asked for."""
        given = parameters(visit.heard)
        since = datetime.fromisoformat(given["fromDate"]) if "fromDate" in given else None
        board, view = self.submitting.board, self.view(visit, hides=True)
        found = board.find(
            self.user(visit),
            all_of(visit.heard, "tags"),
            0.0 if since is None else since.timestamp(),
            self.facts().list_lag,
        )
        for workflow in found:
            board.advance(workflow, self.facts())
        items = [workflow_view(each, view) for each in found[: int(given.get("take", "100"))]]
        return Answer.of_json({"items": [*items]})

    async def update(self, visit: Visit) -> Answer:
        """End a workflow, release what is mature, or rewrite what a client noted on it."""
        workflow, body = self._own(visit), visit.heard.fields()
        self.submitting.board.advance(workflow, self.facts())
        if body.get("status") == "canceled":
            self._cancel(workflow)
        if body.get("allowMatureContent") is True:
            workflow.released = True
        if isinstance(body.get("metadata"), dict):
            workflow.metadata = {**workflow.metadata, **visit.heard.fields()["metadata"]}  # type: ignore[dict-item]  # seen above
        if isinstance(tags := body.get("tags"), list):
            workflow.tags = [str(tag) for tag in tags]
        return self._told(visit, workflow, 200) if self.facts().put_answers_workflow else DONE

    async def patch(self, visit: Visit) -> Answer:
        """JSON Patch; only the status matters here."""
        workflow, changes = self._own(visit), visit.heard.body
        for change in changes if isinstance(changes, list) else []:
            if isinstance(change, dict) and change.get("path") == "/status":
                self._cancel(workflow)
        return DONE

    def _cancel(self, workflow: Workflow) -> None:
        if not self.submitting.board.cancel(workflow, self.facts()):
            raise refusal(409, "The workflow has ended already.")

    async def delete(self, visit: Visit) -> Answer:
        """Hide a workflow; that ends nothing and pays nothing back."""
        self._own(visit).deleted = True
        return DONE

    async def add_tag(self, visit: Visit) -> Answer:
        """Add a tag; the body is a bare JSON text."""
        workflow, tag = self._own(visit), visit.heard.body
        if not isinstance(tag, str):
            return problem(400, "A tag is a JSON string.")
        workflow.tags = list(dict.fromkeys([*workflow.tags, tag]))
        return DONE

    async def drop_tags(self, visit: Visit) -> Answer:
        """Remove one tag, or all."""
        workflow, tag = self._own(visit), visit.path.get("tag")
        workflow.tags = [each for each in workflow.tags if tag is not None and each != tag]
        return DONE

    async def step(self, visit: Visit) -> Answer:
        """One step by its name."""
        workflow = self._own(visit)
        if visit.heard.method != "GET":
            return DONE
        steps = workflow_view(workflow, self.view(visit))["steps"]
        named = [
            each
            for each in (steps if isinstance(steps, list) else [])
            if isinstance(each, dict) and each.get("name") == visit.path["name"]
        ]
        return Answer.of_json(named[0]) if named else problem(404)

    async def recipe(self, visit: Visit) -> Answer:
        """A single step without a workflow around it; it cannot be found again."""
        body: JsonValue = {"steps": [{"$type": visit.path["name"], "input": visit.heard.body}]}
        inner = Visit(_with_body(visit, body), visit.path, visit.origin, None, visit.files)
        order = self.submitting.read(inner)
        user = self.user(visit)
        if self.submitting.is_question(visit):
            return self.submitting.whatif(user, order, self.view(visit))
        workflow = self.submitting.create(user, order, visit.scripted)
        workflow.polls += workflow.polls_until_done + 1
        await self._wait_for(workflow, LONGEST_WAIT)
        steps = workflow_view(workflow, self.view(visit))["steps"]
        first = steps[0] if isinstance(steps, list) else None
        output = first.get("output") if isinstance(first, dict) else None
        return Answer.of_json(output, charge=charge_of(workflow))

    async def resource(self, visit: Visit) -> Answer:
        """What the orchestrator believes of a resource."""
        user = self.user(visit)
        found = self.submitting.board.version(visit.path["air"])
        if found is None or not found.version.is_published:
            return problem(404)
        may = self.submitting.rights.can_generate(found, user)
        return Answer.of_json(self.pages.resource(found, self.facts(), may, visit.origin))

    def user(self, visit: Visit) -> User:
        """Who asks; nobody else is served."""
        user = self.submitting.rights.people.who(visit.heard)
        if user is None:
            raise refusal(401)
        return user

    def view(self, visit: Visit, *, hides: bool = False) -> View:
        """How this request wants to see workflows."""
        hidden = is_true(visit.heard, "hideMatureContent", hides)
        return View(self.facts(), visit.files, self.submitting.board.clock(), hidden)

    def _own(self, visit: Visit) -> Workflow:
        user = self.user(visit)
        workflow = self.submitting.board.workflows.get(visit.path["id"])
        if workflow is None or workflow.user is not user or workflow.deleted:
            raise refusal(404)
        return workflow

    def _wait(self, visit: Visit) -> int:
        """How long the client will wait; older deployments take a flag, newer ones seconds."""
        text = parameters(visit.heard).get("wait", "0")
        if self.facts().boolean_wait:
            if text not in {"true", "false", "0"}:
                raise Refusal(problem(400, errors={"wait": [f"The value '{text}' is not valid."]}))
            return LONGEST_WAIT if text == "true" else 0
        if not text.isdecimal():
            raise Refusal(problem(400, errors={"wait": [f"The value '{text}' is not valid."]}))
        return min(int(text), LONGEST_WAIT)

    async def _wait_for(self, workflow: Workflow, wait: int) -> None:
        """Hold the answer until the work is done or the client's patience is over."""
        board = self.submitting.board
        seconds = min(float(wait), workflow.remaining(board.clock()))
        if seconds > 0 and not workflow.is_final:
            before = board.clock()
            await self.sleep(seconds)
            # A sleep that takes no time, as tests have it, counts all the same.
            workflow.waited += max(0.0, seconds - (board.clock() - before))
        was_final = workflow.is_final
        board.advance(workflow, self.facts())
        if workflow.is_final and not was_final:
            self.callbacks.tell(workflow)

    def _told(self, visit: Visit, workflow: Workflow, status: int | None = None) -> Answer:
        usual = 200 if workflow.is_final else 202
        return Answer.of_json(workflow_view(workflow, self.view(visit)), status or usual)


def _with_body(visit: Visit, body: JsonValue) -> Heard:
    return replace(visit.heard, body=body)
