"""GET /v1/usage: what the caller's own key has spent and reserved, and how fast it may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import ceil

from aiohttp import web
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from imageway.providers.accounting.usage import AmountReport, UsageReport, usage_of
from imageway.server.auth import CALLER, caller_of
from imageway.server.state import gateway_of
from imageway.serving.answers import json_answer

Look = Callable[[], Iterable[UsageReport]]
GAUGES: Mapping[str, tuple[str, Callable[[AmountReport], float | None]]] = {
    "spent": ("What a key has spent in this period.", lambda it: it.spent),
    "reserved": ("What is held for calls whose end is not known.", lambda it: it.reserved),
    "limit": ("What a key may spend in this period.", lambda it: it.limit),
}


async def get_usage(request: web.Request) -> web.Response:
    """Nobody sees another's."""
    caller = caller_of(request)
    snapshot = gateway_of(request).way.snapshot
    return json_answer(usage_of(snapshot, caller.name).model_dump(mode="json"))


async def tell_pace(request: web.Request, response: web.StreamResponse) -> None:
    """Say on every answer how many requests the key has left, as OpenAI does."""
    caller = request.get(CALLER)
    pace = None if caller is None else gateway_of(request).way.snapshot.rates.pace(caller.name)
    if pace is None:
        return
    response.headers["x-ratelimit-limit-requests"] = str(pace.limit)
    response.headers["x-ratelimit-remaining-requests"] = str(pace.left)
    response.headers["x-ratelimit-reset-requests"] = f"{ceil(pace.seconds)}s"


class Purses(Collector):
    """Looks at what keys have spent whenever somebody reads the numbers."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each fact."""
        reports = tuple(self._look())
        for name, (help_text, fact) in GAUGES.items():
            labels = ["key", "unit", "period"]
            family = GaugeMetricFamily(f"imageway_key_{name}", help_text, labels=labels)
            for each in reports:
                for amount in each.amounts:
                    if (value := fact(amount)) is not None:
                        family.add_metric([each.key, amount.unit, amount.period], value)
            yield family
