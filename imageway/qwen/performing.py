"""One turn in the worker thread: made, encoded, or a failure as data."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from imageway.qwen.door import Fault
from imageway.qwen.encoding import ENCODER_FAULTS, about, encode, is_flat
from imageway.qwen.engine import Engine, Task
from imageway.qwen.failures import Made, Rules, Watch, make
from imageway.qwen.job import Result
from imageway.qwen.order import Order


@dataclass(frozen=True, slots=True)
class Unencoded:
    """A picture that the encoder would not take."""

    image: Image.Image
    trace: str


Outcome = Result | Unencoded | Fault


def task_of(order: Order) -> Task:
    """What the model is run with; without a negative prompt it would ignore its guidance."""
    return Task(
        prompt=order.prompt,
        negative_prompt=order.negative_prompt or " ",
        width=order.width,
        height=order.height,
        steps=order.steps,
        guidance=order.guidance,
        seed=order.seed,
    )


@dataclass(frozen=True, slots=True)
class Performance:
    """All that one turn needs."""

    engine: Engine
    order: Order
    watch: Watch
    rules: Rules
    new_seed: Callable[[], int]
    embeds: bool

    def __call__(self) -> Outcome:
        """Make the picture and encode it; raises Stopped."""
        made = make(self.engine, task_of(self.order), self.watch, self.rules, self.new_seed)
        return made if isinstance(made, Fault) else self._encoded(made)

    def _encoded(self, made: Made) -> Outcome:
        by = self.engine.describe()
        told = about(made, self.order, by) if self.embeds else None
        try:
            data = encode(made.image, self.order.format, by, told)
            return Result(
                data, self.order.format, made.task, by.title, made.degraded, is_flat(made.image)
            )
        except ENCODER_FAULTS:
            return Unencoded(made.image, traceback.format_exc())
