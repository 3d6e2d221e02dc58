"""Bad input at Google: each ends in one clear sentence, the vendor's words and the next step."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import imageway
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.picture import Picture
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.serving import serve
from tests.adapters.gemini_lab import (
    MODEL,
    NANO,
    PRO,
    after,
    asked,
    bench,
    heavy,
    lab,
    picture,
    reference,
)

TOML = """
[providers.google]
adapter = "gemini"
api_key = {{ env = "{name}" }}
"""


def is_one_sentence(info: ErrorInfo) -> bool:
    return "\n" not in info.message and not info.message.endswith(".") and len(info.message) < 160


async def test_no_key_leaves_the_provider_out_and_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    (tmp_path / "plugins.toml").write_text(TOML.format(name="GEMINI_API_KEY"))
    async with imageway.open(tmp_path / "plugins.toml") as way:
        with pytest.raises(ImagewayError) as caught:
            await way.generate("a mug", model=f"google/{NANO}")
    assert caught.value.info.hint == "google: set GEMINI_API_KEY in the environment"


async def test_no_key_in_the_file_at_all_is_refused_with_how_to_write_it(tmp_path: Path) -> None:
    (tmp_path / "plugins.toml").write_text('[providers.google]\nadapter = "gemini"\n')
    with pytest.raises(ImagewayError) as caught:
        async with imageway.open(tmp_path / "plugins.toml"):
            pass
    assert "api_key" in caught.value.info.message
    assert "GEMINI_API_KEY" in f"{caught.value.info.message} {caught.value.info.hint}"


async def test_no_key_where_one_is_wanted_after_all_says_how_to_write_it() -> None:
    async with serve(GeminiEmulator()) as url, bench(url, api_key=None) as found:
        info = await found.refusal()
    assert (info.code, info.message) == (
        ErrorCode.UNAUTHENTICATED,
        "google wants a key, and imageway has none for it",
    )
    assert info.hint == 'write api_key = { env = "GEMINI_API_KEY" } for this provider'
    assert "unregistered callers" in (info.vendor_message or "")


async def test_a_bad_key_says_whose_key_is_meant_and_does_not_repeat_it() -> None:
    async with serve(GeminiEmulator()) as url, bench(url, api_key="AIzaWrong") as found:
        info = await found.refusal()
    assert (info.code, info.message) == (
        ErrorCode.UNAUTHENTICATED,
        "google refused imageway's key",
    )
    assert info.vendor_message == "API key not valid. Please pass a valid API key."
    assert info.vendor_code == "API_KEY_INVALID"
    assert "AIzaWrong" not in info.model_dump_json()


@pytest.mark.parametrize("variant", ["disabled", "blocked", "leaked"])
async def test_a_key_of_the_wrong_project_says_what_to_change(variant: str) -> None:
    async with after(Fault.FORBIDDEN, variant=variant) as (found, _):
        info = await found.refusal()
    assert info.code is ErrorCode.FORBIDDEN
    assert "key" in info.message
    assert info.hint
    assert info.vendor_message
    assert is_one_sentence(info)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gemini-3.1-flash-imag", f"did you mean '{MODEL}'?"),
        ("nope", "there is gemini-nano-banana-2.1, "),
    ],
)
async def test_an_unknown_model_is_looked_up_for_free_and_the_nearest_is_named(
    name: str, hint: str
) -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        info = await found.refusal(model=name, count=3)
    assert (info.code, info.message) == (ErrorCode.NOT_FOUND, f"google has no model '{name}'")
    assert (info.hint or "").startswith(hint)
    assert [heard.method for heard in emulator.heard] == ["GET"]


@pytest.mark.parametrize(
    "name", ["../files/abc", "a/b", "..", "x:generateContent?key=1", "x#y", "é", "x" * 250, "a b"]
)
async def test_a_name_that_would_be_another_address_is_asked_of_nobody(name: str) -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        info = await found.refusal(model=name)
    assert info.code is ErrorCode.NOT_FOUND
    assert emulator.heard == []


@pytest.mark.parametrize(
    ("name", "day", "instead"),
    [
        ("gemini-2.5-flash-image-preview", "on 2026-01-15", NANO),
        ("gemini-3-pro-image-preview", "on 2026-06-25", PRO),
        ("gemini-2.0-flash-preview-image-generation", "in November 2025", NANO),
        ("models/gemini-3.1-flash-image-preview", "on 2026-06-25", NANO),
    ],
)
async def test_a_shut_down_model_says_when_and_what_lives_and_nobody_is_asked(
    name: str, day: str, instead: str
) -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        info = await found.refusal(model=name)
    bare = name.removeprefix("models/")
    assert info.message == f"Google shut down '{bare}' {day}"
    assert (info.code, info.hint) == (ErrorCode.NOT_FOUND, f"use '{instead}'")
    assert asked(emulator) == []


def test_a_reference_that_is_no_image_is_refused_before_anything_else() -> None:
    with pytest.raises(ImagewayError, match="expected an image, got an HTML page"):
        Picture.from_bytes(b"<html><body>this is no picture at all</body></html>")


async def test_a_reference_that_google_cannot_read_says_what_it_takes() -> None:
    whole = picture(size=(64, 64))
    broken = bytearray(whole.bytes)
    broken[41:60] = bytes(19)
    async with lab(GeminiEmulator()) as found:
        bad = Picture.from_bytes(bytes(broken))
        info = await found.refusal(references=[reference(bad)])
    assert info.code is ErrorCode.INVALID_REQUEST
    assert info.message == "google cannot read one of the references"
    assert "Unable to process input image" in (info.vendor_message or "")
    assert info.charged == "no"


async def test_a_reference_of_a_kind_that_google_does_not_take_is_not_sent() -> None:
    emulator = GeminiEmulator()
    out = BytesIO()
    Image.new("P", (16, 16)).save(out, "gif")
    async with lab(emulator) as found:
        info = await found.refusal(references=[reference(Picture.from_bytes(out.getvalue()))])
    assert info.message == "references: picture 1 is image/gif, which is not taken here"
    assert (info.hint, info.param) == ("send PNG, JPEG or WebP", "references")
    assert emulator.heard == []


async def test_too_many_references_are_refused_with_the_number_that_is_taken() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        info = await found.refusal(references=[reference()] * 15)
    assert info.code is ErrorCode.UNSUPPORTED
    assert info.message == f"'{MODEL}' takes at most 14 references, got 15"
    assert emulator.heard == []


async def test_an_aspect_that_the_model_lacks_becomes_the_nearest_and_is_noted() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        result = await found.draw(model=PRO, aspect="1:4")
        notes = found.notes
    assert result.status == "succeeded"
    assert notes == ["aspect 1:4 became 9:16"]
    shape = emulator.heard[0].fields()["generationConfig"]
    assert shape == {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "9:16"}}


async def test_an_aspect_that_the_model_lacks_is_refused_when_strict() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        info = await found.refusal(model=PRO, aspect="1:4", strict=True)
    assert (info.code, info.param) == (ErrorCode.UNSUPPORTED, "aspect")
    assert emulator.heard == []


async def test_a_reference_of_20_mb_goes_through_the_files_api() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        result = await found.draw(references=[reference(heavy(20 << 20))])
    assert result.status == "succeeded"
    paths = [f"{heard.method} {heard.path}" for heard in emulator.heard]
    assert paths == [
        "POST /upload/v1beta/files",
        "POST /upload/v1beta/files",
        f"POST /v1beta/models/{MODEL}:generateContent",
    ]


async def test_a_refused_prompt_is_final_and_told_in_the_vendors_words() -> None:
    async with lab(GeminiEmulator()) as found:
        info = await found.refusal(prompt="something forbidden")
    assert (info.code, info.another_may_cure) == (ErrorCode.REJECTED, False)
    assert "violated Google's Generative AI Prohibited Use policy" in (info.vendor_message or "")
    assert info.hint
    assert is_one_sentence(info)


async def test_a_refused_prompt_takes_no_other_picture_with_it() -> None:
    emulator = GeminiEmulator()
    emulator.script(Fault.REFUSED, after=2)
    async with lab(emulator) as found:
        result = await found.draw(count=4)
    assert (result.status, len(result.images), len(result.failures)) == ("partial", 3, 1)
    assert result.failures[0].error.code is ErrorCode.REJECTED
    assert sum(charge.pictures for charge in emulator.charges) == 3
