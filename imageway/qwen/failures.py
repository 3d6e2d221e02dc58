"""What is done about a failure: repaired by its cause first, then degraded once, then told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

from PIL import Image

from imageway.qwen.codes import Code, Words
from imageway.qwen.door import Fault, Where, attempt
from imageway.qwen.engine import Draft, Engine, OnStep, Repair, Sketch, Task
from imageway.qwen.order import LEAST_STEPS
from imageway.qwen.trouble import Reason, Trouble

PRECISE = "precise_decode"
DISTORTING_GUIDANCE = 7
REPAIRS_BY_FAULT: Mapping[tuple[Reason, Where], tuple[Repair, ...]] = {
    ("nan", "denoise"): (Repair.PLAIN_MATMUL,),
    ("oom", "denoise"): (Repair.FREE_MEMORY, Repair.TILING, Repair.OFFLOAD),
    ("oom", "decode"): (Repair.FREE_MEMORY, Repair.TILING),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """How far a request may be carried."""

    allow_degrade: bool = True
    max_attempts: int = 3
    max_seconds: float = 900.0
    clock: Callable[[], float] = monotonic


@dataclass(frozen=True, slots=True)
class Degraded:
    """That less was made than was asked for, and why."""

    reason: Reason
    requested_steps: int
    requested_seed: int


@dataclass(frozen=True, slots=True)
class Made:
    """A picture, and the task that it was really made from."""

    image: Image.Image
    task: Task
    degraded: Degraded | None = None


class Watch(Protocol):
    """Who looks on while a picture is made; each call may raise Stopped."""

    def check(self) -> None:
        """Nothing happened, but now is a moment to stop."""
        ...

    def step(self, number: int, sketch: Sketch | None) -> None:
        """A step is done."""
        ...

    def repaired(self, kind: str) -> None:
        """Something was changed, and the same is tried again."""
        ...

    def degraded(self, task: Task, reason: Reason) -> None:
        """Less is tried now."""
        ...


def make(
    engine: Engine, task: Task, watch: Watch, rules: Rules, new_seed: Callable[[], int]
) -> Made | Fault:
    """Make one picture, whatever it takes within the rules."""
    return _Attempts(engine, task, watch, rules, new_seed).make()


class _Attempts:
    """The attempts at one picture: each measure is taken once."""

    def __init__(
        self, engine: Engine, task: Task, watch: Watch, rules: Rules, new_seed: Callable[[], int]
    ) -> None:
        self._engine, self._task, self._watch, self._rules = engine, task, watch, rules
        self._new_seed = new_seed
        self._until = rules.clock() + rules.max_seconds
        self._asked = task
        self._taken: set[tuple[Reason, Where]] = set()
        self._degraded: Degraded | None = None
        self._last_step = 0

    def make(self) -> Made | Fault:
        runs = 0
        while True:
            runs += 1
            found = self._run()
            if not isinstance(found, Fault):
                return Made(found, self._task, self._degraded)
            if runs >= self._rules.max_attempts or self._rules.clock() >= self._until:
                return found
            if not (self._repair(found) or self._degrade(found)):
                return found

    def _run(self) -> Image.Image | Fault:
        self._last_step = 0
        task = self._task
        draft = attempt("denoise", lambda: self._engine.generate(task, self._on_step()))
        if isinstance(draft, Fault):
            return draft
        self._watch.check()
        found = self._decode(draft)
        self._watch.check()
        return found

    def _on_step(self) -> OnStep:
        def on_step(number: int, sketch: Sketch | None) -> None:
            self._last_step = number
            self._watch.step(number, sketch)

        return on_step

    def _decode(self, draft: Draft) -> Image.Image | Fault:
        """Decode, and again from the same latents after a repair that may help."""
        found = attempt("decode", draft.decode)
        if isinstance(found, Fault) and found.reason == "nan":
            self._watch.repaired(PRECISE)
            found = attempt("decode", lambda: draft.decode(precise=True))
        elif isinstance(found, Fault) and found.reason == "oom" and self._repair(found):
            found = attempt("decode", draft.decode)
        return found

    def _repair(self, fault: Fault) -> bool:
        """Change what may have caused it; whether the same is worth another try."""
        place = (fault.reason, fault.where)
        if place in self._taken or not self._is_early(fault):
            return False
        self._taken.add(place)
        changed = [each for each in REPAIRS_BY_FAULT.get(place, ()) if self._change(each)]
        # Freed memory is worth a try even where nothing else could be changed.
        return bool(changed) or fault.reason == "oom"

    def _change(self, repair: Repair) -> bool:
        if attempt("denoise", lambda: self._engine.repair(repair)) is not True:
            return False
        self._watch.repaired(repair)
        return True

    def _is_early(self, fault: Fault) -> bool:
        """Quantised multiplication shows its overflow at once; later it is not to blame."""
        return fault.reason != "nan" or self._last_step < self._task.steps / 4

    def _degrade(self, fault: Fault) -> bool:
        """The published remedy for numbers that are none, once: fewer steps and another seed."""
        if fault.reason != "nan" or self._degraded or not self._rules.allow_degrade:
            return False
        self._degraded = Degraded(fault.reason, self._asked.steps, self._asked.seed)
        self._task = replace(
            self._asked, steps=fewer_steps(self._asked.steps), seed=self._new_seed()
        )
        self._watch.degraded(self._task, fault.reason)
        return True


def fewer_steps(steps: int) -> int:
    """A fifth fewer, and never fewer than may be asked for; a model of few steps keeps them."""
    return min(steps, max(LEAST_STEPS, steps * 4 // 5))


FIXES_BY_REASON: Mapping[Reason, tuple[Words, ...]] = {
    "nan": (),
    "oom": (
        Words("choose a smaller size profile", "选择更小的尺寸"),
        Words(
            "start the service with --placement model_offload",
            "以 --placement model_offload 启动服务",
        ),
    ),
    "device": (Words("try again in a minute, the service restarts", "一分钟后重试，服务正在重启"),),
    "internal": (Words("report it with the request id", "请附上请求编号反馈此问题"),),
}


def inference_trouble(fault: Fault, task: Task) -> Trouble:
    """A failure that nothing cured, with what the caller may try."""
    fixes = _fixes_of_nan(task) if fault.reason == "nan" else FIXES_BY_REASON[fault.reason]
    return Trouble(Code.INFERENCE, reason=fault.reason, suggested_fix=fixes)


def _fixes_of_nan(task: Task) -> tuple[Words, ...]:
    fewer = fewer_steps(task.steps)
    fixes = [Words("try a different seed", "换一个种子")]
    if fewer < task.steps:
        fixes.insert(0, Words(f"reduce num_steps to {fewer}", f"将 num_steps 减少到 {fewer}"))
    if task.guidance > DISTORTING_GUIDANCE:
        fixes.append(Words("lower cfg_scale to 3.5-5", "将 cfg_scale 降低到 3.5-5"))
    return tuple(fixes)
