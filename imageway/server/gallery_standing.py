"""How the galleries stand, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from imageway.providers.galleries.gallery_report import Answered, GalleryReport, ListReport
from imageway.server.standing import OPENNESS, Look

# Name after imageway_gallery_, what it tells, and where it stands.
GAUGES: tuple[tuple[str, str, Callable[[ListReport], float]], ...] = (
    ("breaker_open", "1 while it is left alone, 0.5 while tried.", lambda it: OPENNESS[it.breaker]),
    ("failing_seconds", "Since it fails; 0 once it answers.", lambda it: it.failing_seconds),
    (
        "oldest_stale_seconds",
        "Age of the oldest answer that stood in since it fails.",
        lambda it: it.oldest_stale_seconds,
    ),
)
# The labels of a list: whose it is, and which.
OF_LIST = ["provider", "list"]


class GalleryStanding(Collector):
    """Looks at the galleries whenever somebody reads the numbers."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        """One family for each fact."""
        reports = tuple(self._look())
        galleries = [(each.name, each.gallery) for each in reports if each.gallery is not None]
        yield _answers(galleries)
        yield from _kept(galleries)
        yield _disk_problems(galleries)
        for name, help_text, fact in GAUGES:
            family = GaugeMetricFamily(f"imageway_gallery_{name}", help_text, labels=OF_LIST)
            for provider, gallery in galleries:
                for each in gallery.lists:
                    family.add_metric([provider, each.name], float(fact(each)))
            yield family


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


def _disk_problems(galleries: Iterable[tuple[str, GalleryReport]]) -> Metric:
    family = GaugeMetricFamily(
        "imageway_gallery_disk_problem",
        "1 while answers cannot be kept on disk.",
        labels=["provider"],
    )
    for provider, gallery in galleries:
        family.add_metric([provider], float(gallery.disk_problem is not None))
    return family
