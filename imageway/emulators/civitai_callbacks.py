"""Callbacks: told in order, twice, or never, and only where a test lets them go out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from imageway.emulators.civitai_pages import Json, date
from imageway.emulators.civitai_workflows import Workflow

Delivery = Literal["once", "twice", "lost"]
Post = Callable[[str, Json], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Callbacks:
    """What is to be told; without a way out it is only kept."""

    clock: Callable[[], float]
    delivery: Delivery = "once"
    kept: list[tuple[str, Json]] = field(default_factory=list[tuple[str, Json]])

    def tell(self, workflow: Workflow) -> None:
        """Note what a workflow's end is to be told to whom."""
        times = {"once": 1, "twice": 2, "lost": 0}[self.delivery]
        for url, kinds in _registered(workflow):
            if {f"workflow:{workflow.status}", "workflow:*"} & kinds:
                self.kept += [(url, self._event(workflow))] * times

    async def deliver(self, post: Post) -> int:
        """Send everything that is kept; returns how much that was."""
        waiting, self.kept = self.kept, []
        for url, event in waiting:
            await post(url, event)
        return len(waiting)

    def _event(self, workflow: Workflow) -> Json:
        return {
            "$type": "workflow",
            "workflowId": workflow.id,
            "status": workflow.status,
            "timestamp": date(self.clock(), 7),
        }


def _registered(workflow: Workflow) -> list[tuple[str, set[str]]]:
    listed: JsonValue = workflow.order.fields.get("callbacks")
    found: list[tuple[str, set[str]]] = []
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and isinstance(each.get("type"), list):
            kinds = each["type"]
            words = {str(word) for word in kinds} if isinstance(kinds, list) else set[str]()
            found.append((str(each.get("url")), words))
    return found
