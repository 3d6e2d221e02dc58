"""The feature flags as Prometheus reads them: for each key and each provider, on or off."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from imageway.providers.config import Config

Look = Callable[[], Config]


class Flags(Collector):
    """Looks at the configuration in force whenever somebody reads the numbers."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """1 where a flag is on for this key at this provider."""
        yield features(self._look())


def features(config: Config) -> GaugeMetricFamily:
    """Every flag by key and provider; without keys in the file everybody is anybody."""
    family = GaugeMetricFamily(
        "imageway_feature",
        "1 where a feature is on for this key at this provider.",
        labels=["feature", "key", "provider"],
    )
    for name in config.features.settings:
        for key in config.keys or ("anybody",):
            for provider in config.providers:
                is_on = config.features.is_on(name, key, provider)
                family.add_metric([name, key, provider], float(is_on))
    return family
