"""What is over is kept for a time and up to a weight, and then known to be forgotten."""

from __future__ import annotations

import re

import pytest

from imageway.qwen.archive import Archive
from imageway.qwen.codes import Code
from imageway.qwen.job import Job, Result, State
from imageway.qwen.order import Order
from imageway.qwen.trouble import Refusal, Trouble
from tests.qwen.test_job import TASK


class Shelf:
    """An archive with a clock that stands still, for 10 seconds and 100 bytes."""

    def __init__(self, seconds: float = 10, most: int = 100) -> None:
        self.now = 0.0
        self.archive = Archive(seconds, most, lambda: self.now)

    def job(self, key: str | None = None, fingerprint: bytes = b"") -> Job:
        job = Job(self.archive.fresh_id(), Order("a fox", 64, 64, 42), self.now)
        self.archive.add(job, key, fingerprint)
        return job

    def done(self, size: int = 10, key: str | None = None) -> Job:
        job = self.job(key)
        job.succeed(Result(b"x" * size, "png", TASK, "demo"), self.now)
        self.archive.retire(job)
        return job

    def ended(self, state: State, code: Code, key: str) -> Job:
        job = self.job(key)
        job.fail(state, Trouble(code), self.now)
        self.archive.retire(job)
        return job

    def status(self, job_id: str) -> int:
        try:
            self.archive.find(job_id)
        except Refusal as refusal:
            return refusal.trouble.status
        return 200


def test_ids_are_eight_hexadecimal_digits_and_all_different() -> None:
    shelf = Shelf()
    ids = {shelf.job().id for _ in range(500)}
    assert len(ids) == 500
    assert all(re.fullmatch(r"req_[0-9a-f]{8}", each) for each in ids)


def test_what_is_over_is_kept_for_its_time_and_no_longer() -> None:
    shelf = Shelf()
    job = shelf.done()
    shelf.now = 9.9
    assert shelf.status(job.id) == 200
    shelf.now = 10.0
    assert shelf.status(job.id) == 410


def test_a_strange_id_is_404() -> None:
    assert Shelf().status("req_ffffffff") == 404


def test_what_is_not_over_is_kept_however_long_it_takes() -> None:
    shelf = Shelf()
    job = shelf.job()
    shelf.now = 10_000
    assert shelf.status(job.id) == 200


def test_the_oldest_go_when_it_is_too_much_to_keep() -> None:
    shelf = Shelf()
    first, second, third = (shelf.done(40) for _ in range(3))
    assert [shelf.status(job.id) for job in (first, second, third)] == [410, 200, 200]


def test_a_picture_that_is_too_heavy_alone_is_not_kept() -> None:
    shelf = Shelf()
    assert shelf.status(shelf.done(101).id) == 410


def test_the_same_key_finds_the_same_request() -> None:
    shelf = Shelf()
    job = shelf.job("key", b"same")
    assert shelf.archive.of_key("key", b"same") is job
    assert shelf.archive.of_key("other", b"same") is None


def test_the_same_key_for_something_else_is_refused() -> None:
    shelf = Shelf()
    shelf.job("key", b"one")
    with pytest.raises(Refusal) as caught:
        shelf.archive.of_key("key", b"two")
    assert caught.value.trouble.code is Code.KEY_REUSED


@pytest.mark.parametrize(
    ("state", "code", "joins"),
    [
        (State.CANCELLED, Code.CANCELLED, False),
        (State.EXPIRED, Code.NOT_STARTED, False),
        (State.FAILED, Code.STOPPING, False),
        (State.FAILED, Code.INFERENCE, True),
    ],
)
def test_who_never_had_a_turn_may_try_again_with_the_same_key(
    state: State, code: Code, joins: bool
) -> None:
    shelf = Shelf()
    job = shelf.ended(state, code, "key")
    assert shelf.archive.of_key("key", b"") is (job if joins else None)


def test_one_that_is_about_to_be_cancelled_is_not_joined() -> None:
    shelf = Shelf()
    job = shelf.job("key", b"")
    job.stop.set()
    assert shelf.archive.of_key("key", b"") is None


def test_a_key_is_free_again_when_its_request_is_forgotten() -> None:
    shelf = Shelf()
    shelf.done(key="key")
    shelf.now = 10.0
    assert shelf.archive.of_key("key", b"anything") is None


def test_a_key_that_was_given_on_is_not_lost_with_its_first_request() -> None:
    shelf = Shelf()
    shelf.ended(State.CANCELLED, Code.CANCELLED, "key")
    second = shelf.job("key")
    shelf.now = 10.0
    assert shelf.archive.of_key("key", b"") is second
