"""What a run is told, by which index, and what its reader hears of it."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import (
    Event,
    ImageFailed,
    ImageReady,
    Note,
    Preview,
    Progress,
    Queued,
)
from imageway.core.run import Ledger, Run
from tests.core.samples import dot, failure, listening

REJECTED = failure(ErrorCode.REJECTED)
UNAVAILABLE = failure(ErrorCode.UNAVAILABLE)


def indices(heard: list[Event]) -> list[int]:
    return [event.index for event in heard if isinstance(event, ImageReady | ImageFailed)]


def test_pictures_without_an_index_take_the_next_open_one() -> None:
    run, heard = listening(3)
    run.image(dot(), index=1)
    run.image(dot())
    run.image(dot())
    assert indices(heard) == [1, 0, 2]


def test_a_part_counts_from_nought_and_its_events_do_not() -> None:
    run, heard = listening(6)
    part = run.part((1, 3, 5))
    part.image(dot(), index=1)
    part.failed(REJECTED, index=2)
    assert indices(heard) == [3, 5]


def test_a_part_of_a_part_translates_too() -> None:
    run, heard = listening(6)
    part = run.part((1, 3, 5)).part((3, 5))
    part.preview(dot(), index=0)
    part.image(dot(), index=1)
    assert heard[0] == Preview(3, dot())
    assert indices(heard) == [5]


def test_a_picture_says_who_made_it() -> None:
    run, heard = listening(1)
    run.part((0,), provider="google", model="nano").image(dot())
    assert heard == [ImageReady(0, dot(), "google", "nano")]


def test_a_part_keeps_the_names_that_it_is_not_given() -> None:
    run, _ = listening(2)
    part = run.part((0, 1), provider="google", model="nano", last=False).part((1,))
    assert (part.provider, part.model, part.last) == ("google", "nano", False)


def test_parts_see_what_the_others_got() -> None:
    run, _ = listening(4)
    first, second = run.part((0, 1)), run.part((1, 2, 3))
    first.image(dot(), index=1)
    assert (run.missing, second.missing, second.open) == ((0, 2, 3), (2, 3), (2, 3))


@pytest.mark.parametrize("index", [2, -1])
def test_an_index_that_nobody_asked_for_is_a_bug(index: int) -> None:
    run, _ = listening(5)
    with pytest.raises(IndexError, match=rf"index {index} is not one of 2 pictures"):
        run.part((3, 4)).image(dot(), index)


def test_a_failure_that_another_may_cure_is_held_back() -> None:
    run, heard = listening(2)
    part = run.part((0, 1), last=False)
    part.failed(UNAVAILABLE, index=0)
    assert heard == []
    assert (part.missing, part.open) == ((0, 1), (1,))


def test_a_held_failure_is_told_when_it_is_given_up_and_only_once() -> None:
    run, heard = listening(1)
    run.part((0,), last=False).failed(UNAVAILABLE)
    run.give_up(0)
    run.give_up(0)
    assert heard == [ImageFailed(0, UNAVAILABLE)]
    assert run.missing == ()


def test_giving_up_what_has_not_failed_tells_nothing() -> None:
    run, heard = listening(1)
    run.give_up(0)
    assert heard == []


def test_the_last_candidates_failure_is_told_at_once() -> None:
    run, heard = listening(1)
    run.failed(UNAVAILABLE)
    assert heard == [ImageFailed(0, UNAVAILABLE)]


def test_a_failure_that_nobody_may_cure_is_told_at_once() -> None:
    run, heard = listening(1)
    run.part((0,), last=False).failed(REJECTED)
    assert heard == [ImageFailed(0, REJECTED)]


def test_a_failure_that_may_have_cost_money_is_told_at_once() -> None:
    run, heard = listening(1)
    part = run.part((0,), last=False)
    part.call.charged = "maybe"
    part.failed(UNAVAILABLE)
    assert heard == [ImageFailed(0, UNAVAILABLE.at_least("maybe"))]


def test_a_failure_says_whose_it_is() -> None:
    run, heard = listening(1)
    run.part((0,), provider="google", model="nano").failed(REJECTED)
    assert heard == [ImageFailed(0, REJECTED.of("google", "nano"))]


def test_a_picture_after_a_held_failure_clears_it() -> None:
    run, heard = listening(1)
    part = run.part((0,), last=False)
    part.failed(UNAVAILABLE, index=0)
    part.image(dot(), index=0)
    run.give_up(0)
    assert heard == [ImageReady(0, dot(), None, None)]
    assert run.ledger.failures == {}


def test_what_is_asked_again_is_open_again() -> None:
    run, _ = listening(3)
    part = run.part((0, 1, 2), last=False)
    part.image(dot(), index=0)
    part.failed(UNAVAILABLE, index=1)
    assert part.ask_again() == (1, 2) == part.open


def test_a_later_vendor_that_could_not_help_does_not_hide_the_first_failure() -> None:
    run, heard = listening(1)
    run.part((0,), provider="first", last=False).failed(UNAVAILABLE)
    run.ask_again()
    run.part((0,), provider="second").failed(failure(ErrorCode.UNSUPPORTED))
    assert heard == [ImageFailed(0, UNAVAILABLE.of("first", None))]


def test_an_earlier_failure_does_not_hide_that_money_may_be_gone() -> None:
    run, heard = listening(1)
    run.part((0,), provider="first", last=False).failed(UNAVAILABLE)
    run.ask_again()
    run.part((0,), last=False).failed(failure(ErrorCode.NOT_FOUND, "maybe"))
    assert heard == [ImageFailed(0, UNAVAILABLE.of("first", None).at_least("maybe"))]


def test_an_earlier_failure_does_not_send_a_charged_one_elsewhere() -> None:
    run, heard = listening(1)
    run.part((0,), provider="first", last=False).failed(failure(ErrorCode.FAILED, "yes"))
    run.ask_again()
    run.part((0,), provider="second", last=False).failed(failure(ErrorCode.NOT_FOUND, "yes"))
    assert heard == [ImageFailed(0, failure(ErrorCode.FAILED, "yes").of("first", None))]


def test_what_an_earlier_vendor_took_is_told_with_the_last_failure() -> None:
    run, heard = listening(1)
    run.part((0,), provider="first", last=False).failed(failure(ErrorCode.FAILED, "yes"))
    run.ask_again()
    run.part((0,), provider="second", last=False).failed(UNAVAILABLE)
    run.ask_again()
    run.part((0,), provider="third").failed(REJECTED)
    assert heard == [ImageFailed(0, REJECTED.of("third", None).at_least("yes"))]


def test_the_rest_fails_alike_and_what_came_stays() -> None:
    run, heard = listening(4)
    run.image(dot(), index=2)
    run.part((0, 1, 2, 3), last=False).failed(UNAVAILABLE, index=0)
    run.fail_rest(REJECTED)
    assert heard[1:] == [ImageFailed(1, REJECTED), ImageFailed(3, REJECTED)]


def test_progress_of_the_only_picture_names_it() -> None:
    run, heard = listening(1)
    run.progress(0.5, "drawing")
    assert heard == [Progress(0, 0.5, "drawing")]


def test_progress_of_all_pictures_names_none() -> None:
    run, heard = listening(3)
    run.progress(0.5)
    run.queued(2, 30)
    assert heard == [Progress(None, 0.5, ""), Queued(None, 2, 30)]


def test_progress_of_some_pictures_names_those_that_are_missing() -> None:
    run, heard = listening(4)
    part = run.part((1, 2, 3))
    part.image(dot(), index=1)
    part.progress(0.5)
    part.queued(2)
    assert heard[1:] == [
        Progress(1, 0.5, ""),
        Progress(3, 0.5, ""),
        Queued(1, 2),
        Queued(3, 2),
    ]


def test_progress_of_one_picture_is_translated() -> None:
    run, heard = listening(4)
    run.part((1, 3)).progress(0.5, index=1)
    assert heard == [Progress(3, 0.5, "")]


def test_a_picture_that_is_done_makes_no_progress() -> None:
    run, heard = listening(1)
    run.image(dot())
    run.progress(1.0, index=0)
    run.progress(1.0)
    run.preview(dot(), index=0)
    assert indices(heard) == [0]
    assert len(heard) == 1


@pytest.mark.parametrize(("said", "heard"), [(-0.1, 0.0), (1.7, 1.0), (None, None)])
def test_progress_stays_between_nothing_and_all(said: float | None, heard: float | None) -> None:
    run, events = listening(1)
    run.progress(said, "drawing")
    assert events == [Progress(0, heard, "drawing")]


def test_progress_never_goes_back_within_one_attempt() -> None:
    run, heard = listening(1)
    for fraction in (0.2, 0.6, 0.1, float("nan"), 0.7):
        run.progress(fraction)
    run.part((0,)).progress(0.3)
    assert heard == [Progress(0, fraction, "") for fraction in (0.2, 0.6, 0.6, 0.6, 0.7, 0.3)]


def test_a_view_tells_whose_request_it_is_and_until_when() -> None:
    ledger = Ledger(lambda event: None, 1, caller="alice", deadline=12.5)
    part = Run(ledger, (0,)).part((0,))
    assert (part.id, part.caller, part.deadline) == (ledger.id, "alice", 12.5)


def test_what_four_parts_note_alike_is_heard_once() -> None:
    run, heard = listening(4)
    for index in range(4):
        run.part((index,)).note("deprecated", "it ends tomorrow")
    run.note("deprecated", "it ends today")
    assert heard == [Note("deprecated", "it ends tomorrow"), Note("deprecated", "it ends today")]


def test_every_retry_is_heard() -> None:
    run, heard = listening(1)
    for _ in range(2):
        run.note("retried", "rate_limited; asked again in 1.0 s")
    assert len(heard) == 2
