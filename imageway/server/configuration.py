"""Which configuration is in force, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from imageway.providers.reloading.reload import Standing

LookAtConfiguration = Callable[[], Standing]

# Name after imageway_configuration_, what it tells, and where it stands.
GAUGES: tuple[tuple[str, str, Callable[[Standing], float]], ...] = (
    (
        "generation",
        "Configurations that have been in force, this one included.",
        lambda it: it.generation,
    ),
    (
        "last_reload_successful",
        "1, or 0 while the file on disk has a mistake and is not in force.",
        lambda it: it.error is None,
    ),
    (
        "last_success_timestamp_seconds",
        "When the configuration in force was taken into use.",
        lambda it: it.since,
    ),
    (
        "last_failure_timestamp_seconds",
        "When a file was last refused; 0 for never.",
        lambda it: it.failed_at or 0.0,
    ),
)


class ConfigurationStanding(Collector):
    """Looks whenever somebody reads the numbers."""

    def __init__(self, look: LookAtConfiguration) -> None:
        self._look = look

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each fact."""
        standing = self._look()
        for name, help_text, fact in GAUGES:
            family = GaugeMetricFamily(f"imageway_configuration_{name}", help_text)
            family.add_metric([], float(fact(standing)))
            yield family
