"""A job has one life: it waits, it runs, and it ends exactly once."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from imageway.qwen.codes import Code
from imageway.qwen.engine import Task
from imageway.qwen.job import FINAL, Job, Result, State
from imageway.qwen.order import Order
from imageway.qwen.trouble import Trouble

ORDER = Order("a fox", 64, 64, 42)
TASK = Task("a fox", " ", 64, 64, 50, 4.0, 42)


def a_job(created: float = 0.0) -> Job:
    return Job("req_00000001", ORDER, created)


def a_result(size: int = 10) -> Result:
    return Result(b"x" * size, "png", TASK, "demo")


class Life(RuleBasedStateMachine):
    """Whatever is done to a job in whatever order, its first end is its only one."""

    def __init__(self) -> None:
        super().__init__()
        self.job = a_job()
        self.end: State | None = None

    @rule(position=st.integers(1, 5))
    def place(self, position: int) -> None:
        self.job.place(position, 1.0)

    @rule()
    def start(self) -> None:
        if self.job.state is State.QUEUED:
            self.job.start(1.0)

    @rule(step=st.integers(1, 50))
    def advance(self, step: int) -> None:
        self.job.advance(step, 1.0)

    @rule()
    def succeed(self) -> None:
        assert self.job.succeed(a_result(), 2.0) == (self.end is None)
        self.end = self.end or State.DONE

    @rule(state=st.sampled_from([State.FAILED, State.CANCELLED, State.EXPIRED]))
    def fail(self, state: State) -> None:
        assert self.job.fail(state, Trouble(Code.BUG), 2.0) == (self.end is None)
        self.end = self.end or state

    @invariant()
    def the_first_end_stays(self) -> None:
        assert self.job.is_final == (self.end is not None) == self.job.ended.is_set()
        assert self.end is None or self.job.state is self.end

    @invariant()
    def there_is_a_picture_or_a_trouble_but_never_both(self) -> None:
        assert (self.job.result is not None) == (self.job.state is State.DONE)
        assert (self.job.trouble is not None) == (self.job.state in FINAL - {State.DONE})

    @invariant()
    def only_who_waits_has_a_position(self) -> None:
        assert self.job.position == 0 or self.job.state is State.QUEUED


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=20)


def test_its_times_are_its_own() -> None:
    job = a_job(created=1.0)
    assert (job.queue_seconds, job.generate_seconds) == (0, 0)
    job.start(3.0)
    job.succeed(a_result(), 7.0)
    assert (job.queue_seconds, job.generate_seconds) == (2.0, 4.0)


def test_one_that_never_had_a_turn_waited_until_its_end() -> None:
    job = a_job(created=1.0)
    job.fail(State.EXPIRED, Trouble(Code.NOT_STARTED), 5.0)
    assert (job.queue_seconds, job.generate_seconds) == (4.0, 0.0)


def test_it_weighs_what_is_kept_of_it() -> None:
    job = a_job()
    job.succeed(a_result(1000), 1.0)
    assert job.weight == 1000


def test_a_place_that_did_not_change_is_not_told_again() -> None:
    job = a_job()
    job.place(2, 1.0)
    job.place(2, 0.5)
    assert job.story.last_number == 1
