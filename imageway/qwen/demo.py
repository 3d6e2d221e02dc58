"""The demo engine: paints by rules, at a pace that lets line and progress be seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil

from PIL import Image, ImageEnhance

from imageway.painting import Wish, paint
from imageway.painting.pixels import stretched
from imageway.qwen.engine import Description, Memory, OnStep, Repair, Task
from imageway.qwen.order import USUAL_GUIDANCE
from imageway.qwen.settings import Settings

DESCRIPTION = Description(
    name="imageway-demo", title="imageway-demo (procedural, not AI)", is_ai=False
)
# The real service decodes its previews at a quarter of the size, too.
PREVIEW_SHARE = 4
LEAST_PREVIEW = 64


@dataclass(frozen=True, slots=True)
class DemoDraft:
    """A finished canvas, before the guidance shows in it."""

    canvas: Image.Image
    guidance: float

    def decode(self, *, precise: bool = False) -> Image.Image:
        """The picture; there is no higher precision to be had."""
        return guided(self.canvas, self.guidance)


class DemoEngine:
    """Needs no weights and no GPU; each half step takes as long as the settings say."""

    def __init__(self, settings: Settings, sleep: Callable[[float], None] = time.sleep) -> None:
        self._half_step = settings.demo_step_seconds
        self._sleep = sleep

    def describe(self) -> Description:
        """Say plainly that this is no AI."""
        return DESCRIPTION

    def load(self, report: Callable[[float], None]) -> None:
        """Nothing has to be loaded."""
        report(1.0)

    def generate(self, task: Task, on_step: OnStep) -> DemoDraft:
        """Paint; with guidance a step takes twice as long, as it does in the real model."""
        wish = Wish(
            prompt=task.prompt,
            width=task.width,
            height=task.height,
            seed=task.seed,
            negative_prompt=task.negative_prompt,
            steps=task.steps,
        )
        canvas = Image.new("RGB", (task.width, task.height))
        on_step(0, None)
        for step in paint(wish):
            self._sleep(self._half_step * (2 if task.guidance > 1 else 1))
            canvas = step.image
            on_step(step.number, partial(_sketch, canvas, task.guidance))
        return DemoDraft(canvas.copy(), task.guidance)

    def repair(self, repair: Repair) -> bool:
        """There is nothing to change about a painter."""
        return False

    def memory(self) -> Memory:
        """There is no device."""
        return Memory()


def guided(canvas: Image.Image, guidance: float) -> Image.Image:
    """The canvas as its guidance makes it: pale when low, garish when high."""
    if guidance == USUAL_GUIDANCE:
        return canvas.copy()
    strength = (guidance - USUAL_GUIDANCE) / 16
    colour = 1 + strength * (2 if strength > 0 else 3)
    coloured = ImageEnhance.Color(canvas).enhance(colour)
    return ImageEnhance.Contrast(coloured).enhance(1 + max(strength, 0) / 2)


def _sketch(canvas: Image.Image, guidance: float) -> Image.Image:
    share = PREVIEW_SHARE if min(canvas.size) >= LEAST_PREVIEW * PREVIEW_SHARE else 1
    small = ceil(canvas.width / share), ceil(canvas.height / share)
    return guided(stretched(canvas, small), guidance)
