"""An engine that paints like the demo, fails where it is told to, and can be held at a step."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from PIL import Image

from imageway.qwen.demo import DemoDraft, DemoEngine
from imageway.qwen.engine import Description, Draft, Failure, Memory, OnStep, Repair, Sketch, Task
from imageway.qwen.settings import Settings
from imageway.qwen.trouble import Reason

LONG = 20.0
# The step at which loading is held; 0 is the encoding of the prompt.
LOADING = -1


class OutOfMemoryError(RuntimeError):
    """As torch calls it."""


class AcceleratorError(RuntimeError):
    """As torch calls it."""


ERROR_BY_REASON: dict[Reason, BaseException] = {
    "nan": Failure("nan", "the latents are not finite"),
    "oom": OutOfMemoryError("CUDA out of memory. Tried to allocate 9.50 GiB"),
    "device": AcceleratorError("CUDA error: an illegal memory access was encountered"),
    "internal": KeyError("a bug of the engine"),
}
When = Literal["denoise", "decode", "load", "preview"]


@dataclass(slots=True)
class Hold:
    """A step at which the engine waits until it is let go; of one prompt, if one is named."""

    step: int
    prompt: str | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    async def until_reached(self) -> None:
        assert await asyncio.to_thread(self.reached.wait, LONG)

    def pass_by(self) -> None:
        self.reached.set()
        assert self.go.wait(LONG), "nobody let the engine go"


@dataclass(slots=True)
class Fails:
    """One failure to come."""

    error: BaseException
    when: When
    step: int


class Scripted:
    """Keeps what it was asked; repairs change something when `repairable` says so."""

    def __init__(self, settings: Settings) -> None:
        self.demo = DemoEngine(settings, sleep=self._sleep)
        self.tasks: list[Task] = []
        self.repairs: list[Repair] = []
        self.repairable: set[Repair] = set()
        self.precise: list[bool] = []
        self.slept: list[float] = []
        self.decoded: Callable[[Image.Image], Image.Image] = lambda image: image
        self._fails: list[Fails] = []
        self._holds: list[Hold] = []
        self.released = False
        self.last_step = 0

    def fails(self, what: Reason | BaseException, when: When = "denoise", step: int = 1) -> None:
        """Fail once more at the next occasion; step is the one that is not reached."""
        error = ERROR_BY_REASON[what] if isinstance(what, str) else what
        self._fails.append(Fails(error, when, step))

    def hold(self, step: int = 1, prompt: str | None = None) -> Hold:
        """Wait once at a step of whatever runs next, or of a prompt."""
        hold = Hold(step, prompt)
        self._holds.append(hold)
        return hold

    def release(self) -> None:
        """Let everything go that is or will be held."""
        self.released = True
        for hold in self._holds:
            hold.go.set()

    def describe(self) -> Description:
        return self.demo.describe()

    def memory(self) -> Memory:
        return Memory(allocated=2**30, reserved=2**31)

    def load(self, report: Callable[[float], None]) -> None:
        report(0.5)
        self._pass(LOADING, None)
        self._fail("load", 0)
        self.demo.load(report)

    def generate(self, task: Task, on_step: OnStep) -> Draft:
        self.tasks.append(task)

        def stepped(number: int, sketch: Sketch | None) -> None:
            self.last_step = number
            self._fail("denoise", number)
            on_step(number, self._sketch(sketch))
            self._pass(number, task.prompt)

        return ScriptedDraft(self, self.demo.generate(task, stepped))

    def repair(self, repair: Repair) -> bool:
        self.repairs.append(repair)
        return repair in self.repairable

    def fail_decoding(self, *, precise: bool) -> None:
        self.precise.append(precise)
        self._fail("decode", 0)

    def _sketch(self, sketch: Sketch | None) -> Sketch | None:
        if sketch is None:
            return None

        def draw() -> Image.Image:
            self._fail("preview", 0)
            return sketch()

        return draw

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def _pass(self, step: int, prompt: str | None) -> None:
        hold = next((hold for hold in self._holds if not hold.reached.is_set()), None)
        if hold is None or self.released or hold.step != step:
            return
        if hold.prompt in (None, prompt):
            hold.pass_by()

    def _fail(self, when: When, step: int) -> None:
        for fails in self._fails:
            if fails.when == when and fails.step == (step if when == "denoise" else fails.step):
                self._fails.remove(fails)
                raise fails.error


@dataclass(slots=True)
class ScriptedDraft:
    """A draft whose decoding may fail."""

    engine: Scripted
    draft: DemoDraft

    def decode(self, *, precise: bool = False) -> Image.Image:
        self.engine.fail_decoding(precise=precise)
        return self.engine.decoded(self.draft.decode())
