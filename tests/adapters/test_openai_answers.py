"""Plain answers: pictures and charges as they came, and each failure at its own picture."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode
from imageway.core.events import Charged, ImageReady
from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
from tests.adapters.openai_lab import Lab, bench, captured_answers, lab, picture
from tests.loopback import Loopback, loopback

DOT = picture()
TEXT = DOT.base64
USAGE: dict[str, JsonValue] = {
    "input_tokens": 11,
    "input_tokens_details": {"text_tokens": 11, "image_tokens": 0},
    "output_tokens": 196,
    "total_tokens": 207,
}


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def whole(site: Loopback) -> AsyncIterator[Lab]:
    """An adapter that asks for all pictures in one call."""
    async with bench(site.url, split=False) as found:
        yield found


def says(site: Loopback, status: int = 200, **members: JsonValue) -> None:
    site.answers(status, json.dumps(members).encode())


def charges(lab: Lab) -> list[tuple[float, str]]:
    return [(each.amount, each.unit) for each in lab.heard if isinstance(each, Charged)]


async def test_pictures_come_as_base64_and_are_not_decoded(site: Loopback, whole: Lab) -> None:
    says(site, data=[{"b64_json": TEXT, "revised_prompt": "a red enamel mug"}, {"b64_json": TEXT}])
    result = await whole.draw(count=2)
    first, second = (ready.picture for ready in result.images)
    assert (first.base64, first.revised_prompt) == (TEXT, "a red enamel mug")
    assert (second.base64, second.revised_prompt) == (TEXT, None)


async def test_a_captured_answer_brings_its_pictures_and_its_charges(
    site: Loopback, whole: Lab
) -> None:
    answer = captured_answers()["o01-generate-all-params"]
    site.answers(answer.status, json.dumps(answer.json_).encode())
    result = await whole.draw(count=2)
    assert result.status == "succeeded"
    # 11 tokens of text at 5 dollars a million, 196 of pictures at 30.
    assert charges(whole) == [(207, "tokens"), (0.005935, "USD")]


async def test_the_charges_are_told_before_the_pictures(site: Loopback, whole: Lab) -> None:
    says(site, data=[{"b64_json": TEXT}], usage=USAGE)
    await whole.draw()
    kinds = [type(event) for event in whole.heard[:3]]
    assert kinds == [Charged, Charged, ImageReady]


@pytest.mark.parametrize("usage", [None, {}, {"total_tokens": "many"}, "much"])
async def test_usage_that_is_not_there_or_cannot_be_read_is_not_made_up(
    site: Loopback, whole: Lab, usage: JsonValue
) -> None:
    says(site, data=[{"b64_json": TEXT}], usage=usage)
    result = await whole.draw()
    assert result.status == "succeeded"
    assert result.usage == ()


async def test_at_another_server_openais_prices_do_not_hold(site: Loopback) -> None:
    says(site, data=[{"b64_json": TEXT}], usage=USAGE)
    async with bench(site.url, profile="compatible") as found:
        await found.draw()
    assert charges(found) == [(207, "tokens")]


async def test_an_error_in_a_whole_answer_is_the_error(site: Loopback, whole: Lab) -> None:
    says(site, error={"code": "moderation_blocked", "message": "No."}, data=[])
    info = await whole.refusal()
    assert (info.code, info.vendor_message, info.charged) == (ErrorCode.REJECTED, "No.", "yes")


@pytest.mark.parametrize("error", ["it broke", {"message": "it broke"}])
async def test_an_error_that_says_no_more_than_a_sentence_is_a_failure(
    site: Loopback, whole: Lab, error: JsonValue
) -> None:
    says(site, error=error)
    info = await whole.refusal()
    assert (info.code, info.vendor_message) == (ErrorCode.FAILED, "it broke")


@pytest.mark.parametrize("error", [None, {}, "", False])
async def test_an_empty_error_is_none(site: Loopback, whole: Lab, error: JsonValue) -> None:
    says(site, error=error, data=[{"b64_json": TEXT}])
    assert (await whole.draw()).status == "succeeded"


@pytest.mark.parametrize("data", [[], None])
async def test_no_pictures_are_a_failure_that_was_charged(
    site: Loopback, whole: Lab, data: JsonValue
) -> None:
    says(site, data=data)
    info = await whole.refusal()
    assert (info.code, info.charged) == (ErrorCode.FAILED, "yes")
    assert info.message == "openai made no picture"
    assert info.another_may_cure


async def test_an_answer_of_another_kind_is_no_failed_picture(site: Loopback, whole: Lab) -> None:
    says(site, surprise=[1, 2, 3])
    info = await whole.refusal()
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert not info.another_may_cure


async def test_fewer_pictures_than_asked_stay_and_the_others_fail(
    site: Loopback, whole: Lab
) -> None:
    says(site, data=[{"b64_json": TEXT}, {"b64_json": TEXT}])
    result = await whole.draw(count=3)
    assert [ready.index for ready in result.images] == [0, 1]
    [failed] = result.failures
    assert (failed.index, failed.error.code, failed.error.charged) == (2, ErrorCode.FAILED, "yes")
    assert failed.error.message == "openai made 2 of 3 pictures"


async def test_a_gateways_reasons_are_told_of_the_pictures_that_did_not_come(
    site: Loopback, whole: Lab
) -> None:
    answer = captured_answers()["o01e-generate-partial-success-extension"]
    site.answers(answer.status, json.dumps(answer.json_).encode())
    result = await whole.draw("partial please", count=2)
    assert result.status == "partial"
    [failed] = result.failures
    assert (failed.error.code, failed.error.vendor_message) == (ErrorCode.REJECTED, "filtered")


async def test_more_pictures_than_asked_are_left(site: Loopback, whole: Lab) -> None:
    says(site, data=[{"b64_json": TEXT}, {"b64_json": TEXT}])
    result = await whole.draw()
    assert (len(result.images), result.notes) == (1, ())


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (base64.b64encode(b"<html>" + b"x" * 40).decode(), "expected an image, got an HTML page"),
        ("", "the picture is empty"),
        ("ä", "this is not base64"),
        (TEXT[: len(TEXT) // 2], "is damaged or cut short"),
    ],
)
async def test_what_is_no_picture_fails_at_its_own_index_only(
    site: Loopback, whole: Lab, entry: str, words: str
) -> None:
    says(site, data=[{"b64_json": entry}, {"b64_json": TEXT}])
    result = await whole.draw(count=2)
    assert [ready.index for ready in result.images] == [1]
    [failed] = result.failures
    error = failed.error
    assert (failed.index, error.code, error.charged) == (0, ErrorCode.BAD_ANSWER, "yes")
    assert error.message.startswith("openai sent something unusable: ")
    assert words in error.message
    assert (error.hint, error.origin) == (None, "vendor")


async def test_a_data_url_is_a_picture(site: Loopback, whole: Lab) -> None:
    link = f"data:image/png;base64,{TEXT}"
    says(site, data=[{"url": link}, {"b64_json": link}])
    result = await whole.draw(count=2)
    assert [ready.picture.base64 for ready in result.images] == [TEXT, TEXT]


async def test_a_link_is_fetched_without_our_key(site: Loopback, whole: Lab) -> None:
    says(site, data=[{"url": f"{site.url}/fox.png", "b64_json": None, "revised_prompt": None}])
    site.answers(body=DOT.bytes, kind="image/png")
    result = await whole.draw()
    assert result.images[0].picture.bytes == DOT.bytes
    assert site.heard[1].path == "/fox.png"
    assert "authorization" not in site.heard[1].headers


async def test_a_link_that_leads_nowhere_fails_at_its_own_index_only(
    site: Loopback, whole: Lab
) -> None:
    says(site, data=[{"url": f"{site.url}/gone.png"}, {"b64_json": TEXT}])
    site.answers(404)
    result = await whole.draw(count=2)
    assert [ready.index for ready in result.images] == [1]
    [failed] = result.failures
    assert (failed.error.code, failed.error.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert failed.error.message == "the picture's address answered with HTTP 404"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.NO_IMAGE, ErrorCode.FAILED),
        (Fault.NOT_A_PICTURE, ErrorCode.BAD_ANSWER),
        (Fault.GARBAGE, ErrorCode.BAD_ANSWER),
        (Fault.HANG_UP, ErrorCode.OUTCOME_UNKNOWN),
        (Fault.CUT, ErrorCode.OUTCOME_UNKNOWN),
        (Fault.OVERSIZED, ErrorCode.TOO_LARGE),
    ],
)
async def test_a_spoilt_answer_is_asked_for_only_once(fault: Fault, code: ErrorCode) -> None:
    emulator = OpenAIEmulator()
    emulator.script(fault, times=None, size=65 << 20)
    async with lab(emulator) as found:
        info = await found.refusal()
    assert info.code is code
    assert info.charged != "no"
    assert len(emulator.heard) == 1


async def test_three_of_four_come_when_one_call_fails() -> None:
    emulator = OpenAIEmulator()
    emulator.script(Fault.SERVER_ERROR, after=1)
    async with lab(emulator) as found:
        result = await found.draw(count=4)
    assert (len(result.images), len(result.failures), result.status) == (3, 1, "partial")
