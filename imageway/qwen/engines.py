"""Which engine stands behind which backend; none is chosen in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from imageway.core.errors import ImagewayError
from imageway.qwen.configuring import misconfigured
from imageway.qwen.engine import Engine
from imageway.qwen.settings import Settings

MISSING_HINT = (
    'pip install "imageway[qwen]" brings it, in versions that have it; '
    "to see the service without it: imageway qwen serve --backend demo"
)


def make_engine(settings: Settings) -> Engine:
    """Make the engine of the settings; raises misconfigured where it is not installed."""
    return FACTORY_BY_BACKEND[settings.backend](settings)


def _demo(settings: Settings) -> Engine:
    from imageway.qwen.demo import DemoEngine

    return DemoEngine(settings)


def _sdnq(settings: Settings) -> Engine:
    raise not_installed("sdnq")


def not_installed(backend: str) -> ImagewayError:
    """The backend's libraries are missing."""
    return misconfigured(f"the engine of the backend {backend!r} is not installed", MISSING_HINT)


FACTORY_BY_BACKEND: Mapping[str, Callable[[Settings], Engine]] = {"demo": _demo, "sdnq": _sdnq}
