"""The gateway's numbers for Prometheus; every label has few values, none is a caller's text."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.registry import Collector

from imageway.core.result import ImageResult
from imageway.server.configuration import ConfigurationStanding, LookAtConfiguration
from imageway.server.gallery_standing import GalleryStanding
from imageway.server.standing import Look, Standing
from imageway.serving.answers import CODE

SECONDS = (0.1, 0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 900)
MOST_MODELS = 200


class Metrics:
    """Counters of one gateway, in a registry of its own."""

    def __init__(
        self,
        jobs_running: Callable[[], float],
        look: Look = tuple,
        configuration: LookAtConfiguration | None = None,
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(Standing(look))
        self._registry.register(GalleryStanding(look))
        if configuration is not None:
            self._registry.register(ConfigurationStanding(configuration))
        self.requests = Counter(
            "imageway_http_requests",
            "Requests that were answered.",
            ("route", "status", "code"),
            registry=self._registry,
        )
        self.pictures = Counter(
            "imageway_pictures",
            "Pictures that were made.",
            ("provider", "model"),
            registry=self._registry,
        )
        self.failures = Counter(
            "imageway_picture_failures",
            "Pictures that nobody could make.",
            ("provider", "code"),
            registry=self._registry,
        )
        self.notes = Counter(
            "imageway_notes",
            "What callers were told besides: retried, fallback, adjusted and so on.",
            ("kind",),
            registry=self._registry,
        )
        self.seconds = Histogram(
            "imageway_run_seconds",
            "How long runs took.",
            ("status",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self.streams = Gauge(
            "imageway_streams_open", "Streams that are being read.", registry=self._registry
        )
        jobs = Gauge("imageway_jobs_running", "Jobs under way.", registry=self._registry)
        jobs.set_function(jobs_running)
        self._models: set[tuple[str, str]] = set()

    def add(self, collector: Collector) -> None:
        """Let somebody else's numbers stand beside these."""
        self._registry.register(collector)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)

    def observe(self, result: ImageResult, seconds: float) -> None:
        """Count what a run made."""
        self.seconds.labels(result.status).observe(seconds)
        for ready in result.images:
            self.pictures.labels(*self._bounded(ready.provider, ready.model)).inc()
        for failed in result.failures:
            self.failures.labels(failed.error.provider or "none", str(failed.error.code)).inc()

        for note in result.notes:
            self.notes.labels(note.kind).inc()

    def _bounded(self, provider: str | None, model: str | None) -> tuple[str, str]:
        """A pair of labels; vendors that take any model name must not make a label of each."""
        pair = (provider or "none", model or "none")
        if len(self._models) < MOST_MODELS:
            self._models.add(pair)
        return pair if pair in self._models else (pair[0], "other")


def measured(metrics: Metrics) -> Middleware:
    """Count every answer by its route, its status and its code."""

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        code = response.get(CODE, "ok")
        metrics.requests.labels(route, str(response.status), code).inc()
        return response

    return measure
