"""A failure is repaired by its cause, then degraded once, then told with what may help."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from imageway.qwen.door import Fault
from imageway.qwen.engine import Repair, Sketch, Stopped, Task
from imageway.qwen.failures import Degraded, Made, Rules, fewer_steps, inference_trouble, make
from imageway.qwen.settings import Settings
from imageway.qwen.trouble import Reason
from tests.qwen.scripted import ERROR_BY_REASON, Scripted

TASK = Task("a red fox", " ", 64, 64, 50, 4.0, 42)
NEW_SEED = 777
RULES = Rules()


@dataclass(slots=True)
class Looker:
    """Writes down what it sees, and may want to stop."""

    seen: list[str] = field(default_factory=list[str])
    stops_at: int | None = None

    def check(self) -> None:
        self.seen.append("check")

    def step(self, number: int, sketch: Sketch | None) -> None:
        if number == self.stops_at:
            raise Stopped

    def repaired(self, kind: str) -> None:
        self.seen.append(kind)

    def degraded(self, task: Task, reason: Reason) -> None:
        self.seen.append(f"degraded to {task.steps}")


@pytest.fixture
def engine() -> Scripted:
    return Scripted(Settings(backend="demo"))


def play(
    engine: Scripted, rules: Rules = RULES, looker: Looker | None = None, task: Task = TASK
) -> Made | Fault:
    return make(engine, task, looker or Looker(), rules, lambda: NEW_SEED)


def made(outcome: Made | Fault) -> Made:
    assert isinstance(outcome, Made)
    return outcome


def fault(outcome: Made | Fault) -> Fault:
    assert isinstance(outcome, Fault)
    return outcome


def test_what_works_is_run_once(engine: Scripted) -> None:
    assert made(play(engine)).degraded is None
    assert engine.tasks == [TASK]


def test_numbers_that_are_none_are_degraded_once(engine: Scripted) -> None:
    engine.fails("nan", step=30)
    looker = Looker()
    found = made(play(engine, looker=looker))
    assert found.degraded == Degraded("nan", requested_steps=50, requested_seed=42)
    assert [(task.steps, task.seed) for task in engine.tasks] == [(50, 42), (40, NEW_SEED)]
    assert "degraded to 40" in looker.seen


def test_a_second_time_they_are_told(engine: Scripted) -> None:
    engine.fails("nan", step=30)
    engine.fails("nan", step=30)
    assert fault(play(engine)).reason == "nan"
    assert len(engine.tasks) == 2


def test_nothing_is_degraded_for_who_does_not_allow_it(engine: Scripted) -> None:
    engine.fails("nan", step=30)
    assert fault(play(engine, Rules(allow_degrade=False))).reason == "nan"
    assert len(engine.tasks) == 1


def test_a_quick_overflow_is_met_by_plain_multiplication(engine: Scripted) -> None:
    engine.repairable = {Repair.PLAIN_MATMUL}
    engine.fails("nan", step=3)
    assert made(play(engine)).degraded is None
    assert engine.tasks == [TASK, TASK]
    assert engine.repairs == [Repair.PLAIN_MATMUL]


def test_a_late_overflow_is_not_blamed_on_the_multiplication(engine: Scripted) -> None:
    engine.repairable = {Repair.PLAIN_MATMUL}
    engine.fails("nan", step=40)
    assert made(play(engine)).degraded is not None
    assert engine.repairs == []


def test_all_three_attempts_are_taken_and_no_fourth(engine: Scripted) -> None:
    engine.repairable = {Repair.PLAIN_MATMUL}
    for _ in range(4):
        engine.fails("nan", step=3)
    assert fault(play(engine)).reason == "nan"
    assert [task.steps for task in engine.tasks] == [50, 50, 40]


def test_no_attempt_begins_after_the_time_is_up(engine: Scripted) -> None:
    clock = iter([0.0, 1000.0]).__next__
    engine.fails("nan", step=30)
    assert fault(play(engine, Rules(max_seconds=900, clock=clock))).reason == "nan"
    assert len(engine.tasks) == 1


def test_an_overflow_in_decoding_is_decoded_precisely_and_nothing_is_degraded(
    engine: Scripted,
) -> None:
    engine.fails("nan", "decode")
    looker = Looker()
    assert made(play(engine, looker=looker)).degraded is None
    assert engine.precise == [False, True]
    assert engine.tasks == [TASK]
    assert "precise_decode" in looker.seen


def test_an_overflow_that_precision_does_not_cure_is_degraded(engine: Scripted) -> None:
    engine.fails("nan", "decode")
    engine.fails("nan", "decode")
    assert made(play(engine)).degraded is not None
    assert engine.precise == [False, True, False]


def test_no_memory_to_decode_is_met_by_tiles_from_the_same_latents(engine: Scripted) -> None:
    engine.repairable = {Repair.TILING}
    engine.fails("oom", "decode")
    assert made(play(engine)).degraded is None
    assert engine.tasks == [TASK]
    assert engine.repairs == [Repair.FREE_MEMORY, Repair.TILING]


def test_no_memory_to_run_is_met_by_freeing_and_another_try(engine: Scripted) -> None:
    engine.fails("oom", step=1)
    assert made(play(engine)).degraded is None
    assert engine.tasks == [TASK, TASK]
    assert engine.repairs == [Repair.FREE_MEMORY, Repair.TILING, Repair.OFFLOAD]


@pytest.mark.parametrize("when", ["denoise", "decode"])
def test_memory_that_stays_missing_is_told_and_never_degraded(engine: Scripted, when: str) -> None:
    for _ in range(3):
        engine.fails("oom", "decode" if when == "decode" else "denoise", step=1)
    assert fault(play(engine)).reason == "oom"
    assert {task.steps for task in engine.tasks} == {50}


@pytest.mark.parametrize("reason", ["device", "internal"])
def test_what_nothing_cures_is_not_tried_again(engine: Scripted, reason: Reason) -> None:
    engine.fails(reason, step=10)
    assert fault(play(engine)).reason == reason
    assert len(engine.tasks) == 1
    assert engine.repairs == []


def test_a_fault_keeps_no_exception_alive_only_its_trace(engine: Scripted) -> None:
    engine.fails("internal", step=10)
    found = fault(play(engine))
    assert "a bug of the engine" in found.trace
    assert found.where == "denoise"


def test_a_repair_that_fails_itself_is_none(
    engine: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(repair: Repair) -> bool:
        raise RuntimeError("offloading is not possible")

    monkeypatch.setattr(engine, "repair", break_down)
    engine.fails("nan", step=3)
    assert made(play(engine)).degraded is not None


def test_the_wish_to_stop_ends_everything_at_once(engine: Scripted) -> None:
    with pytest.raises(Stopped):
        play(engine, looker=Looker(stops_at=7))
    assert len(engine.tasks) == 1


def test_there_is_a_moment_to_stop_before_and_after_decoding(engine: Scripted) -> None:
    looker = Looker()
    made(play(engine, looker=looker))
    assert looker.seen == ["check", "check"]


@pytest.mark.parametrize(("steps", "fewer"), [(50, 40), (100, 80), (26, 20), (24, 20), (20, 20)])
def test_a_fifth_fewer_and_never_below_twenty(steps: int, fewer: int) -> None:
    assert fewer_steps(steps) == fewer


@pytest.mark.parametrize(
    ("steps", "guidance", "fixes"),
    [
        (50, 4.0, ["reduce num_steps to 40", "try a different seed"]),
        (20, 4.0, ["try a different seed"]),
        (
            50,
            9.0,
            ["reduce num_steps to 40", "try a different seed", "lower cfg_scale to 3.5-5"],
        ),
    ],
)
def test_the_advice_fits_the_request(steps: int, guidance: float, fixes: list[str]) -> None:
    task = Task("x", " ", 64, 64, steps, guidance, 42)
    trouble = inference_trouble(Fault("nan", "denoise", ""), task)
    assert trouble.members("en") == {"reason": "nan", "suggested_fix": fixes}


@pytest.mark.parametrize("reason", list(ERROR_BY_REASON))
def test_every_reason_comes_with_advice(reason: Reason) -> None:
    trouble = inference_trouble(Fault(reason, "denoise", ""), TASK)
    assert trouble.members("zh")["suggested_fix"]
