"""Events folded into one value."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import (
    Accepted,
    Charged,
    Event,
    Finished,
    ImageFailed,
    ImageReady,
    Note,
    Preview,
    Progress,
)
from imageway.core.result import ImageResult, Status, collect, fold
from tests.core.samples import dot, failure


def ready(index: int) -> ImageReady:
    return ImageReady(index, dot(), "google", "nano")


def failed(index: int) -> ImageFailed:
    return ImageFailed(index, failure())


def test_pictures_and_failures_come_in_the_order_of_their_indices() -> None:
    result = fold([ready(2), failed(3), ready(0), failed(1), Finished()])
    assert result.images == (ready(0), ready(2))
    assert result.failures == (failed(1), failed(3))


def test_notes_and_charges_come_as_they_came() -> None:
    first, second = Note("retried", "again"), Note("ignored", "a seed")
    cost, more = Charged(1, "Buzz"), Charged(0.5, "Buzz")
    result = fold([first, cost, ready(0), second, more, Finished()])
    assert (result.notes, result.usage) == ((first, second), (cost, more))


def test_what_only_informs_leaves_no_trace() -> None:
    passing: list[Event] = [Progress(0, 0.5, ""), Preview(0, dot()), Accepted("t")]
    assert fold([*passing, ready(0), Finished()]) == fold([ready(0), Finished()])


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([ready(0), ready(1)], "succeeded"),
        ([ready(0), failed(1)], "partial"),
        ([failed(0), failed(1)], "failed"),
        ([], "failed"),
    ],
)
def test_the_status_says_how_much_came(events: list[Event], status: Status) -> None:
    assert fold(events).status == status


def test_when_nothing_came_the_error_is_raised_as_it_was() -> None:
    error = failure(ErrorCode.OUTCOME_UNKNOWN, "maybe")
    with pytest.raises(ImagewayError) as caught:
        fold([failed(0), Finished(error)]).raise_for_error()
    assert caught.value.info is error


def test_a_partial_result_is_handed_back() -> None:
    result = fold([ready(0), failed(1), Finished()])
    assert result.raise_for_error() is result


async def test_a_stream_is_read_to_its_end_and_folded() -> None:
    async def events() -> AsyncIterator[Event]:
        yield ready(0)
        yield Finished()

    assert await collect(events()) == ImageResult(images=(ready(0),))
