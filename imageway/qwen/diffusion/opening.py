"""From settings to a studio, in the one order in which the libraries may be imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from imageway.qwen.diffusion import libraries
from imageway.qwen.diffusion.devices import find_device
from imageway.qwen.settings import Settings

if TYPE_CHECKING:
    from imageway.qwen.diffusion.studio import Studio


def open_studio(settings: Settings, report: Callable[[float], None]) -> Studio:
    """Find the device, prepare the libraries for it, load."""
    device = find_device(settings.device)
    libraries.prepare_here(device.type, offline=settings.offline)
    # SDNQ and the hub's client read their environment while they are imported, and never again.
    from imageway.qwen.diffusion.loading import load
    from imageway.qwen.diffusion.studio import Studio

    return Studio(load(settings, device, report))
