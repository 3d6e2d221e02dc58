"""What the service needs of whatever makes its pictures: the one protocol of an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from PIL import Image

from imageway.qwen.trouble import Reason

# Called with 0 when the prompt is encoded and with 1, 2, … after each step; what it raises must
# be let through. The sketch draws the engine's present guess of the final picture, small, and is
# called back only when somebody looks.
Sketch = Callable[[], Image.Image]
OnStep = Callable[[int, Sketch | None], None]


class Repair(StrEnum):
    """What may be changed about an engine so that the same request succeeds."""

    FREE_MEMORY = "free_memory"
    TILING = "tiling"
    OFFLOAD = "offload"
    PLAIN_MATMUL = "plain_matmul"


class Failure(Exception):
    """A failure whose reason the engine has found out itself, such as numbers that are none."""

    reason: Reason

    def __init__(self, reason: Reason, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class Stopped(Exception):
    """Raised by the step callback, through the engine, when nobody wants the picture any more."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run of the model."""

    prompt: str
    negative_prompt: str
    width: int
    height: int
    steps: int
    guidance: float
    seed: int


@dataclass(frozen=True, slots=True)
class Description:
    """What an engine is; the counts are known once it is loaded."""

    name: str
    title: str
    is_ai: bool
    device: str = "cpu"
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    quantised_layers: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on the device, if it has a memory of its own."""

    allocated: int = 0
    reserved: int = 0
    total: int = 0


class Draft(Protocol):
    """What a run leaves behind, before it is a picture; it may be decoded more than once."""

    def decode(self, *, precise: bool = False) -> Image.Image:
        """Make the picture, in higher precision if so wished; raises Failure("nan") for none."""
        ...


class Engine(Protocol):
    """Makes pictures; everything but describe and memory is called in one worker thread.

    Engines raise what their libraries raise; the reason is found out from it. A run that was
    stopped or failed leaves the engine fit for the next.
    """

    def describe(self) -> Description:
        """Say what this is, at any time and at once."""
        ...

    def load(self, report: Callable[[float], None]) -> None:
        """Make ready, reporting fractions; raises misconfigured where starting again is no use."""
        ...

    def generate(self, task: Task, on_step: OnStep) -> Draft:
        """Run the model; raises Failure("nan") at the step whose numbers are none."""
        ...

    def repair(self, repair: Repair) -> bool:
        """Change something, for good; false where it was so already, or cannot be."""
        ...

    def memory(self) -> Memory:
        """How much of the device is taken, at once."""
        ...
