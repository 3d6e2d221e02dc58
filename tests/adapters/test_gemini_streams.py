"""Google's streams: drafts shown, pictures kept, errors in every framing, ends too early."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import get_args

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode
from imageway.core.events import Event, ImageFailed, ImageReady, Preview
from imageway.core.request import ImageRequest
from imageway.core.run import Ledger, Run
from imageway.core.streaming import Mailbox, play, stream
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts, Sequence, StreamError
from tests.adapters.gemini_lab import (
    MODEL,
    NANO,
    PRO,
    Lab,
    bench,
    fragment,
    inline,
    kinds,
    lab,
    picture,
    replays,
    streams,
)
from tests.loopback import Loopback, loopback

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
RED, BLUE = picture(colour=0xFF), picture(colour=0xFF0000)
WORDS: dict[str, JsonValue] = {"text": "Here is your "}
ERROR: dict[str, JsonValue] = {
    "error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}
}


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def asked(site: Loopback) -> AsyncIterator[Lab]:
    async with bench(site.url) as found:
        yield found


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(found: dict[str, JsonValue]) -> bytes:
    return b"data: " + json.dumps(found).encode() + b"\r\n\r\n"


def failure(heard: list[Event]) -> ImageFailed:
    [failed] = [each for each in heard if isinstance(each, ImageFailed)]
    return failed


@pytest.mark.parametrize("sequence", get_args(Sequence))
@pytest.mark.parametrize("model", [MODEL, PRO, NANO])
async def test_a_stream_is_read_in_every_order_that_was_seen(
    sequence: Sequence, model: str
) -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts(sequence=sequence)
    async with lab(emulator) as found:
        result = await found.draw(model=model, previews=1)
    assert result.status == "succeeded"
    assert {charge.unit for charge in result.usage} == {"tokens", "USD"}


async def test_a_draft_is_a_preview_and_comes_before_the_picture() -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts(thought_pictures=2)
    async with lab(emulator) as found:
        heard = await found.events()
    assert kinds(heard) == ["Preview", "ImageReady", "Finished"]
    [draft] = [each for each in heard if isinstance(each, Preview)]
    [ready] = [each for each in heard if isinstance(each, ImageReady)]
    assert draft.picture.bytes != ready.picture.bytes
    assert emulator.heard[0].path.endswith(":streamGenerateContent")
    assert emulator.heard[0].query == "alt=sse"


async def test_ordinary_drafts_of_the_pro_model_are_previews_and_the_last_is_final() -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts(drafts=2, thought_pictures=0)
    async with lab(emulator) as found:
        heard = await found.events(model=PRO)
    assert kinds(heard) == ["Preview", "ImageReady", "Finished"]


async def test_a_picture_is_handed_over_before_its_stream_has_ended(
    site: Loopback, asked: Lab
) -> None:
    site.says(HEAD + chunk(event(fragment(inline(RED)))), "stall")
    request = ImageRequest.build({"prompt": "mug", "model": NANO, "previews": 1})
    async with stream(asked.adapter.generate, request) as events:
        first = await anext(aiter(events))
    assert isinstance(first, ImageReady)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("g05-stream-image", ["ImageReady", "Finished"]),
        ("g05d-stream-thinking", ["Preview", "ImageReady", "Finished"]),
        ("g05e-stream-usage-last", ["ImageReady", "Finished"]),
        ("g06-stream-blocked", ["ImageFailed", "Finished"]),
        ("g06-stream-closed-early", ["ImageFailed", "Finished"]),
        ("g06-stream-error-raw", ["ImageFailed", "Finished"]),
        ("g06-stream-error-sse", ["ImageFailed", "Finished"]),
        ("g06-stream-no-image", ["ImageFailed", "Finished"]),
        ("g06-stream-truncated", ["ImageFailed", "Finished"]),
        ("g06-stream-429-before-first-chunk", ["ImageFailed", "Finished"]),
        ("g06-stream-array-wrapped-404", ["ImageFailed", "Finished"]),
        ("g15-stream-error-not-first-key", ["ImageFailed", "Finished"]),
    ],
)
async def test_a_captured_stream_is_heard_as_it_was_sent(
    site: Loopback, asked: Lab, name: str, expected: list[str]
) -> None:
    replays(site, name)
    assert kinds(await asked.events()) == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("g06-stream-blocked", ErrorCode.REJECTED),
        ("g06-stream-closed-early", ErrorCode.BAD_ANSWER),
        ("g06-stream-error-raw", ErrorCode.UNAVAILABLE),
        ("g06-stream-error-sse", ErrorCode.UNAVAILABLE),
        ("g06-stream-no-image", ErrorCode.FAILED),
        ("g06-stream-429-before-first-chunk", ErrorCode.RATE_LIMITED),
        ("g06-stream-array-wrapped-404", ErrorCode.NOT_FOUND),
        ("g15-stream-error-not-first-key", ErrorCode.UNAVAILABLE),
    ],
)
async def test_a_captured_stream_that_failed_says_why(
    site: Loopback, asked: Lab, name: str, code: ErrorCode
) -> None:
    replays(site, name)
    assert failure(await asked.events()).error.code is code


@pytest.mark.parametrize("form", get_args(StreamError))
async def test_an_error_in_the_middle_is_the_vendors_error_in_every_framing(
    form: StreamError,
) -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts(stream_errors=form)
    emulator.script(Fault.UNAVAILABLE, after_events=1)
    async with lab(emulator) as found:
        error = failure(await found.events()).error
    assert (error.code, error.vendor_code) == (ErrorCode.UNAVAILABLE, "UNAVAILABLE")
    assert error.vendor_message == "The model is overloaded. Please try again later."
    assert error.charged == "maybe"


async def test_an_error_before_anything_was_said_costs_nothing(site: Loopback, asked: Lab) -> None:
    streams(site, ERROR)
    error = failure(await asked.events()).error
    assert (error.code, error.charged) == (ErrorCode.UNAVAILABLE, "no")


@pytest.mark.parametrize("last", [event(ERROR), json.dumps(ERROR, indent=2).encode(), b""])
async def test_a_picture_that_came_before_an_error_or_an_early_end_stays_and_it_is_noted(
    site: Loopback, asked: Lab, last: bytes
) -> None:
    body = event(fragment(inline(RED))) + last
    site.answers(body=body, kind="text/event-stream")
    result = await asked.draw(previews=1)
    assert result.status == "succeeded"
    [note] = asked.notes
    assert note.startswith("behind the picture the answer of google ended with")


async def test_a_picture_that_came_before_a_cut_stays(site: Loopback, asked: Lab) -> None:
    site.says(HEAD + chunk(event(fragment(inline(RED)))), "close")
    result = await asked.draw(previews=1)
    assert result.images[0].picture.bytes == RED.bytes
    assert "outcome_unknown" in asked.notes[0]


async def test_a_draft_of_the_pro_model_is_better_than_nothing_after_a_cut(
    site: Loopback, asked: Lab
) -> None:
    drafts = event(fragment(inline(RED))) + event(fragment(inline(BLUE)))
    site.says(HEAD + chunk(drafts), "close")
    result = await asked.draw(model=PRO, previews=1)
    assert result.images[0].picture.bytes == BLUE.bytes
    assert asked.notes[0].endswith("; it may be a draft")


async def test_a_clean_end_without_a_finish_reason_is_a_truncation_and_says_so(
    site: Loopback, asked: Lab
) -> None:
    streams(site, fragment(WORDS))
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert (
        info.message
        == "google ended its answer without a finishReason; it is cut short or no answer"
    )


async def test_a_cut_before_a_picture_is_unknown(site: Loopback, asked: Lab) -> None:
    site.says(HEAD + chunk(event(fragment(WORDS))), "close")
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")


async def test_a_cancelled_stream_keeps_the_draft_that_was_paid_for(
    site: Loopback, asked: Lab
) -> None:
    drafts = event(fragment(inline(RED))) + event(fragment(inline(BLUE)))
    site.says(HEAD + chunk(drafts), "stall")
    request = ImageRequest.build({"prompt": "mug", "model": PRO, "previews": 1})
    mailbox = Mailbox()
    run = Run(Ledger(mailbox.put, 1), (0,))
    task = asyncio.create_task(play(asked.adapter.generate, request, run))
    assert isinstance(await mailbox.get(), Preview)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    [kept, _] = [each async for each in mailbox.read()]
    assert isinstance(kept, ImageReady)
    assert kept.picture.bytes == BLUE.bytes


async def test_a_page_in_place_of_a_stream_is_a_bad_answer(site: Loopback, asked: Lab) -> None:
    site.answers(body=b"<html>{welcome}</html>", kind="text/html")
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert "welcome" not in info.model_dump_json()


async def test_a_stream_that_is_no_json_is_a_bad_answer(site: Loopback, asked: Lab) -> None:
    site.answers(body=b'data: {"a": NaN}\n\n', kind="text/event-stream")
    assert (await asked.refusal(previews=1)).code is ErrorCode.BAD_ANSWER


async def test_an_array_in_place_of_events_is_read_piece_by_piece(
    site: Loopback, asked: Lab
) -> None:
    pieces = [fragment(WORDS), fragment(inline(RED), finish="STOP")]
    site.answers(body=json.dumps(pieces).encode())
    assert (await asked.draw(previews=1)).status == "succeeded"


async def test_without_previews_nothing_is_streamed() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        await found.draw(previews=0)
    assert emulator.heard[0].path.endswith(":generateContent")
