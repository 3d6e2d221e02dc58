"""Jobs: who hears what, who may end them, and how the house is emptied."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from imageway.core.door import door
from imageway.core.errors import ErrorCode
from imageway.core.events import Event, Finished, ImageReady, Note, Progress
from imageway.core.limits import ends_with_its_reader
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler
from imageway.providers.jobs import Job, Jobs
from tests.core.samples import dot

REQUEST = ImageRequest(prompt="a fox", count=2)


class Work:
    """Draws the first picture at once and the second when it is released."""

    def __init__(self, *, paid: bool = False) -> None:
        self.begun, self.released = asyncio.Event(), asyncio.Event()
        self._paid = paid

    @property
    def handler(self) -> Handler:
        """Guarded as the stack guards an adapter."""
        return ends_with_its_reader(door(self._generate))

    async def _generate(self, request: ImageRequest, run: Run) -> None:
        if self._paid:
            await run.paying()
        run.note("adjusted", "a note")
        for step in range(3):
            run.progress(step / 4, "sketching")
        run.image(dot(), 0)
        self.begun.set()
        await self.released.wait()
        run.image(dot(), 1)


@pytest.fixture
async def jobs() -> AsyncGenerator[Jobs]:
    """Emptied at the end, whatever was left running."""
    jobs = Jobs()
    yield jobs
    await jobs.drain(0)


async def heard_by(job: Job) -> list[Event]:
    async with job.subscribe() as events:
        return [event async for event in events]


def kinds(heard: list[Event]) -> list[type[Event]]:
    return [type(event) for event in heard]


WHOLE = [Note, Progress, ImageReady, ImageReady, Finished]


async def test_every_reader_hears_everything(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    readers = [asyncio.create_task(heard_by(job)) for _ in range(3)]
    await work.begun.wait()
    work.released.set()
    for heard in await asyncio.gather(*readers):
        assert [kind for kind in kinds(heard) if kind is not Progress] == [
            kind for kind in WHOLE if kind is not Progress
        ]


async def test_a_late_reader_hears_all_but_outdated_progress(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    await work.begun.wait()
    late = asyncio.create_task(heard_by(job))
    work.released.set()
    assert kinds(await late) == WHOLE
    assert kinds(await heard_by(job)) == WHOLE


async def test_the_result_is_everything_folded(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    work.released.set()
    result = await job.result()
    assert (result.status, len(result.images), len(result.notes)) == ("succeeded", 2, 1)


async def test_a_reader_that_goes_disturbs_no_other(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    async with job.subscribe():
        async with job.subscribe():
            await work.begun.wait()
        assert not job.ledger.leaving.is_set()
        work.released.set()
        await job.ended()
    assert len(job.ledger.pictures) == 2


async def test_free_work_ends_when_its_last_reader_goes(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    async with job.subscribe():
        await work.begun.wait()
    await job.ended()
    heard = await heard_by(job)
    assert job.ledger.failures[1].code is ErrorCode.CANCELLED
    assert kinds(heard).count(ImageReady) == 1


async def test_a_reader_that_goes_after_the_end_has_not_left(jobs: Jobs) -> None:
    work = Work()
    work.released.set()
    job = jobs.start(work.handler, REQUEST, "me")
    await heard_by(job)
    assert not job.ledger.leaving.is_set()


async def test_paid_work_is_awaited_and_kept_when_its_last_reader_goes(jobs: Jobs) -> None:
    work = Work(paid=True)
    job = jobs.start(work.handler, REQUEST, "me")
    async with job.subscribe():
        await work.begun.wait()
    assert job.ledger.leaving.is_set()
    assert not job.is_finished
    work.released.set()
    assert kinds(await heard_by(job)).count(ImageReady) == 2


async def test_the_owner_s_word_ends_even_paid_work(jobs: Jobs) -> None:
    work = Work(paid=True)
    job = jobs.start(work.handler, REQUEST, "me")
    await work.begun.wait()
    job.cancel()
    result = await job.result()
    assert len(result.images) == 1
    assert result.failures[0].error.code is ErrorCode.OUTCOME_UNKNOWN
    assert result.failures[0].error.charged == "maybe"


async def test_a_job_cancelled_before_its_first_step_has_an_end_too(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    job.cancel()
    result = await job.result()
    assert result.error is not None
    assert result.error.code is ErrorCode.CANCELLED
    assert not work.begun.is_set()


async def test_the_caller_s_own_deadline_is_a_leaving(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me", seconds=0)
    assert job.ledger.deadline is not None
    result = await job.result()
    assert job.ledger.leaving.is_set()
    assert result.failures[-1].error.code is ErrorCode.CANCELLED


async def test_a_job_that_ended_in_time_is_not_left_later(jobs: Jobs) -> None:
    work = Work()
    work.released.set()
    job = jobs.start(work.handler, REQUEST, "me", seconds=0.01)
    await job.result()
    await asyncio.wait((asyncio.create_task(job.ledger.leaving.wait()),), timeout=0.02)
    assert not job.ledger.leaving.is_set()


async def test_only_its_owner_finds_a_job(jobs: Jobs) -> None:
    job = jobs.start(Work().handler, REQUEST, "me")
    assert jobs.find(job.id, "me") is job
    assert jobs.find(job.id, "you") is None
    assert jobs.find("req_none", "me") is None


async def test_a_job_that_has_ended_is_forgotten_and_told_once(jobs: Jobs) -> None:
    ended: list[Job] = []
    work = Work()
    work.released.set()
    job = jobs.start(work.handler, REQUEST, "me", done=ended.append)
    await job.ended()
    assert jobs.running == ()
    assert ended == [job]


async def test_draining_lets_what_runs_finish(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    draining = asyncio.create_task(jobs.drain(60))
    await work.begun.wait()
    work.released.set()
    assert await draining == 0
    assert len(job.ledger.pictures) == 2


async def test_draining_waits_for_what_began_meanwhile(jobs: Jobs) -> None:
    first, second = Work(), Work()
    earlier = jobs.start(first.handler, REQUEST, "me")
    draining = asyncio.create_task(jobs.drain(60))
    await first.begun.wait()
    later = jobs.start(second.handler, REQUEST, "me")
    first.released.set()
    await earlier.ended()
    _, waiting = await asyncio.wait((draining,), timeout=0.01)
    assert waiting
    second.released.set()
    assert await draining == 0
    assert len(later.ledger.pictures) == 2


@pytest.mark.parametrize("seconds", [0, 0.01])
async def test_draining_ends_what_takes_too_long(jobs: Jobs, seconds: float) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    await work.begun.wait()
    assert await jobs.drain(seconds) == 1
    assert job.is_finished
    assert jobs.running == ()


async def test_a_drain_that_is_given_up_leaves_the_jobs_running(jobs: Jobs) -> None:
    work = Work()
    job = jobs.start(work.handler, REQUEST, "me")
    draining = asyncio.create_task(jobs.drain(60))
    await work.begun.wait()
    draining.cancel()
    await asyncio.wait((draining,))
    assert draining.cancelled()
    assert jobs.running == (job,)
    waiting = [task for task in asyncio.all_tasks() if "ended" in repr(task.get_coro())]
    assert waiting == []
