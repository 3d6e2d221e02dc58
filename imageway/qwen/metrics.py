"""The service's numbers for Prometheus; no label ever holds a prompt or an id."""

from __future__ import annotations

import sys
from collections import Counter as Tally
from collections.abc import Callable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from imageway.qwen.codes import Code
from imageway.qwen.engine import Description, Memory

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (1, 2, 5, 10, 20, 40, 60, 90, 120, 180, 300, 600)
STEP_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
PREFIX = "imageway_qwen_"
STATM = Path("/proc/self/statm")
LIBRARIES = ("sdnq", "diffusers", "torch")


class Metrics:
    """Counters and gauges of one service, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.codes: Tally[Code] = Tally()
        self.reasons: Tally[str] = Tally()
        self.cancels = 0
        self._requests = self._counter("requests", "Requests by the code they ended with.", "code")
        self._degraded = self._counter("degraded", "Pictures made with less.", "reason")
        self._repairs = self._counter("repairs", "Changes that let a request go on.", "kind")
        self._failures = self._counter("failures", "Failed generations.", "reason")
        self._cancelled = self._counter("cancelled", "Cancelled requests.", "stage")
        self.generate_seconds = self._histogram("generate_seconds", "A turn, altogether.", SECONDS)
        self.queue_wait_seconds = self._histogram("queue_wait_seconds", "Before a turn.", SECONDS)
        self.step_seconds = self._histogram("step_seconds", "One step.", STEP_SECONDS)
        self.load_seconds = self._gauge("model_load_seconds", "Loading the model.")

    def watch(
        self,
        queue_length: Callable[[], float],
        processing: Callable[[], float],
        ready: Callable[[], float],
        memory: Callable[[], Memory],
    ) -> None:
        """Let gauges ask for their values when they are read."""
        self._gauge("queue_length", "Requests that wait.").set_function(queue_length)
        self._gauge("processing", "Requests at work, 0 or 1.").set_function(processing)
        self._gauge("model_ready", "1 when pictures can be asked for.").set_function(ready)
        taken = Gauge(
            f"{PREFIX}gpu_memory_bytes", "Device memory.", ("kind",), registry=self._registry
        )
        taken.labels("allocated").set_function(lambda: memory().allocated)
        taken.labels("reserved").set_function(lambda: memory().reserved)
        taken.labels("total").set_function(lambda: memory().total)

    def describe(self, by: Description) -> None:
        """Say what is installed."""
        labels = ("model", *LIBRARIES)
        build = Gauge(f"{PREFIX}build_info", "What serves.", labels, registry=self._registry)
        build.labels(by.name, *(by.versions.get(each, "none") for each in LIBRARIES)).set(1)

    def count(self, code: Code) -> None:
        """One request is over."""
        self.codes[code] += 1
        self._requests.labels(str(int(code))).inc()

    def count_degraded(self, reason: str) -> None:
        """Less was made."""
        self.reasons[reason] += 1
        self._degraded.labels(reason).inc()

    def count_repair(self, kind: str) -> None:
        """Something was repaired."""
        self._repairs.labels(kind).inc()

    def count_failure(self, reason: str) -> None:
        """Nothing helped."""
        self._failures.labels(reason).inc()

    def count_cancelled(self, stage: str) -> None:
        """Somebody did not want it any more."""
        self.cancels += 1
        self._cancelled.labels(stage).inc()

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help_text: str, label: str) -> Counter:
        return Counter(PREFIX + name, help_text, (label,), registry=self._registry)

    def _gauge(self, name: str, help_text: str) -> Gauge:
        return Gauge(PREFIX + name, help_text, registry=self._registry)

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(PREFIX + name, help_text, buckets=buckets, registry=self._registry)


def counted(codes: Mapping[Code, int]) -> dict[str, int]:
    """The codes as text, in their order."""
    return {str(int(code)): codes[code] for code in sorted(codes)}


def resident_megabytes() -> float:
    """The memory that this process takes."""
    if sys.platform == "win32":
        return 0.0
    import resource

    if STATM.exists():
        pages = int(STATM.read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / 2**20
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
