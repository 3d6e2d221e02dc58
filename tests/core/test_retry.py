"""Asking again: only what is safe, no more often than the budget, with nothing slept for real."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imageway.core.errors import Charged, ErrorCode, ImagewayError
from imageway.core.events import Event, Note
from imageway.core.request import ImageRequest
from imageway.core.retry import Backoff, Repeating, RetryBudget, retry
from imageway.core.run import Ledger, Run


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def repeating(clock: Clock) -> Repeating:
    budget = RetryBudget(clock=clock)
    return Repeating(Backoff(), budget, sleep=clock.sleep, chance=lambda: 1.0)


Script = Callable[[Run], None]


def busy(run: Run) -> None:
    raise ImagewayError(ErrorCode.UNAVAILABLE, "busy", origin="vendor")


def fine(run: Run) -> None:
    pass


async def play(
    clock: Clock, *script: Script, last: bool = True, left: bool = False
) -> tuple[list[Run], list[Event]]:
    seen: list[Run] = []
    steps = list(script)

    async def handler(request: ImageRequest, run: Run) -> None:
        seen.append(run)
        steps.pop(0)(run)

    heard: list[Event] = []
    run = Run(Ledger(heard.append, 1), (0,), last=last)
    if left:
        run.ledger.leaving.set()
    try:
        await retry(handler, repeating(clock))(ImageRequest(prompt="p"), run)
    except ImagewayError as error:
        heard.append(Note("ignored", f"raised {error.info.code}"))
    return seen, heard


def raised(heard: list[Event]) -> bool:
    return isinstance(heard[-1], Note) and heard[-1].detail.startswith("raised")


async def test_a_vendor_that_was_busy_is_asked_again_with_doubling_waits() -> None:
    clock = Clock()
    seen, heard = await play(clock, busy, busy, fine)
    assert clock.slept == [0.5, 1.0]
    assert len({run.call_id for run in seen}) == 3
    assert not raised(heard)


async def test_it_gives_up_after_the_last_attempt() -> None:
    seen, heard = await play(Clock(), busy, busy, busy, fine)
    assert len(seen) == 3
    assert raised(heard)


async def test_each_repeat_is_told_in_a_note() -> None:
    _, heard = await play(Clock(), busy, fine)
    assert [event.kind for event in heard if isinstance(event, Note)] == ["retried"]


@pytest.mark.parametrize("charged", ["maybe", "yes"])
async def test_what_may_have_been_charged_is_never_asked_again(charged: Charged) -> None:
    def paid(run: Run) -> None:
        raise ImagewayError(ErrorCode.UNAVAILABLE, "busy", origin="vendor", charged=charged)

    seen, heard = await play(Clock(), paid, fine)
    assert len(seen) == 1
    assert raised(heard)


async def test_a_refusal_is_final() -> None:
    def refuse(run: Run) -> None:
        raise ImagewayError(ErrorCode.REJECTED, "no", origin="vendor")

    seen, _ = await play(Clock(), refuse, fine)
    assert len(seen) == 1


async def test_a_wait_that_the_vendor_names_is_kept_to_the_second() -> None:
    def limited(run: Run) -> None:
        raise ImagewayError(ErrorCode.RATE_LIMITED, "slow down", origin="vendor", retry_after=2)

    clock = Clock()
    await play(clock, limited, fine)
    assert clock.slept == [2]


async def test_a_wait_of_an_hour_is_not_waited_for() -> None:
    def limited(run: Run) -> None:
        raise ImagewayError(ErrorCode.RATE_LIMITED, "slow down", origin="vendor", retry_after=3600)

    clock = Clock()
    seen, heard = await play(clock, limited, fine)
    assert (len(seen), clock.slept, raised(heard)) == (1, [], True)


async def test_our_own_full_queue_is_never_waited_for() -> None:
    def full(run: Run) -> None:
        raise ImagewayError(ErrorCode.RATE_LIMITED, "the queue is full", origin="imageway")

    seen, _ = await play(Clock(), full, fine)
    assert len(seen) == 1


@pytest.mark.parametrize("code", [ErrorCode.NETWORK, ErrorCode.TIMEOUT])
async def test_nobody_silent_is_waited_for_while_another_candidate_is_left(code: ErrorCode) -> None:
    def silent(run: Run) -> None:
        raise ImagewayError(code, "not a word", origin="vendor")

    seen, _ = await play(Clock(), silent, fine, last=False)
    assert len(seen) == 1
    seen, _ = await play(Clock(), silent, fine, last=True)
    assert len(seen) == 2


async def test_nobody_is_asked_again_for_a_caller_who_left() -> None:
    seen, heard = await play(Clock(), busy, fine, left=True)
    assert len(seen) == 1
    assert raised(heard)


async def test_a_late_callback_of_a_failed_attempt_changes_nothing() -> None:
    seen, heard = await play(Clock(), busy, fine)
    before = len(heard)
    seen[0].progress(0.5)
    assert all(isinstance(event, Note) for event in heard[before:])


async def test_a_storm_costs_a_tenth_more_than_was_asked() -> None:
    clock = Clock()
    policy = repeating(clock)
    calls = 0

    async def handler(request: ImageRequest, run: Run) -> None:
        nonlocal calls
        calls += 1
        raise ImagewayError(ErrorCode.UNAVAILABLE, "down", origin="vendor")

    for _ in range(500):
        clock.now += 0.1
        with pytest.raises(ImagewayError):
            await retry(handler, policy)(
                ImageRequest(prompt="p"), Run(Ledger(lambda event: None, 1), (0,))
            )
    assert 500 < calls <= 550


async def test_what_the_vendor_said_is_shown_and_not_that_we_leave_it_alone_since() -> None:
    def open_breaker(run: Run) -> None:
        raise ImagewayError(ErrorCode.UNAVAILABLE, "left alone", origin="imageway")

    policy = repeating(Clock())
    steps: list[Script] = [busy, open_breaker]

    async def handler(request: ImageRequest, run: Run) -> None:
        steps.pop(0)(run)

    with pytest.raises(ImagewayError, match="busy"):
        await retry(handler, policy)(
            ImageRequest(prompt="p"), Run(Ledger(lambda event: None, 1), (0,))
        )
    assert steps == []


async def test_what_is_not_worth_waiting_for_takes_nothing_from_the_budget() -> None:
    def refused(run: Run) -> None:
        raise ImagewayError(ErrorCode.NETWORK, "connection refused", origin="vendor")

    policy = repeating(Clock())

    async def handler(request: ImageRequest, run: Run) -> None:
        refused(run)

    for _ in range(5):
        with pytest.raises(ImagewayError):
            await retry(handler, policy)(
                ImageRequest(prompt="p"), Run(Ledger(lambda event: None, 1), (0,), last=False)
            )
    assert policy.budget.left == 3


async def test_a_second_attempt_that_was_charged_and_silent_is_not_hidden_by_the_first() -> None:
    def silent(run: Run) -> None:
        raise ImagewayError(ErrorCode.FAILED, "made nothing", charged="yes")

    steps: list[Script] = [busy, silent]

    async def handler(request: ImageRequest, run: Run) -> None:
        steps.pop(0)(run)

    with pytest.raises(ImagewayError, match="made nothing"):
        await retry(handler, repeating(Clock()))(
            ImageRequest(prompt="p"), Run(Ledger(lambda event: None, 1), (0,))
        )


def test_another_budget_does_not_forget_what_was_spent() -> None:
    budget = RetryBudget(least_per_minute=3, clock=Clock())
    assert budget.spend()
    assert budget.spend()
    budget.adjust(0.1, 5)
    assert budget.left == 3
    budget.adjust(0.1, 1)
    assert (budget.left, budget.spend()) == (0, False)
