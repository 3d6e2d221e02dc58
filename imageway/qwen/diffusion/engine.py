"""The engine of the backend `sdnq`: a quantised Qwen-Image, by the service's own protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imageway.qwen.configuring import misconfigured
from imageway.qwen.diffusion import libraries
from imageway.qwen.engine import Description, Draft, Memory, OnStep, Repair, Task
from imageway.qwen.settings import Settings

if TYPE_CHECKING:
    from imageway.qwen.diffusion.studio import Studio


class DiffusionEngine:
    """Made at once; its libraries take seconds to import, and are imported where it is loaded."""

    def __init__(self, settings: Settings) -> None:
        if settings.model is None:
            raise misconfigured("model: there is none to load", "name one: --model DIR")
        name = Path(settings.model).name
        title = name if settings.profile == "standard" else f"{name} ({settings.profile})"
        self._settings = settings
        self._studio: Studio | None = None
        self._description = Description(
            name, title, is_ai=True, device=settings.device, versions=libraries.versions()
        )

    def describe(self) -> Description:
        """The model and its libraries; once it is loaded, the device and the quantised layers."""
        return self._description

    def load(self, report: Callable[[float], None]) -> None:
        """Import, read, check, place."""
        from imageway.qwen.diffusion.opening import open_studio

        self._studio = open_studio(self._settings, report)
        self._description = replace(
            self._description,
            device=str(self._studio.layout.device),
            quantised_layers=self._studio.counts,
        )

    def generate(self, task: Task, on_step: OnStep) -> Draft:
        """Run the model."""
        return self.studio.generate(task, on_step)

    def repair(self, repair: Repair) -> bool:
        """Change something, for good."""
        return self.studio.repair(repair)

    def memory(self) -> Memory:
        """How much of the device is taken."""
        return Memory() if self._studio is None else self._studio.memory()

    @property
    def studio(self) -> Studio:
        """The pipeline with its device, once it is loaded."""
        if self._studio is None:
            raise RuntimeError("the engine is asked for a picture before it is loaded")
        return self._studio
