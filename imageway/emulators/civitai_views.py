"""Workflows and pictures as the orchestrator shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

from pydantic import JsonValue

from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_pages import Json, date
from imageway.emulators.civitai_workflows import Order, Price, Step, Workflow
from imageway.emulators.pictures import paint

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class View:
    """Who looks, where pictures lie for them, and what they would rather not see."""

    facts: Facts
    files: str
    now: float
    hides_mature: bool = False


def workflow_view(workflow: Workflow, view: View) -> Json:
    """A workflow as it is now."""
    told: Json = {
        "id": workflow.id,
        "createdAt": date(workflow.created, 7),
        "startedAt": None if workflow.begun is None else date(workflow.begun, 7),
        "completedAt": None if workflow.ended is None else date(workflow.ended, 7),
        "status": _status(workflow),
        "tags": [*workflow.tags],
        "metadata": {**workflow.metadata, **workflow.script.metadata},
        "steps": [*_steps(workflow, view)],
        "transactions": {"list": [line.told() for line in (*workflow.debits, *workflow.credits)]},
        "forceRefunded": False,
        **_order_view(workflow.order, workflow.price),
    }
    return told if workflow.external_id is None else {**told, "externalId": workflow.external_id}


def whatif_view(order: Order, price: Price, short: bool, view: View, spent: list[Json]) -> Json:
    """What an order would cost; nothing was created, so there is no id."""
    steps: list[JsonValue] = [
        {
            **_step_view(step),
            "status": "unassigned",
            "jobs": [{"queuePosition": {"support": "available"}}],
        }
        for step in order.steps
    ]
    return {
        "id": None,
        "createdAt": date(view.now, 7),
        "status": "unassigned",
        "tags": order.fields.get("tags", []),
        "metadata": order.fields.get("metadata", {}),
        "steps": steps,
        "transactions": {"list": [*spent], "insufficientBuzz": short},
        **_order_view(order, price),
    }


def _status(workflow: Workflow) -> str:
    unknown = workflow.script.unknown_status
    return unknown if unknown and not workflow.is_final else workflow.status


def _order_view(order: Order, price: Price) -> Json:
    fields = order.fields
    return {
        "arguments": {},
        "callbacks": fields.get("callbacks", []),
        "tips": {"civitai": 0, "creators": 0},
        "cost": {
            "base": price.base,
            "factors": {"quantity": 1.0},
            "fixed": {**price.fixed},
            "tips": {"civitai": 0, "creators": 0},
            "fees": {**price.fees},
            "total": price.total,
        },
        "upgradeMode": fields.get("upgradeMode", "manual"),
        "currencies": fields.get("currencies", ["blue", "green", "yellow"]),
        "allowMatureContent": fields.get("allowMatureContent"),
        "nsfwLevel": "pg",
    }


def _step_view(step: Step) -> Json:
    return {
        "$type": step.kind,
        "name": step.name,
        "priority": step.priority,
        "metadata": step.metadata,
        "input": dict(step.given),
    }


def _steps(workflow: Workflow, view: View) -> list[Json]:
    first = 0
    told: list[Json] = []
    for step in workflow.order.steps:
        count = step.read.pictures
        places = range(first, first + count)
        told.append(_step_of(workflow, step, places, view))
        first += count
    return told


def _step_of(workflow: Workflow, step: Step, places: range, view: View) -> Json:
    script, fraction = workflow.script, workflow.fraction(view.now)
    shown = [place for place in places if place < workflow.order.pictures - script.left_out]
    output: Json = {"images": [image_view(workflow, step, place, view) for place in shown]}
    if script.errors and workflow.is_final:
        output["errors"] = [*script.errors]
    told: Json = {
        **_step_view(step),
        "status": _status(workflow),
        "startedAt": None if workflow.begun is None else date(workflow.begun, 7),
        "estimatedProgressRate": fraction,
        "output": output,
    }
    if view.facts.has_jobs:
        told["jobs"] = [_job(workflow, place, fraction) for place in shown]
    return told


def _job(workflow: Workflow, place: int, fraction: float) -> Json:
    waiting = workflow.status in {"unassigned", "preparing", "scheduled"}
    position: Json = {"support": "available", "precedingJobs": 3 if waiting else 0}
    told: Json = {
        "id": job_id(workflow, place),
        "status": _status(workflow),
        "cost": 8,
        "queuePosition": position,
        "estimatedProgressRate": fraction,
    }
    return told if workflow.reason is None else {**told, "reason": workflow.reason}


def image_view(workflow: Workflow, step: Step, place: int, view: View) -> Json:
    """One picture: its id is there from the beginning, its link when it is made."""
    read = step.read
    blob = blob_id(workflow, place)
    told: Json = {
        "type": "image",
        "id": blob,
        "available": False,
        "jobId": job_id(workflow, place),
        "width": read.number("width", 1024),
        "height": read.number("height", 1024),
    }
    reason = workflow.blocked(place)
    mature = workflow.script.outcome(place) == "mature"
    if reason is not None:
        return {**told, "nsfwLevel": "x", "blockedReason": reason}
    if not workflow.is_made(place):
        return {**told, **_preview(view, blob, workflow)}
    told |= {"available": True, "nsfwLevel": "x" if mature else "pg"}
    if mature and view.hides_mature:
        return told
    expires = date(view.now + view.facts.url_seconds)
    return {**told, "url": link(view, blob), "urlExpiresAt": expires}


def _preview(view: View, blob: str, workflow: Workflow) -> Json:
    if not (view.facts.offers_previews and workflow.polls and not workflow.is_final):
        return {}
    return {"previewUrl": link(view, blob, "preview")}


def link(view: View, blob: str, what: str = "content") -> str:
    """A signed link, which needs no key; the signature is its end."""
    until = int(view.now + view.facts.url_seconds)
    return f"{view.files}/v2/consumer/blobs/{what}/{blob}?sig=S{until}&exp={until}"


def blob_id(workflow: Workflow, place: int) -> str:
    """The id of one picture; its ending tells the format."""
    number = int.from_bytes(sha256(f"{workflow.id} {place}".encode()).digest()[:16])
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(0, 130, 5))
    return f"{letters}.{_format(workflow, place)}"


def job_id(workflow: Workflow, place: int) -> str:
    """The id of the job that makes one picture."""
    digest = sha256(f"{workflow.id} job {place}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4000-8000-{digest[12:24]}"


def _format(workflow: Workflow, place: int) -> str:
    return _step_at(workflow, place)[0].read.format


def _step_at(workflow: Workflow, place: int) -> tuple[Step, int]:
    """The step that makes a picture, and the picture's place in it."""
    for step in workflow.order.steps:
        if place < step.read.pictures:
            return step, place
        place -= step.read.pictures
    raise LookupError(place)


def painted(workflow: Workflow, place: int, unfinished: int = 0) -> bytes:
    """The bytes of one picture: the same order draws the same, unfinished another."""
    step, inner = _step_at(workflow, place)
    read = step.read
    seed = crc32(f"{read.prompt} {read.given.get('model', '')}".encode()) + read.number("seed", 0)
    size = read.number("width", 1024), read.number("height", 1024)
    return paint(*size, read.format, (seed + inner + unfinished) % 100_003)


def blobs(workflow: Workflow) -> Mapping[str, int]:
    """The pictures of a workflow by the id of their blob."""
    return {blob_id(workflow, place): place for place in range(workflow.order.pictures)}
