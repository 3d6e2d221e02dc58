"""What a request asks for, checked, with a concrete seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Format = Literal["png", "jpeg", "webp"]

FORMATS: tuple[Format, ...] = ("png", "jpeg", "webp")
LEAST_STEPS, MOST_STEPS, USUAL_STEPS = 20, 100, 50
LEAST_GUIDANCE, MOST_GUIDANCE, USUAL_GUIDANCE = 1.0, 20.0, 4.0
LONGEST_PROMPT = 512


@dataclass(frozen=True, slots=True)
class Order:
    """One picture as it is wished for; it never changes, also when less is made of it."""

    prompt: str
    width: int
    height: int
    seed: int
    negative_prompt: str = ""
    steps: int = USUAL_STEPS
    guidance: float = USUAL_GUIDANCE
    format: Format = "png"
    allow_degrade: bool = True
    max_wait: float | None = None

    @property
    def pixels(self) -> int:
        """How many pixels there are to make."""
        return self.width * self.height

    @property
    def is_guided(self) -> bool:
        """Whether each step runs the model twice."""
        return self.guidance > 1

    def numbered(self, number: int) -> Order:
        """The same order with a seed so much further on."""
        return replace(self, seed=self.seed + number)
