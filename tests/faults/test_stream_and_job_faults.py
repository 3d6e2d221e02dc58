"""Lines F28 and F29: streams and jobs that tell nonsense, or never end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import (
    Event,
    Finished,
    ImageFailed,
    ImageReady,
    Note,
    Preview,
    Progress,
)
from tests.faults.lab import PICTURE, Json, items, lab
from tests.faults.table import CHUNKED
from tests.virtual import swiftly

pytestmark = pytest.mark.slow


STREAM: Json = {"way": "stream"}
JOB: Json = {"way": "job"}


def chunk(event: str, data: str) -> bytes:
    text = f"event: {event}\ndata: {data}\n\n".encode()
    return f"{len(text):x}\r\n".encode() + text + b"\r\n"


def chunked(text: bytes) -> bytes:
    return f"{len(text):x}\r\n".encode() + text + b"\r\n"


DRAWN = chunk("picture", PICTURE)
END = b"0\r\n\r\n"


def ends(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, ImageReady | ImageFailed | Finished)]


STREAMS = {
    "unknown_events": [chunk("hello", "{}"), DRAWN, chunk("bye", "x")],
    "no_blank_line": [chunked(f"event: picture\ndata: {PICTURE}\n".encode())],
    "two_pictures": [DRAWN, DRAWN],
    "an_error_after_the_picture": [DRAWN, chunk("error", '{"code": "late"}')],
}


@pytest.mark.parametrize("name", STREAMS)
@swiftly
async def test_f28_whatever_a_stream_says_there_is_one_picture_and_one_end(name: str) -> None:
    async with lab(first=STREAM) as both:
        both.first.says(CHUNKED + b"".join(STREAMS[name]) + END, "keep")
        ready, finished = ends(await both.events())
    assert isinstance(ready, ImageReady)
    assert finished == Finished(None)


@swiftly
async def test_f28_a_second_picture_is_dropped_with_a_note() -> None:
    async with lab(first=STREAM) as both:
        both.first.says(CHUNKED + DRAWN + DRAWN + END, "keep")
        notes = [event for event in await both.events() if isinstance(event, Note)]
    assert [note.kind for note in notes] == ["ignored"]


@swiftly
async def test_f28_an_error_after_previews_is_one_failure() -> None:
    async with lab(first=STREAM) as both:
        preview, error = chunk("preview", PICTURE), chunk("error", '{"message": "no more"}')
        both.first.says(CHUNKED + preview + preview + error + END, "keep")
        events = await both.events()
    assert any(isinstance(event, Preview) for event in events)
    failed, finished = ends(events)
    assert isinstance(failed, ImageFailed)
    assert failed.error.vendor_message == "no more"
    assert isinstance(finished, Finished)


@swiftly
async def test_f28_comments_for_two_minutes_are_waited_for() -> None:
    comments = [chunked(b": still drawing\n\n")] * 24
    async with lab(first=STREAM) as both:
        both.first.drips([CHUNKED, *comments, DRAWN + END], 5.0, "keep")
        assert (await both.alone()).status == "succeeded"
        assert both.seconds >= 120


@swiftly
async def test_f28_a_stream_that_falls_silent_is_left_after_its_idle_time() -> None:
    async with lab(first=STREAM) as both:
        both.first.says(CHUNKED + chunked(b": hello\n\n"), "stall")
        result = await both.draw()
        assert result.error is not None
        assert result.error.code is ErrorCode.OUTCOME_UNKNOWN
        assert 30 <= both.seconds < 31
        assert both.second.heard == []


def state(status: str, progress: float | None = None) -> bytes:
    said = "null" if progress is None else str(progress)
    return f'{{"id": "job-1", "status": "{status}", "progress": {said}}}'.encode()


@swiftly
async def test_f29_progress_that_goes_backwards_is_not_shown() -> None:
    async with lab(first=JOB) as both:
        for status, progress in (("queued", 0.0), ("running", 0.6), ("queued", 0.1)):
            both.first.answers(body=state(status, progress))
        both.first.answers(body=state("running", 0.7))
        both.first.answers(body=items(None))
        events = await both.events()
    told = [event.fraction for event in events if isinstance(event, Progress)]
    fractions = [fraction for fraction in told if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 0.7


@swiftly
async def test_f29_an_unknown_status_is_waited_out() -> None:
    async with lab(first=JOB) as both:
        both.first.answers(body=state("queued"))
        both.first.answers(body=state("contemplating"))
        both.first.answers(body=items(None))
        assert (await both.alone()).status == "succeeded"


@swiftly
async def test_f29_a_job_that_never_ends_ends_with_its_request_and_is_unknown() -> None:
    async with lab(first={**JOB, "timeout": {"total": "15m"}}) as both:
        both.first.answers(body=state("queued"))
        both.first.answers(body=state("running", 0.5))
        result = await both.draw()
        assert result.error is not None
        assert (result.error.code, result.error.charged) == (ErrorCode.OUTCOME_UNKNOWN, "yes")
        assert 900 <= both.seconds < 901
        assert [heard.method for heard in both.first.heard].count("POST") == 1
        assert both.second.heard == []


@swiftly
async def test_f29_faults_between_the_polls_are_survived() -> None:
    async with lab(first=JOB) as both:
        both.first.answers(body=state("queued"))
        both.first.says(b"")
        both.first.answers(503)
        both.first.answers(429, Retry_After="3")
        both.first.says(b"", "reset")
        both.first.answers(body=items(None))
        result = await both.alone()
        assert result.status == "succeeded"
        assert [heard.method for heard in both.first.heard].count("POST") == 1
