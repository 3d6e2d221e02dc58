"""What comes too late: for a picture that is done, for a closed call, after the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import Event, ImageFailed, ImageReady, Note
from imageway.core.run import Run
from tests.core.samples import dot, failure, listening

REJECTED = failure(ErrorCode.REJECTED)


def indices(heard: list[Event]) -> list[int]:
    return [event.index for event in heard if isinstance(event, ImageReady | ImageFailed)]


def notes(heard: list[Event]) -> list[str]:
    return [event.detail for event in heard if isinstance(event, Note)]


SPOKEN: dict[str, Callable[[Run], None]] = {
    "picture": lambda run: run.image(dot(), index=0),
    "failure": lambda run: run.failed(REJECTED, index=0),
    "next picture": lambda run: run.image(dot()),
    "next failure": lambda run: run.failed(REJECTED),
}


@pytest.mark.parametrize("second", SPOKEN.values(), ids=SPOKEN)
@pytest.mark.parametrize("first", SPOKEN.values(), ids=SPOKEN)
def test_a_second_end_of_a_picture_is_dropped_with_a_note(
    first: Callable[[Run], None], second: Callable[[Run], None]
) -> None:
    run, heard = listening(1)
    first(run)
    second(run)
    assert indices(heard) == [0]
    assert len(notes(heard)) == 1


TOLD: dict[str, Callable[[Run], None]] = {
    **SPOKEN,
    "preview": lambda run: run.preview(dot(), index=0),
    "progress": lambda run: run.progress(0.5),
    "queued": lambda run: run.queued(3),
}


@pytest.mark.parametrize("tell", TOLD.values(), ids=TOLD)
def test_what_a_closed_call_is_told_is_dropped_with_one_note(tell: Callable[[Run], None]) -> None:
    run, heard = listening(1)
    run.provider = "google"
    run.call.closed = True
    tell(run)
    tell(run)
    assert len(heard) == 1
    assert notes(heard)[0].startswith("google sent a ")
    assert run.open == (0,)


@pytest.mark.parametrize("tell", TOLD.values(), ids=TOLD)
def test_nothing_is_heard_after_the_end(tell: Callable[[Run], None]) -> None:
    run, heard = listening(1)
    run.ledger.ended = True
    tell(run)
    run.note("degraded", "late")
    run.charge(1, "USD")
    assert heard == []


def test_other_calls_go_on_when_one_is_closed() -> None:
    run, heard = listening(2)
    first, second = run.part((0,)), run.part((1,))
    first.call.closed = True
    second.image(dot())
    assert indices(heard) == [1]
