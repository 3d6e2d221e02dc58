"""What a slow reader finds: the latest of what only informs, and all of the rest."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.events import (
    Accepted,
    Event,
    Finished,
    ImageFailed,
    ImageReady,
    Note,
    Preview,
    Progress,
    Queued,
)
from imageway.core.streaming import Mailbox
from tests.core.samples import dot

FINISHED = Finished()
PLAIN = ErrorInfo(code=ErrorCode.REJECTED, message="no")


def ready(index: int) -> ImageReady:
    return ImageReady(index, dot(), None, None)


async def unread(*events: Event) -> list[Event]:
    """What a reader finds who comes after all of this."""
    mailbox = Mailbox()
    for event in (*events, FINISHED):
        mailbox.put(event)
    return [event async for event in mailbox.read()][:-1]


async def test_a_slow_reader_finds_only_the_latest_progress() -> None:
    last = Progress(0, 0.9, "drawing")
    assert await unread(Queued(0, 2), Progress(0, 0.1, ""), Progress(0, 0.5, ""), last) == [last]


async def test_progress_of_each_picture_is_kept_apart() -> None:
    events = [Progress(0, 0.1, ""), Progress(1, 0.1, ""), Progress(None, 0.1, "")]
    assert await unread(*events) == events


async def test_a_later_preview_replaces_an_earlier_one() -> None:
    later = Preview(0, dot(2))
    assert await unread(Preview(0, dot()), Preview(1, dot()), later) == [Preview(1, dot()), later]


async def test_pictures_failures_and_notes_are_never_lost_and_keep_their_order() -> None:
    events: list[Event] = [
        Note("retried", "again"),
        ready(0),
        Note("retried", "again"),
        ImageFailed(1, PLAIN),
        Accepted("t"),
        Accepted("t"),
    ]
    assert await unread(*events) == events


@pytest.mark.parametrize("end", [ready(0), ImageFailed(0, PLAIN)])
async def test_a_preview_and_progress_of_a_picture_that_is_done_are_not_delivered(
    end: ImageReady | ImageFailed,
) -> None:
    other = Preview(1, dot())
    assert await unread(Preview(0, dot()), Progress(0, 0.5, ""), other, end) == [other, end]


async def test_a_reader_who_keeps_up_hears_everything() -> None:
    mailbox = Mailbox()
    events: list[Event] = [Progress(0, 0.1, ""), Progress(0, 0.2, ""), Preview(0, dot()), ready(0)]
    heard: list[Event] = []
    for event in events:
        mailbox.put(event)
        heard.append(await mailbox.get())
    assert heard == events


async def test_a_copy_has_what_is_unread_and_goes_its_own_way() -> None:
    mailbox = Mailbox()
    mailbox.put(ready(0))
    mailbox.put(Progress(1, 0.1, ""))
    copy = mailbox.copy()
    mailbox.put(Progress(1, 0.2, ""))
    copy.put(FINISHED)
    assert [event async for event in copy.read()] == [ready(0), Progress(1, 0.1, ""), FINISHED]
    assert await mailbox.get() == ready(0)
