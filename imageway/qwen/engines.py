"""Which engine stands behind which backend; none is chosen in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from imageway.qwen.engine import Engine
from imageway.qwen.settings import Settings


def make_engine(settings: Settings) -> Engine:
    """Make the engine of the settings; raises misconfigured where it is not installed."""
    return FACTORY_BY_BACKEND[settings.backend](settings)


def _demo(settings: Settings) -> Engine:
    from imageway.qwen.demo import DemoEngine

    return DemoEngine(settings)


def _sdnq(settings: Settings) -> Engine:
    from imageway.qwen.diffusion import libraries
    from imageway.qwen.diffusion.engine import DiffusionEngine

    libraries.require()
    return DiffusionEngine(settings)


FACTORY_BY_BACKEND: Mapping[str, Callable[[Settings], Engine]] = {"demo": _demo, "sdnq": _sdnq}
