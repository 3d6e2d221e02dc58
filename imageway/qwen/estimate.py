"""How long things will take, from how long they took."""

from __future__ import annotations

from dataclasses import dataclass, field

from imageway.qwen.order import Order

# A new sample counts a quarter: a change of pace is believed after a few steps.
WEIGHT = 0.25
GUIDED_COSTS = 2.0

Kind = tuple[int, bool]


def moved(average: float | None, sample: float) -> float:
    """A moving average, one sample further."""
    return sample if average is None else average + WEIGHT * (sample - average)


@dataclass(slots=True)
class Estimate:
    """Seconds a step for each number of pixels with and without guidance, and what follows."""

    usual_step: float
    _steps: dict[Kind, float] = field(default_factory=dict[Kind, float])
    _finish: float | None = None
    _whole: float | None = None

    @property
    def whole_seconds(self) -> float | None:
        """What one picture took lately, whatever its kind."""
        return self._whole

    @property
    def step_seconds(self) -> float:
        """What a step takes, averaged over everything that was measured."""
        known = self._steps.values()
        return sum(known) / len(known) if known else self.usual_step

    def learn_step(self, order: Order, seconds: float) -> None:
        """One step took so long."""
        kind = (order.pixels, order.is_guided)
        self._steps[kind] = moved(self._steps.get(kind), seconds)

    def learn_end(self, whole: float, finish: float) -> None:
        """A picture took so long, of which so much after its last step."""
        self._whole, self._finish = moved(self._whole, whole), moved(self._finish, finish)

    def seconds_for(self, order: Order, steps: int | None = None) -> float:
        """How long so many steps of an order and its finish will take."""
        count = order.steps if steps is None else steps
        return count * self._step_of(order) + (self._finish or 0.0)

    def _step_of(self, order: Order) -> float:
        """Of this kind if there is one, else scaled from one that is known."""
        kind = (order.pixels, order.is_guided)
        if kind in self._steps:
            return self._steps[kind]
        for (pixels, is_guided), seconds in self._steps.items():
            factor = GUIDED_COSTS ** (order.is_guided - is_guided)
            return seconds * factor * order.pixels / pixels
        return self.usual_step
