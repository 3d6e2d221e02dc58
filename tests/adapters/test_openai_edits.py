"""The pictures of an edit: what OpenAI would refuse is refused before it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from imageway.adapters.openai.inputs import has_alpha
from imageway.core.errors import ErrorCode
from imageway.core.picture import Picture
from imageway.emulators.openai import OpenAIEmulator
from tests.adapters.openai_lab import Lab, lab, picture, reference


@pytest.fixture
def emulator() -> OpenAIEmulator:
    return OpenAIEmulator()


@pytest.fixture
async def asked(emulator: OpenAIEmulator) -> AsyncIterator[Lab]:
    async with lab(emulator) as found:
        yield found


def padded(found: Picture, length: int) -> Picture:
    """The same PNG with a chunk of nothing behind its header, so that it has this many bytes."""
    data = found.bytes
    rest = length - len(data) - 12
    chunk = rest.to_bytes(4) + b"tEXt" + bytes(rest) + bytes(4)
    return Picture.from_bytes(data[:33] + chunk + data[33:])


async def test_an_edit_draws(asked: Lab) -> None:
    mask = reference(picture("RGBA"))
    result = await asked.draw(references=[reference(), reference()], mask=mask)
    assert result.status == "succeeded"


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_three_formats_are_taken(asked: Lab, kind: str) -> None:
    result = await asked.draw(references=[reference(picture(kind=kind))])
    assert result.status == "succeeded"


@pytest.mark.parametrize("kind", ["gif", "avif"])
async def test_any_other_format_is_refused_with_its_place(
    emulator: OpenAIEmulator, asked: Lab, kind: str
) -> None:
    info = await asked.refusal(references=[reference(), reference(picture(kind=kind))])
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "references")
    assert info.message == f"references: picture 2 is image/{kind}, which is not taken here"
    assert emulator.heard == []


async def test_a_reference_of_50_megabytes_is_too_large(
    emulator: OpenAIEmulator, asked: Lab
) -> None:
    info = await asked.refusal(references=[reference(padded(picture(), 50_000_000))])
    assert (info.code, info.param) == (ErrorCode.TOO_LARGE, "references")
    assert emulator.heard == []


@pytest.mark.parametrize(
    ("mask", "code", "words"),
    [
        (picture("RGB"), ErrorCode.INVALID_REQUEST, "has no transparency"),
        (picture("L"), ErrorCode.INVALID_REQUEST, "has no transparency"),
        (picture("RGBA", (8, 16)), ErrorCode.INVALID_REQUEST, "as large as the first reference"),
        (picture("RGBA", kind="webp"), ErrorCode.INVALID_REQUEST, "must be a PNG"),
        (padded(picture("RGBA"), 4_000_000), ErrorCode.TOO_LARGE, "must be below 4000000"),
    ],
)
async def test_a_mask_that_cannot_be_used_is_refused(
    emulator: OpenAIEmulator, asked: Lab, mask: Picture, code: ErrorCode, words: str
) -> None:
    info = await asked.refusal(references=[reference()], mask=reference(mask))
    assert (info.code, info.param) == (code, "mask")
    assert words in info.message
    assert emulator.heard == []


async def test_a_mask_belongs_to_the_first_reference(asked: Lab) -> None:
    large = reference(picture(size=(32, 32)))
    result = await asked.draw(references=[reference(), large], mask=reference(picture("RGBA")))
    assert result.status == "succeeded"


@pytest.mark.parametrize(
    ("mode", "hidden", "expected"),
    [
        ("RGBA", None, True),
        ("LA", None, True),
        ("P", 0, True),
        ("RGB", (0, 0, 0), True),
        ("P", None, False),
        ("RGB", None, False),
        ("1", None, False),
    ],
)
def test_transparency_is_found_in_every_kind_of_png(
    mode: str, hidden: object, expected: bool
) -> None:
    assert has_alpha(picture(mode, transparency=hidden).bytes) is expected


async def test_what_the_vendor_finds_wrong_with_a_file_names_the_references() -> None:
    emulator = OpenAIEmulator()
    # Whole by its first and last bytes, and nothing in between.
    data = picture().bytes
    broken = Picture.from_bytes(data[:40] + bytes(20) + data[-12:])
    async with lab(emulator) as found:
        info = await found.refusal(references=[reference(broken)])
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "references")
    assert info.vendor_code == "invalid_image_file"
