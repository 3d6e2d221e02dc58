"""What generateContent answers: pictures, and every way of saying that there is none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Content, Facts, Position
from tests.adapters.gemini_lab import (
    NANO,
    PRO,
    Lab,
    after,
    bench,
    fragment,
    inline,
    lab,
    picture,
    replays,
)
from tests.loopback import Loopback, loopback

RED, BLUE = picture(colour=0xFF), picture(colour=0xFF0000)


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def asked(site: Loopback) -> AsyncIterator[Lab]:
    async with bench(site.url) as found:
        yield found


@pytest.mark.parametrize("position", ["after", "before", "between"])
async def test_a_picture_is_found_wherever_it_stands(position: Position) -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts(position=position, empty_parts=True)
    async with lab(emulator) as found:
        assert (await found.draw()).status == "succeeded"


@pytest.mark.parametrize("name", ["g03-generate-content-image", "g03d-generate-content-thinking"])
async def test_a_captured_answer_is_read(site: Loopback, asked: Lab, name: str) -> None:
    replays(site, name)
    result = await asked.draw()
    assert [image.picture.media_type for image in result.images] == ["image/png"]


async def test_a_thought_is_never_a_result(site: Loopback, asked: Lab) -> None:
    said = fragment(inline(RED, thought=True), inline(BLUE), finish="STOP")
    site.answers(body=_json(said))
    result = await asked.draw()
    assert result.images[0].picture.bytes == BLUE.bytes


async def test_a_thought_alone_is_no_picture(site: Loopback, asked: Lab) -> None:
    site.answers(body=_json(fragment(inline(RED, thought=True), finish="STOP")))
    assert (await asked.refusal()).code is ErrorCode.FAILED


async def test_of_several_pictures_of_the_pro_model_the_last_is_the_answer(
    site: Loopback, asked: Lab
) -> None:
    site.answers(body=_json(fragment(inline(RED), inline(BLUE), finish="STOP")))
    result = await asked.draw(model=PRO)
    assert result.images[0].picture.bytes == BLUE.bytes


async def test_of_several_pictures_of_another_model_the_first_is_and_the_rest_is_noted(
    site: Loopback, asked: Lab
) -> None:
    site.answers(body=_json(fragment(inline(RED), inline(BLUE), finish="STOP")))
    result = await asked.draw(model=NANO)
    assert result.images[0].picture.bytes == RED.bytes
    assert asked.notes == ["google sent more pictures than were asked"]


async def test_both_spellings_and_both_alphabets_are_read(site: Loopback, asked: Lab) -> None:
    text = RED.base64.replace("+", "-").replace("/", "_").rstrip("=")
    site.answers(
        body=_json(
            {
                "candidates": [
                    {
                        "content": {"parts": [{"inline_data": {"data": text}}]},
                        "finish_reason": "STOP",
                    }
                ],
                "usage_metadata": {"total_token_count": 7},
            }
        )
    )
    result = await asked.draw()
    assert result.images[0].picture.bytes == RED.bytes
    assert result.usage[0].amount == 7


@pytest.mark.parametrize(
    "parts",
    [
        [{}, {"text": ""}, {"thoughtSignature": "AAAA"}, inline(RED)],
        [None, 7, "x", {"inlineData": 7}, {"inlineData": {"data": 7}}, inline(RED)],
        [{"thought": "yes", "text": 3}, inline(RED)],
    ],
)
async def test_nonsense_beside_a_picture_does_not_lose_it(
    site: Loopback, asked: Lab, parts: list[dict[str, str]]
) -> None:
    said = {
        "candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}, None, 7],
        "usageMetadata": "none",
        "promptFeedback": [],
        "error": None,
    }
    site.answers(body=_json(said))
    assert (await asked.draw()).images[0].picture.bytes == RED.bytes


REASONS = [
    ("image_safety", "IMAGE_SAFETY"),
    ("image_prohibited_content", "IMAGE_PROHIBITED_CONTENT"),
    ("prohibited_content", "PROHIBITED_CONTENT"),
    ("safety", "SAFETY"),
    ("blocklist", "BLOCKLIST"),
    ("spii", "SPII"),
    ("image_recitation", "IMAGE_RECITATION"),
    ("recitation", "RECITATION"),
    ("model_armor", "MODEL_ARMOR"),
    ("escalation", "ESCALATION"),
    ("prompt_prohibited_content", "PROHIBITED_CONTENT"),
    ("prompt_safety", "SAFETY"),
    ("prompt_other", "OTHER"),
    ("prompt_blocklist", "BLOCKLIST"),
    ("prompt_image_safety", "IMAGE_SAFETY"),
    ("prompt_model_armor", "MODEL_ARMOR"),
    ("prompt_jailbreak", "JAILBREAK"),
]


@pytest.mark.parametrize(("variant", "reason"), REASONS)
async def test_a_content_that_is_refused_is_rejected_with_the_vendors_reason(
    variant: str, reason: str
) -> None:
    async with after(Fault.REFUSED, variant=variant) as (found, _):
        info = await found.refusal()
    assert (info.code, info.vendor_code, info.origin) == (ErrorCode.REJECTED, reason, "vendor")
    assert info.hint


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        ("no_image", "NO_IMAGE"),
        ("empty", "STOP"),
        ("image_other", "IMAGE_OTHER"),
        ("other", "OTHER"),
        ("malformed_response", "MALFORMED_RESPONSE"),
        ("language", "LANGUAGE"),
        ("max_tokens", "MAX_TOKENS"),
        ("continuation", "CONTINUATION"),
        ("a_new_reason", "A_NEW_REASON"),
    ],
)
async def test_a_picture_that_was_not_made_is_a_failure_with_the_vendors_reason(
    variant: str, reason: str
) -> None:
    async with after(Fault.NO_IMAGE, variant=variant) as (found, _):
        info = await found.refusal()
    assert (info.code, info.vendor_code) == (ErrorCode.FAILED, reason)


@pytest.mark.parametrize("stream", [0, 1])
async def test_a_refusal_in_words_is_told_in_the_models_words(stream: int) -> None:
    async with after(Fault.NO_IMAGE, variant="text_only") as (found, _):
        info = await found.refusal(previews=stream)
    assert info.message == "google answered in words and made no picture"
    assert info.vendor_message == "I cannot draw that, but I can describe it for you. Shall I?"
    assert (info.code, info.charged, info.another_may_cure) == (ErrorCode.FAILED, "yes", True)


@pytest.mark.parametrize("content", ["empty", "role", "null", "absent"])
async def test_a_filtered_candidate_is_read_in_every_shape(content: Content) -> None:
    async with after(Fault.REFUSED, Facts(content=content)) as (found, _):
        assert (await found.refusal()).code is ErrorCode.REJECTED


async def test_what_the_vendor_says_is_free_counts_as_free() -> None:
    async with after(Fault.REFUSED) as (found, emulator):
        result = await found.draw()
    assert emulator.charges == []
    assert result.error is not None
    assert "You will not be charged" in (result.error.vendor_message or "")
    assert (result.error.charged, result.usage) == ("no", ())


async def test_what_it_does_not_say_is_free_counts_as_charged_and_is_told() -> None:
    async with after(Fault.NO_IMAGE) as (found, emulator):
        result = await found.draw()
    assert result.error is not None
    assert result.error.charged == "yes"
    told = {charge.unit: charge.amount for charge in result.usage}
    assert told["USD"] == pytest.approx(float(emulator.charges[0].amount))


async def test_an_account_that_is_limited_is_forbidden() -> None:
    async with after(Fault.FORBIDDEN, variant="pup_limited_disabled") as (found, _):
        info = await found.refusal()
    assert (info.code, info.vendor_code) == (ErrorCode.FORBIDDEN, "PUP_LIMITED_DISABLED")


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("g07-blocked", ErrorCode.REJECTED, "PROHIBITED_CONTENT"),
        ("g07-image-safety", ErrorCode.REJECTED, "IMAGE_SAFETY"),
        ("g07-no-image", ErrorCode.FAILED, "NO_IMAGE"),
        ("g07-text-refusal", ErrorCode.FAILED, "STOP"),
        ("g07-unknown-finish", ErrorCode.FAILED, "SOME_FUTURE_REASON"),
        ("g07-parts-null", ErrorCode.REJECTED, "IMAGE_SAFETY"),
    ],
)
async def test_a_captured_answer_without_a_picture_says_why(
    site: Loopback, asked: Lab, name: str, code: ErrorCode, reason: str
) -> None:
    replays(site, name)
    info = await asked.refusal()
    assert (info.code, info.vendor_code) == (code, reason)


@pytest.mark.parametrize("said", [{}, {"candidates": []}, {"candidates": None}, {"surprise": 1}])
async def test_an_answer_that_says_nothing_is_a_bad_one(
    site: Loopback, asked: Lab, said: dict[str, str]
) -> None:
    site.answers(body=_json(said))
    info = await asked.refusal()
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")


async def test_an_error_inside_a_success_is_an_error(site: Loopback, asked: Lab) -> None:
    site.answers(body=_json({"error": {"code": 503, "message": "oh", "status": "UNAVAILABLE"}}))
    info = await asked.refusal()
    assert (info.code, info.vendor_message) == (ErrorCode.UNAVAILABLE, "oh")


async def test_base64_of_something_else_is_a_bad_answer() -> None:
    async with after(Fault.NOT_A_PICTURE) as (found, _):
        info = await found.refusal()
    assert info.code is ErrorCode.BAD_ANSWER
    assert (
        info.message
        == "google sent something unusable: expected an image, got an HTML page (44 bytes)"
    )


async def test_a_picture_is_as_large_as_its_bytes_say_and_another_size_is_noted() -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts(wide_is_1408=True)
    async with lab(emulator) as found:
        result = await found.draw(size="1376x768")
        notes = found.notes
    image = result.images[0].picture
    assert (image.width, image.height) == (1408, 768)
    assert notes == ["size 1376x768 was asked, and the picture is 1408x768"]


async def test_tokens_and_dollars_are_told_as_the_vendor_counts_them() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        result = await found.draw(model=PRO, size="4096x4096")
    told = {charge.unit: charge.amount for charge in result.usage}
    assert told["tokens"] == 3 + 2000 + 180
    assert told["USD"] == pytest.approx(float(emulator.charges[0].amount))


async def test_of_another_tier_no_price_is_told(site: Loopback, asked: Lab) -> None:
    usage = {"totalTokenCount": 1300, "promptTokenCount": 3, "serviceTier": "flex"}
    site.answers(body=_json({**fragment(inline(RED), finish="STOP"), "usageMetadata": usage}))
    result = await asked.draw()
    assert [(charge.amount, charge.unit) for charge in result.usage] == [(1300, "tokens")]


def _json(said: object) -> bytes:
    return json.dumps(said).encode()
