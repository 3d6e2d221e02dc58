"""The service without its HTTP: admission, turns, and every way to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from imageway.qwen.codes import Code
from imageway.qwen.configuring import misconfigured
from imageway.qwen.job import Job, State
from imageway.qwen.order import Order
from imageway.qwen.service import Service
from imageway.qwen.trouble import Refusal
from tests.qwen.lab import lab_settings
from tests.qwen.scripted import Scripted

ORDER = Order("a fox", 64, 64, 42, steps=20)


@dataclass(slots=True)
class Clock:
    """Seconds that pass only when told."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Bench:
    """A service, its engine and its clock."""

    service: Service
    engine: Scripted
    clock: Clock

    def admit(self, order: Order = ORDER) -> Job:
        [job] = self.service.admit([order])
        return job

    def refusal(self, order: Order = ORDER) -> Code:
        with pytest.raises(Refusal) as caught:
            self.service.admit([order])
        return caught.value.trouble.code

    async def ended(self, job: Job) -> State:
        async with asyncio.timeout(20):
            await job.ended.wait()
        return job.state


@asynccontextmanager
async def bench(**changed: object) -> AsyncGenerator[Bench]:
    settings = lab_settings(**changed)
    engine, clock = Scripted(settings), Clock()
    here = Bench(Service(settings, engine, clock=clock), engine, clock)
    yield here
    engine.release()
    hurry = asyncio.Event()
    hurry.set()
    await here.service.stop(hurry)


async def test_nothing_is_admitted_before_it_is_open_nor_after_it_stops() -> None:
    async with bench() as it:
        assert it.refusal() is Code.LOADING
        await it.service.start()
        assert await it.ended(it.admit()) is State.DONE
        await it.service.stop()
        assert it.refusal() is Code.STOPPING


async def test_the_rest_of_loading_is_what_a_caller_is_told_to_wait() -> None:
    async with bench() as it:
        it.service.loading.report(0.25)
        it.clock.now += 10
        with pytest.raises(Refusal) as caught:
            it.service.admit([ORDER])
        assert caught.value.trouble.wait == 30


@pytest.mark.parametrize(
    ("error", "reason"),
    [(misconfigured("there is no folder"), "config"), (OSError("disk"), "load")],
)
async def test_a_model_that_does_not_load_breaks_the_service(error: Exception, reason: str) -> None:
    async with bench() as it:
        it.engine.fails(error, "load")
        await it.service.start()
        assert it.service.broken is not None
        assert it.service.broken.reason == reason
        assert it.refusal() is Code.STOPPING
        assert not it.service.is_ready


async def test_what_would_end_the_program_while_loading_breaks_the_service() -> None:
    async with bench() as it:
        it.engine.fails(SystemExit(3), "load")
        await it.service.start()
        assert it.service.broken is not None
        assert it.service.broken.reason == "worker_dead"


async def test_what_would_end_the_program_in_a_turn_ends_it_with_a_code() -> None:
    async with bench() as it:
        await it.service.start()
        it.engine.fails(SystemExit(3), step=5)
        job = it.admit()
        assert await it.ended(job) is State.FAILED
        assert job.code is Code.INFERENCE
        assert it.service.broken is not None
        assert it.service.broken.reason == "worker_dead"


async def test_each_ratio_is_warmed_up_with_two_steps_and_not_learned_from() -> None:
    async with bench(warmup_ratios=("1:1", "16:9")) as it:
        await it.service.start()
        assert [task.steps for task in it.engine.tasks] == [2, 2]
        assert it.service.estimate.whole_seconds is None
        assert it.service.is_ready


async def test_a_warm_up_that_fails_does_not_keep_it_from_being_ready() -> None:
    async with bench(warmup_ratios=("1:1",)) as it:
        it.engine.fails("nan")
        await it.service.start()
        assert it.service.is_ready


async def test_a_device_that_fails_while_warming_up_breaks_it() -> None:
    async with bench(warmup_ratios=("1:1",)) as it:
        it.engine.fails("device")
        await it.service.start()
        assert it.service.broken is not None
        assert it.service.broken.reason == "device"


async def test_waits_are_predicted_from_what_was_measured() -> None:
    async with bench(default_step_seconds=1) as it:
        await it.service.start()
        hold = it.engine.hold(0)
        first = it.admit()
        await hold.until_reached()
        second, third = it.admit(), it.admit()
        await asyncio.sleep(0)
        assert it.service.seconds_until_turn(1) == 20
        assert it.service.seconds_until_turn(2) == 40
        assert it.service.seconds_until_turn() == 60
        it.clock.now += 5
        assert it.service.seconds_until_turn(1) == 15
        hold.go.set()
        assert {await it.ended(job) for job in (first, second, third)} == {State.DONE}


async def test_stopping_lets_what_runs_finish_and_turns_away_who_waits() -> None:
    async with bench() as it:
        await it.service.start()
        hold = it.engine.hold()
        running = it.admit()
        await hold.until_reached()
        waiting = it.admit()
        stopping = asyncio.create_task(it.service.stop())
        assert await it.ended(waiting) is State.FAILED
        assert waiting.code is Code.STOPPING
        assert not running.is_final
        hold.go.set()
        await stopping
        assert running.state is State.DONE


@pytest.mark.parametrize("hurries", [True, False])
async def test_what_runs_too_long_is_stopped_when_its_time_is_up_or_somebody_hurries(
    hurries: bool,
) -> None:
    async with bench(stop_grace_seconds=60 if hurries else 0) as it:
        await it.service.start()
        hold = it.engine.hold()
        running = it.admit()
        await hold.until_reached()
        hurry = asyncio.Event()
        stopping = asyncio.create_task(it.service.stop(hurry))
        await asyncio.sleep(0)
        hurry.set()
        # A thread's event cannot be awaited.
        while not running.stop.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0)
        hold.go.set()
        await stopping
        assert (running.state, running.code) == (State.FAILED, Code.STOPPING)


async def test_a_step_that_does_not_end_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("imageway.qwen.service.LAST_SECONDS", 0.01)
    async with bench(stop_grace_seconds=0) as it:
        await it.service.start()
        hold = it.engine.hold()
        running = it.admit()
        await hold.until_reached()
        await it.service.stop()
        assert (running.state, running.code) == (State.FAILED, Code.STOPPING)
        hold.go.set()


async def test_a_bug_of_ours_in_a_turn_still_ends_the_request(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench() as it:
        await it.service.start()

        def broken(*arguments: object) -> None:
            raise ZeroDivisionError("ours")

        monkeypatch.setattr(it.service, "_settle", broken)
        job = it.admit()
        assert await it.ended(job) is State.FAILED
        assert job.code is Code.BUG
        monkeypatch.undo()
        assert await it.ended(it.admit()) is State.DONE
        assert "ours" in caplog.text


async def test_what_was_cancelled_first_is_not_said_to_be_stopped() -> None:
    async with bench() as it:
        await it.service.start()
        hold = it.engine.hold()
        job = it.admit()
        await hold.until_reached()
        it.service.cancel(job)
        it.service.cancel(job, Code.STOPPING)
        hold.go.set()
        assert await it.ended(job) is State.CANCELLED


async def test_cancelling_twice_or_after_the_end_changes_nothing() -> None:
    async with bench() as it:
        await it.service.start()
        job = it.admit()
        it.service.cancel(job)
        it.service.cancel(job)
        assert await it.ended(job) is State.CANCELLED
        done = it.admit()
        await it.ended(done)
        it.service.cancel(done)
        assert done.state is State.DONE
        assert it.service.metrics.cancels == 1
