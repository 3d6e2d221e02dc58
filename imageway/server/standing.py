"""How the providers stand, as Prometheus reads it: one gauge a fact, one label a provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from imageway.providers.report import ProviderReport

Look = Callable[[], Iterable[ProviderReport]]

OPENNESS: Mapping[str, float] = {"closed": 0.0, "half-open": 0.5, "open": 1.0}
WELLNESS: Mapping[str, float] = {"up": 1.0, "degraded": 0.5, "down": 0.0}
# Name after imageway_provider_, what it tells, and where it stands.
GAUGES: tuple[tuple[str, str, Callable[[ProviderReport], float]], ...] = (
    ("ready", "1 when it can be asked, 0 when it is disabled.", lambda it: it.state == "ready"),
    ("breaker_open", "1 while it is left alone, 0.5 while tried.", lambda it: OPENNESS[it.breaker]),
    ("running", "Attempts under way.", lambda it: it.running),
    ("waiting", "Attempts in line.", lambda it: it.waiting),
    ("chaos", "1 while it only rehearses failures.", lambda it: it.chaos is not None),
    ("repeats_left", "Repeats that the retry budget allows now.", lambda it: it.repeats_left),
)


class Standing(Collector):
    """Looks at the providers whenever somebody reads the numbers."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each fact."""
        reports = tuple(self._look())
        for name, help_text, fact in GAUGES:
            family = GaugeMetricFamily(f"imageway_provider_{name}", help_text, labels=["provider"])
            for each in reports:
                family.add_metric([each.name], float(fact(each)))
            yield family
        yield from _health(reports)


def _health(reports: Iterable[ProviderReport]) -> Iterator[GaugeMetricFamily]:
    """How they are and their services; nobody of whom nothing is known."""
    words = "1 up, 0.5 degraded, 0 down; missing while nothing is known."
    whole = GaugeMetricFamily("imageway_provider_health", words, labels=["provider"])
    services = GaugeMetricFamily(
        "imageway_service_health", words, labels=["provider", "service", "code"]
    )
    for each in reports:
        if each.health is None:
            continue
        whole.add_metric([each.name], WELLNESS[each.health.status])
        for service in each.health.services:
            if service.status in WELLNESS:
                labels = [each.name, service.name, service.code]
                services.add_metric(labels, WELLNESS[service.status])
    yield from (whole, services)
