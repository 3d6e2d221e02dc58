"""How many steps and how much guidance a kind of model takes; a few-step one has its own range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from imageway.qwen.order import (
    LEAST_GUIDANCE,
    LEAST_STEPS,
    MOST_GUIDANCE,
    MOST_STEPS,
    USUAL_GUIDANCE,
    USUAL_STEPS,
)

Name = Literal["standard", "lightning"]
Quality = Literal["low", "medium", "high", "auto"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What may be asked of a model, and what it gets where nothing is asked."""

    steps: tuple[int, int]
    usual_steps: int
    guidance: tuple[float, float]
    usual_guidance: float
    steps_by_quality: Mapping[Quality, int]


STANDARD = Profile(
    steps=(LEAST_STEPS, MOST_STEPS),
    usual_steps=USUAL_STEPS,
    guidance=(LEAST_GUIDANCE, MOST_GUIDANCE),
    usual_guidance=USUAL_GUIDANCE,
    steps_by_quality={"low": 20, "medium": 35, "high": 50, "auto": 50},
)
# Distilled to four steps without guidance; more than eight make nothing better.
LIGHTNING = Profile(
    steps=(4, 8),
    usual_steps=4,
    guidance=(1.0, 1.0),
    usual_guidance=1.0,
    steps_by_quality={"low": 4, "medium": 4, "high": 8, "auto": 4},
)
PROFILES: Mapping[Name, Profile] = {"standard": STANDARD, "lightning": LIGHTNING}
