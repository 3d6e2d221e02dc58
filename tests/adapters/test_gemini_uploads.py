"""Large references: brought through the Files API once, named by every part that needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from imageway.adapters.gemini import inputs
from imageway.core.errors import ErrorCode
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from tests.adapters.gemini_lab import TWICE, Lab, asked, at, bench, heavy, lab, picture, reference
from tests.loopback import Loopback, loopback

LARGE = heavy(9 << 20)
OTHER = heavy((9 << 20) + 1)


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def beside(site: Loopback) -> AsyncIterator[Lab]:
    async with bench(site.url) as found:
        yield found


async def test_of_two_large_references_one_goes_inside_and_one_by_name() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        result = await found.draw(references=[reference(OTHER), reference(LARGE), reference()])
    assert result.status == "succeeded"
    [stored] = emulator.files.kept.values()
    assert sha256(stored.content).digest() == sha256(OTHER.bytes).digest()
    [call] = asked(emulator)
    parts = at(call.fields(), "contents", 0, "parts")
    assert isinstance(parts, list)
    kinds = [str(part)[2:].partition("'")[0] for part in parts]
    assert kinds == ["fileData", "inlineData", "inlineData", "text"]


async def test_several_parts_of_a_request_bring_a_picture_once() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        result = await found.draw(count=3, references=[reference(LARGE), reference(OTHER)])
        again = await found.draw(references=[reference(LARGE), reference(OTHER)])
    assert (result.status, again.status) == ("succeeded", "succeeded")
    assert len(emulator.files.kept) == 1
    assert len(asked(emulator)) == 4


async def test_a_file_that_is_looked_through_is_waited_for() -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts(files_are_slow=True)
    async with lab(emulator) as found:
        found.adapter._http._sleep = _at_once  # pyright: ignore[reportPrivateUsage]: no test waits
        result = await found.draw(references=[reference(LARGE), reference(OTHER)])
    assert result.status == "succeeded"
    assert [each.method for each in emulator.heard].count("GET") == 2


async def _at_once(seconds: float) -> None:
    return None


async def test_a_file_that_is_gone_is_brought_anew_with_the_next_attempt() -> None:
    emulator = GeminiEmulator()
    pictures = [reference(LARGE), reference(OTHER)]
    async with lab(emulator) as found:
        found.policies = TWICE
        await found.draw(references=pictures)
        emulator.files.clear()
        result = await found.draw(references=pictures)
    assert result.status == "succeeded"
    assert [note.kind for note in result.notes if note.kind == "retried"] == ["retried"]
    assert len(emulator.charges) == 2


async def test_the_key_is_not_sent_with_the_bytes() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        await found.draw(references=[reference(LARGE), reference(OTHER)])
    begun, finished = emulator.heard[:2]
    assert begun.header("x-goog-api-key") == "sk-emulated"
    assert finished.header("x-goog-api-key") is None
    assert begun.header("X-Goog-Upload-Header-Content-Type") == "image/png"


@pytest.mark.parametrize("url", ["", "http://elsewhere.example/upload", "http://[", "/upload"])
async def test_a_picture_goes_to_nobody_but_who_was_asked(
    site: Loopback, beside: Lab, url: str
) -> None:
    site.answers(body=b"{}", X_Goog_Upload_URL=url)
    info = await beside.refusal(references=[reference(LARGE), reference(OTHER)])
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "no")
    assert info.message == "google names no place of its own for an upload"
    assert len(site.heard) == 1


async def test_an_upload_that_is_refused_is_explained_and_free(site: Loopback, beside: Lab) -> None:
    site.answers(403, b'{"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}}')
    info = await beside.refusal(references=[reference(LARGE), reference(OTHER)])
    assert (info.code, info.charged, info.vendor_message) == (ErrorCode.FORBIDDEN, "no", "no")


async def test_an_upload_answered_with_nonsense_is_a_bad_answer(
    site: Loopback, beside: Lab
) -> None:
    site.answers(body=b"{}", X_Goog_Upload_URL=f"{site.url}/upload")
    info = await beside.refusal(references=[reference(LARGE), reference(OTHER)])
    assert info.message == "google answered an upload in a way that cannot be read"


async def test_a_file_that_google_cannot_take_is_a_bad_answer(site: Loopback, beside: Lab) -> None:
    site.answers(body=b"{}", X_Goog_Upload_URL=f"{site.url}/upload")
    site.answers(body=b'{"file": {"name": "files/a", "uri": "x", "state": "PROCESSING"}}')
    site.answers(body=b'{"name": "files/a", "uri": "x", "state": "FAILED"}')
    info = await beside.refusal(references=[reference(LARGE), reference(OTHER)])
    assert info.message == "google could not take an uploaded reference"


async def test_vertex_has_no_files_and_says_what_is_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inputs, "MOST_INLINE_ON_VERTEX", 10 << 20)
    emulator = GeminiEmulator()
    async with lab(emulator, vertex={}) as found:
        info = await found.refusal(references=[reference(LARGE), reference(OTHER)])
        result = await found.draw(references=[reference(LARGE), reference(picture())])
    assert (info.code, info.param) == (ErrorCode.TOO_LARGE, "references")
    assert result.status == "succeeded"
