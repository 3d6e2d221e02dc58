"""Which path leads where: the site's, the orchestrator's two APIs, and the blobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.base import Handler, Route
from imageway.emulators.civitai_blobs import Blobs
from imageway.emulators.civitai_jobs import Jobs
from imageway.emulators.civitai_orchestrator import Orchestrator
from imageway.emulators.civitai_site import Site
from imageway.emulators.faults import Spot


@dataclass(frozen=True, slots=True)
class Halls:
    """Those who answer; a fresh start puts others in their place."""

    site: Site
    orchestrator: Orchestrator
    blobs: Blobs
    jobs: Jobs


Pick = Callable[[Halls], Handler]
WORKFLOWS, BLOBS, JOBS = "/v2/consumer/workflows", "/v2/consumer/blobs", "/v1/consumer"
ONE = f"{WORKFLOWS}/{{id}}"

# Method, path, who answers, and the step at which faults strike; what stands earlier goes first.
TABLE: Sequence[tuple[str, str, Pick, Spot]] = (
    ("*", "/api/v1/me", lambda halls: halls.site.me, Spot.LOOK),
    ("*", "/api/v1/models", lambda halls: halls.site.models, Spot.LOOK),
    ("*", "/api/v1/models/{id}", lambda halls: halls.site.model, Spot.LOOK),
    ("*", "/api/v1/model-versions/mini/{id}", lambda halls: halls.site.mini, Spot.LOOK),
    ("*", "/api/v1/model-versions/by-hash/{hash}", lambda halls: halls.site.by_hash, Spot.LOOK),
    ("*", "/api/v1/model-versions/{id}", lambda halls: halls.site.version, Spot.LOOK),
    ("*", "/api/v1/permissions/check", lambda halls: halls.site.check, Spot.LOOK),
    ("*", "/api/v1/images", lambda halls: halls.site.images, Spot.LOOK),
    ("*", "/api/v1/enums", lambda halls: halls.site.enums, Spot.LOOK),
    ("GET", "/api/download/models/{id}", lambda halls: halls.site.download, Spot.LOOK),
    ("POST", WORKFLOWS, lambda halls: halls.orchestrator.submit, Spot.WORK),
    ("GET", WORKFLOWS, lambda halls: halls.orchestrator.find, Spot.LOOK),
    ("GET", ONE, lambda halls: halls.orchestrator.look, Spot.POLL),
    ("PUT", ONE, lambda halls: halls.orchestrator.update, Spot.CANCEL),
    ("PATCH", ONE, lambda halls: halls.orchestrator.patch, Spot.CANCEL),
    ("DELETE", ONE, lambda halls: halls.orchestrator.delete, Spot.LOOK),
    ("POST", f"{ONE}/tags", lambda halls: halls.orchestrator.add_tag, Spot.LOOK),
    ("DELETE", f"{ONE}/tags", lambda halls: halls.orchestrator.drop_tags, Spot.LOOK),
    ("DELETE", f"{ONE}/tags/{{tag}}", lambda halls: halls.orchestrator.drop_tags, Spot.LOOK),
    ("*", f"{ONE}/steps/{{name}}", lambda halls: halls.orchestrator.step, Spot.LOOK),
    ("POST", "/v2/consumer/recipes/{name}", lambda halls: halls.orchestrator.recipe, Spot.WORK),
    ("GET", "/v2/resources/{air:.+}", lambda halls: halls.orchestrator.resource, Spot.LOOK),
    ("GET", f"{BLOBS}/upload", lambda halls: halls.blobs.upload_link, Spot.LOOK),
    ("POST", BLOBS, lambda halls: halls.blobs.upload, Spot.LOOK),
    ("GET", f"{BLOBS}/blocked/{{token}}", lambda halls: halls.blobs.blocked, Spot.LOOK),
    ("GET", f"{BLOBS}/content/{{blob}}", lambda halls: halls.blobs.content, Spot.DOWNLOAD),
    ("GET", f"{BLOBS}/preview/{{blob}}", lambda halls: halls.blobs.preview, Spot.LOOK),
    ("POST", f"{BLOBS}/{{blob}}/refresh", lambda halls: halls.blobs.refresh, Spot.LOOK),
    ("*", f"{BLOBS}/{{blob}}", lambda halls: halls.blobs.look, Spot.LOOK),
    ("POST", f"{JOBS}/jobs", lambda halls: halls.jobs.create, Spot.WORK),
    ("POST", f"{JOBS}/jobs/query", lambda halls: halls.jobs.query, Spot.LOOK),
    ("GET", f"{JOBS}/jobs", lambda halls: halls.jobs.look, Spot.LOOK),
    ("GET", f"{JOBS}/jobs/{{id}}", lambda halls: halls.jobs.one, Spot.LOOK),
    ("DELETE", f"{JOBS}/jobs", lambda halls: halls.jobs.cancel, Spot.LOOK),
    ("DELETE", f"{JOBS}/jobs/{{id}}", lambda halls: halls.jobs.cancel, Spot.LOOK),
    ("GET", f"{JOBS}/coverage", lambda halls: halls.jobs.coverage, Spot.LOOK),
    ("GET", "/v1/blobs/{key}", lambda halls: halls.jobs.blob, Spot.LOOK),
)


def routes_of(now: Callable[[], Halls]) -> Iterator[Route]:
    """Every route, each to whoever answers when it is asked."""
    for method, path, pick, spot in TABLE:
        yield Route(method, path, _via(now, pick), spot)


def _via(now: Callable[[], Halls], pick: Pick) -> Handler:
    async def handler(visit: Visit) -> Answer:
        return await pick(now())(visit)

    return handler
