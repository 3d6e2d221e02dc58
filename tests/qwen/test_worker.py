"""One thread does one thing after the other, and a thing that ends programs ends it alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from imageway.qwen.worker import Worker, WorkerGone


@pytest.fixture
def worker() -> Iterator[Worker]:
    fresh = Worker()
    yield fresh
    fresh.close()


async def test_what_is_done_comes_back(worker: Worker) -> None:
    assert await worker.do(lambda: 7) == 7


async def test_everything_is_done_in_one_thread_that_is_not_ours(worker: Worker) -> None:
    places = {await worker.do(threading.get_ident) for _ in range(5)}
    assert len(places) == 1
    assert places != {threading.get_ident()}


async def test_what_is_raised_is_raised_here_and_the_thread_lives_on(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError):
        await worker.do(lambda: 1 // 0)
    assert await worker.do(lambda: 7) == 7
    assert worker.is_alive


def end_the_program() -> None:
    raise SystemExit(3)


async def test_what_would_end_the_program_ends_the_thread_and_is_told(worker: Worker) -> None:
    with pytest.raises(WorkerGone, match="SystemExit"):
        await worker.do(end_the_program)
    worker._thread.join(5)  # pyright: ignore[reportPrivateUsage]: only its end is awaited
    assert not worker.is_alive
    with pytest.raises(WorkerGone):
        await worker.do(lambda: 7)
