"""Streams: previews, pictures, errors in all their forms, and ends that come too early."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Literal, get_args

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode
from imageway.core.events import Event, ImageFailed
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import play
from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.openai_order import Facts
from tests.adapters.openai_lab import Captured, Lab, bench, captured_answers, lab, picture
from tests.core.samples import listening
from tests.loopback import Loopback, loopback
from tests.memory import growth

Form = Literal["nested", "bare", "flat"]

TEXT = picture().base64
FORMS: tuple[Form, ...] = get_args(Form)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def asked(site: Loopback) -> AsyncIterator[Lab]:
    """An adapter that asks for all pictures in one call."""
    async with bench(site.url, split=False) as found:
        yield found


async def heard_of(lab: Lab, count: int = 1, previews: int = 2) -> list[Event]:
    """Every event, for nothing is dropped on the way to this reader."""
    request = ImageRequest.build(
        {"prompt": "mug", "model": "gpt-image-2", "count": count, "previews": previews}
    )
    run, heard = listening(count)

    async def named(request: ImageRequest, run: Run) -> None:
        await lab.adapter.generate(request, run.part(run.indices, provider="openai"))

    await play(named, request, run)
    return heard


def kinds(heard: list[Event]) -> list[str]:
    return [type(event).__name__ for event in heard]


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(kind: str, **members: JsonValue) -> bytes:
    data = json.dumps({"type": kind, **members})
    return chunk(f"event: {kind}\ndata: {data}\n\n".encode())


def streams(site: Loopback, *events: bytes) -> None:
    site.says(HEAD + b"".join(events) + END, "keep")


def replays(site: Loopback, answer: Captured) -> None:
    body = answer.text if answer.text is not None else json.dumps(answer.json_)
    site.answers(answer.status, body.encode(), answer.content_type)


PARTIAL = event("image_generation.partial_image", b64_json=TEXT)
COMPLETED = event("image_generation.completed", b64_json=TEXT)
SHOWN = ["Preview", "ImageFailed", "Finished"]
MADE = ["Charged", "Charged", "ImageReady"]


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("o02-generate-stream-partial2", 1, ["Preview", "Preview", *MADE, "Finished"]),
        ("o02b-generate-stream-n2", 2, [*MADE, *MADE, "Finished"]),
        (
            "o02c-generate-stream-unknown-event-comment-done",
            1,
            ["Preview", *MADE, "Finished"],
        ),
        ("o02d-generate-stream-async", 1, ["Preview", *MADE, "Finished"]),
        ("o05b-edit-stream", 1, ["Preview", *MADE, "Finished"]),
        ("o12-stream-ignored-by-server", 1, ["ImageReady", "Finished"]),
        ("o03-stream-error-nested", 1, SHOWN),
        ("o03-stream-error-flat", 1, SHOWN),
        ("o03-stream-error-bare", 1, SHOWN),
        ("o03-stream-cut", 1, SHOWN),
        ("o12b-stream-n2-one-error", 2, [*MADE, "ImageFailed", "Finished"]),
    ],
)
async def test_a_captured_stream_is_heard_as_it_was_sent(
    site: Loopback, asked: Lab, name: str, count: int, expected: list[str]
) -> None:
    replays(site, captured_answers()[name])
    assert kinds(await heard_of(asked, count)) == expected


@pytest.mark.parametrize("form", FORMS)
async def test_an_error_in_a_stream_is_the_vendors_error_in_every_form(
    site: Loopback, asked: Lab, form: Form
) -> None:
    replays(site, captured_answers()[f"o03-stream-error-{form}"])
    info = await asked.refusal(previews=1)
    assert (info.code, info.vendor_code) == (ErrorCode.REJECTED, "moderation_blocked")
    assert (info.vendor_message, info.origin) == ("Blocked.", "vendor")


async def test_a_picture_that_came_before_an_error_stays(site: Loopback, asked: Lab) -> None:
    replays(site, captured_answers()["o12b-stream-n2-one-error"])
    result = await asked.draw(count=2, previews=1)
    assert [ready.index for ready in result.images] == [0]
    [failed] = result.failures
    assert (failed.error.code, failed.error.charged) == (ErrorCode.REJECTED, "yes")


async def test_a_stream_that_ends_before_its_picture_says_so_and_was_charged(
    site: Loopback, asked: Lab
) -> None:
    streams(site, PARTIAL)
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert info.message == "openai ended its stream after 0 of 1 pictures"


async def test_a_stream_that_is_cut_is_unknown(site: Loopback, asked: Lab) -> None:
    site.says(HEAD + PARTIAL, "close")
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")


async def test_behind_the_last_picture_nothing_is_waited_for(site: Loopback, asked: Lab) -> None:
    site.says(HEAD + PARTIAL + COMPLETED, "stall")
    result = await asked.draw(previews=1)
    assert result.status == "succeeded"


@pytest.mark.parametrize("before", [(), (PARTIAL,)])
@pytest.mark.parametrize(
    ("code", "charged"),
    [("rate_limit_exceeded", "no"), ("insufficient_quota", "no"), ("unknown_parameter", "no")],
)
async def test_a_refusal_in_a_stream_costs_nothing_unless_something_was_shown(
    site: Loopback, asked: Lab, before: tuple[bytes, ...], code: str, charged: str
) -> None:
    streams(site, *before, event("error", error={"code": code, "message": "No."}))
    info = await asked.refusal(previews=1)
    assert info.charged == ("yes" if before else charged)


@pytest.mark.parametrize(("stage", "charged"), [("input", "no"), ("output", "yes")])
async def test_a_refused_content_costs_what_was_drawn_of_it(
    site: Loopback, asked: Lab, stage: str, charged: str
) -> None:
    details: JsonValue = {"moderation_stage": stage, "categories": ["violence"]}
    said: JsonValue = {"code": "moderation_blocked", "moderation_details": details}
    streams(site, event("error", error=said))
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.REJECTED, charged)
    assert info.details == {"moderation_stage": stage, "categories": ["violence"]}


async def test_a_failure_in_a_stream_may_be_cured_by_another_vendor(
    site: Loopback, asked: Lab
) -> None:
    said: JsonValue = {"type": "image_generation_server_error", "code": "image_generation_failed"}
    streams(site, event("error", error=said))
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.FAILED, "yes")
    assert info.another_may_cure
    assert not info.may_be_repeated


async def test_a_rate_limit_in_a_stream_says_when_to_come_again(site: Loopback, asked: Lab) -> None:
    said: JsonValue = {"code": "rate_limit_exceeded", "message": "Please try again in 12s."}
    streams(site, event("error", error=said))
    assert (await asked.refusal(previews=1)).retry_after == 12.0


async def test_a_preview_that_is_no_picture_is_passed_over(site: Loopback, asked: Lab) -> None:
    streams(site, event("image_generation.partial_image", b64_json="AAAA"), COMPLETED)
    assert kinds(await heard_of(asked)) == ["ImageReady", "Finished"]


@pytest.mark.parametrize("data", [b"nonsense", b'{"b64_json": 7}', b'{"b64_json": "AAAA"}'])
async def test_a_completed_event_without_a_picture_fails_that_picture_only(
    site: Loopback, asked: Lab, data: bytes
) -> None:
    broken = chunk(b"event: image_generation.completed\ndata: " + data + b"\n\n")
    streams(site, broken, COMPLETED)
    heard = await heard_of(asked, count=2)
    assert kinds(heard) == ["ImageFailed", "ImageReady", "Finished"]
    [failed] = [each for each in heard if isinstance(each, ImageFailed)]
    assert (failed.index, failed.error.code) == (0, ErrorCode.BAD_ANSWER)


async def test_an_error_event_that_cannot_be_read_is_an_error(site: Loopback, asked: Lab) -> None:
    streams(site, chunk(b"event: error\ndata: oh no\n\n"))
    info = await asked.refusal(previews=1)
    assert info.code is ErrorCode.FAILED


async def test_a_gateways_failed_picture_does_not_end_its_stream(
    site: Loopback, asked: Lab
) -> None:
    said: dict[str, JsonValue] = {"index": 0, "code": "moderation_blocked", "message": "No."}
    streams(site, event("image_generation.failed", **said), COMPLETED)
    result = await asked.draw(count=2, previews=1)
    assert [ready.index for ready in result.images] == [1]
    assert result.failures[0].error.code is ErrorCode.REJECTED


async def test_events_are_read_however_they_are_cut_up(site: Loopback, asked: Lab) -> None:
    body = f'data:{{"type":"image_generation.completed","b64_json":"{TEXT}"}}\r\n\r\n'.encode()
    streams(site, *(chunk(body[at : at + 7]) for at in range(0, len(body), 7)))
    assert kinds(await heard_of(asked)) == ["ImageReady", "Finished"]


async def test_json_in_place_of_a_stream_may_be_an_error(site: Loopback, asked: Lab) -> None:
    site.answers(body=b'{"error": {"code": "moderation_blocked", "message": "No."}}')
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.REJECTED, "yes")


async def test_a_page_in_place_of_a_stream_is_a_bad_answer(site: Loopback, asked: Lab) -> None:
    site.answers(body=b"<html>welcome</html>", kind="text/html")
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert "welcome" not in info.model_dump_json()


async def test_a_flood_in_place_of_a_stream_is_a_bad_answer_and_costs_no_memory(
    site: Loopback, asked: Lab
) -> None:
    site.answers(body=b'{"data": [' + b"1," * (4 << 20) + b"1]}")
    with growth() as grown:
        info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert grown.bytes < 64 << 20


async def test_a_refused_stream_is_explained_as_any_refusal(site: Loopback, asked: Lab) -> None:
    replays(site, captured_answers()["o07-error-quota"])
    info = await asked.refusal(previews=1)
    assert (info.code, info.charged) == (ErrorCode.QUOTA_EXHAUSTED, "no")


@pytest.mark.parametrize("form", FORMS)
async def test_the_emulators_errors_are_read_in_every_form(form: Form) -> None:
    emulator = OpenAIEmulator()
    emulator.facts = Facts(stream_errors=form)
    emulator.script(Fault.SERVER_ERROR, variant="image_generation_failed", after_events=1)
    async with lab(emulator) as found:
        heard = await heard_of(found)
    assert kinds(heard) == SHOWN
    [failed] = [each for each in heard if isinstance(each, ImageFailed)]
    assert (failed.error.code, failed.error.message) == (
        ErrorCode.FAILED,
        "openai tried and made nothing",
    )


async def test_what_else_a_stream_says_is_passed_over() -> None:
    emulator = OpenAIEmulator()
    emulator.facts = Facts(chatty_streams=True)
    async with lab(emulator) as found:
        heard = await heard_of(found)
    assert kinds(heard) == ["Preview", "Preview", *MADE, "Finished"]


async def test_a_stream_counts_the_tokens_of_its_previews() -> None:
    async with lab(OpenAIEmulator()) as found:
        with_previews, without = await found.draw(previews=2), await found.draw()
    assert with_previews.usage[0].amount - without.usage[0].amount == 200


async def test_fewer_previews_than_asked_are_no_failure() -> None:
    emulator = OpenAIEmulator()
    emulator.script(Fault.NO_PREVIEWS)
    async with lab(emulator) as found:
        heard = await heard_of(found)
    assert kinds(heard) == [*MADE, "Finished"]


async def test_a_server_that_knows_no_stream_is_read_all_the_same() -> None:
    emulator = OpenAIEmulator()
    emulator.facts = Facts(ignores_stream=True)
    async with lab(emulator) as found:
        result = await found.draw(previews=2)
    assert result.status == "succeeded"
    assert len(result.usage) == 2
