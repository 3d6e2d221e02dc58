"""How vendors' services and galleries stand, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from imageway.core.powers import ServiceHealth
from imageway.providers.gallery_report import Answered, GalleryReport
from imageway.server.standing import OPENNESS, Look

HEALTH: Mapping[str, float] = {"up": 1.0, "degraded": 0.5, "down": 0.0}
MOST_CODES = 30
# Name after imageway_gallery_, what it tells, and where it stands.
GAUGES: tuple[tuple[str, str, Callable[[GalleryReport], float]], ...] = (
    ("breaker_open", "1 while it is left alone, 0.5 while tried.", lambda it: OPENNESS[it.breaker]),
    (
        "failing_seconds",
        "Since it fails; 0 once it answers.",
        lambda it: it.failing_seconds,
    ),
    (
        "oldest_stale_seconds",
        "Age of the oldest answer that stood in since it fails.",
        lambda it: it.oldest_stale_seconds,
    ),
    (
        "disk_problem",
        "1 while answers cannot be kept on disk.",
        lambda it: it.disk_problem is not None,
    ),
)


class GalleryStanding(Collector):
    """Looks at services and galleries whenever somebody reads the numbers."""

    def __init__(self, look: Look) -> None:
        self._look = look
        # A code that was told once is told as 0 later, so that nobody takes silence for health.
        self._codes: dict[tuple[str, str], dict[str, None]] = {}

    def collect(self) -> Iterator[Metric]:
        """Services first, then galleries."""
        reports = tuple(self._look())
        services = [(each.name, service) for each in reports for service in each.services]
        yield from self._services(services)
        galleries = [(each.name, each.gallery) for each in reports if each.gallery is not None]
        yield _answers(galleries)
        yield from _kept(galleries)
        for name, help_text, fact in GAUGES:
            family = GaugeMetricFamily(f"imageway_gallery_{name}", help_text, labels=["provider"])
            for provider, gallery in galleries:
                family.add_metric([provider], float(fact(gallery)))
            yield family

    def _services(self, services: Iterable[tuple[str, ServiceHealth]]) -> Iterator[Metric]:
        health = GaugeMetricFamily(
            "imageway_provider_service_health",
            "1 up, 0.5 degraded, 0 down; nothing while it is not known.",
            labels=["provider", "service"],
        )
        state = GaugeMetricFamily(
            "imageway_provider_service_state",
            "1 for the word that describes the service now.",
            labels=["provider", "service", "code"],
        )
        for provider, service in services:
            place = [provider, service.name]
            if service.status in HEALTH:
                health.add_metric(place, HEALTH[service.status])
            for code in self.codes(provider, service):
                state.add_metric([*place, code], float(code == service.code))
        yield health
        yield state

    def codes(self, provider: str, service: ServiceHealth) -> tuple[str, ...]:
        """The words that were told of a service, the present one among them; they are bounded."""
        codes = self._codes.setdefault((provider, service.name), {})
        if len(codes) < MOST_CODES:
            codes[service.code] = None
        return tuple(codes)


def _answers(galleries: Iterable[tuple[str, GalleryReport]]) -> Metric:
    family = CounterMetricFamily(
        "imageway_gallery_answers",
        "Pages that were asked for, by where they came from.",
        labels=["provider", "outcome"],
    )
    for provider, gallery in galleries:
        for outcome in Answered.model_fields:
            family.add_metric([provider, outcome], getattr(gallery.answered, outcome))
    return family


def _kept(galleries: Iterable[tuple[str, GalleryReport]]) -> Iterator[Metric]:
    """Last good answers, in memory and on disk."""
    labels = ["provider", "place"]
    count = GaugeMetricFamily("imageway_gallery_kept", "Answers that are kept.", labels=labels)
    size = GaugeMetricFamily("imageway_gallery_kept_bytes", "What they weigh.", labels=labels)
    for provider, gallery in galleries:
        for name, place in (("memory", gallery.memory), ("disk", gallery.disk)):
            if place is not None:
                count.add_metric([provider, name], place.answers)
                size.add_metric([provider, name], place.bytes)
    yield count
    yield size
