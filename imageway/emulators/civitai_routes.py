"""Which path leads where: the site's, the orchestrator's two APIs, and the blobs."""

from __future__ import annotations

from collections.abc import Iterator

from imageway.emulators.base import Handler, Route
from imageway.emulators.civitai_blobs import Blobs
from imageway.emulators.civitai_jobs import Jobs
from imageway.emulators.civitai_orchestrator import Orchestrator
from imageway.emulators.civitai_site import Site
from imageway.emulators.faults import Spot


def routes_of(site: Site, orchestrator: Orchestrator, blobs: Blobs, jobs: Jobs) -> Iterator[Route]:
    """Every route; one that is named earlier goes before one that also fits."""
    yield from _site(site)
    yield from _workflows(orchestrator)
    yield from _blobs(blobs)
    yield from _jobs(jobs)


def _site(site: Site) -> Iterator[Route]:
    looked: tuple[tuple[str, Handler], ...] = (
        ("/me", site.me),
        ("/models", site.models),
        ("/models/{id}", site.model),
        ("/model-versions/mini/{id}", site.mini),
        ("/model-versions/by-hash/{hash}", site.by_hash),
        ("/model-versions/{id}", site.version),
        ("/permissions/check", site.check),
        ("/images", site.images),
    )
    for path, handler in looked:
        yield Route("*", f"/api/v1{path}", handler)
    yield Route("GET", "/api/download/models/{id}", site.download)


def _workflows(orchestrator: Orchestrator) -> Iterator[Route]:
    root = "/v2/consumer/workflows"
    one = f"{root}/{{id}}"
    yield Route("POST", root, orchestrator.submit, Spot.WORK)
    yield Route("GET", root, orchestrator.find)
    yield Route("GET", one, orchestrator.look, Spot.POLL)
    yield Route("PUT", one, orchestrator.update, Spot.CANCEL)
    yield Route("PATCH", one, orchestrator.patch, Spot.CANCEL)
    yield Route("DELETE", one, orchestrator.delete)
    yield Route("POST", f"{one}/tags", orchestrator.add_tag)
    yield Route("DELETE", f"{one}/tags", orchestrator.drop_tags)
    yield Route("DELETE", f"{one}/tags/{{tag}}", orchestrator.drop_tags)
    yield Route("*", f"{one}/steps/{{name}}", orchestrator.step)
    yield Route("POST", "/v2/consumer/recipes/{name}", orchestrator.recipe, Spot.WORK)
    yield Route("GET", "/v2/resources/{air:.+}", orchestrator.resource)


def _blobs(blobs: Blobs) -> Iterator[Route]:
    root = "/v2/consumer/blobs"
    yield Route("GET", f"{root}/upload", blobs.upload_link)
    yield Route("POST", root, blobs.upload)
    yield Route("GET", f"{root}/blocked/{{token}}", blobs.blocked)
    yield Route("GET", f"{root}/content/{{blob}}", blobs.content, Spot.DOWNLOAD)
    yield Route("GET", f"{root}/preview/{{blob}}", blobs.preview)
    yield Route("POST", f"{root}/{{blob}}/refresh", blobs.refresh)
    yield Route("*", f"{root}/{{blob}}", blobs.look)


def _jobs(jobs: Jobs) -> Iterator[Route]:
    root = "/v1/consumer"
    yield Route("POST", f"{root}/jobs", jobs.create, Spot.WORK)
    yield Route("POST", f"{root}/jobs/query", jobs.query)
    yield Route("GET", f"{root}/jobs", jobs.look)
    yield Route("GET", f"{root}/jobs/{{id}}", jobs.one)
    yield Route("DELETE", f"{root}/jobs", jobs.cancel)
    yield Route("DELETE", f"{root}/jobs/{{id}}", jobs.cancel)
    yield Route("GET", f"{root}/coverage", jobs.coverage)
    yield Route("GET", "/v1/blobs/{key}", jobs.blob)
