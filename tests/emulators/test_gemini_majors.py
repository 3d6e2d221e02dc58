"""The same client's script under both majors of Google's SDK sees the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import JsonValue

from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.serving import serve
from tests.emulators.test_openai_majors import run

SCRIPT = Path(__file__).with_name("gemini_sdk_script.py")
OLDER = "google-genai==1.75.0"
JPEG = "ffd8ff"
WORDS_AND_PICTURE: JsonValue = ["text", JPEG]
STREAM: JsonValue = [[["text"], None], [["text"], None], [[JPEG], None], [["text"], "STOP"]]
SEEN: Mapping[str, JsonValue] = {
    "generate": [WORDS_AND_PICTURE, "STOP", 3 + 88 + 1680 + 180],
    "think": ["(text)", f"({JPEG})", JPEG],
    "edit": WORDS_AND_PICTURE,
    "converse": [WORDS_AND_PICTURE, WORDS_AND_PICTURE],
    "stream": STREAM,
    "stream_without_waiting": STREAM,
    "models": ["models/gemini-nano-banana-2.1", "models/gemini-3.1-flash-image", "True"],
    "look": ["generateContent", "countTokens", "batchGenerateContent"],
    "unknown": ["google.ClientError", 404],
    "imagen_by_the_wrong_method": ["google.ClientError", 404],
    "extra_field": ["google.ClientError", 400],
    "wrong_key": ["google.ClientError", 400],
    "upload": [WORDS_AND_PICTURE, "ACTIVE", 68],
    "location": ["google.ClientError", 400],
    "disabled": ["google.ClientError", 403],
    "limited": ["google.ClientError", 429],
    "no_credits": ["google.ClientError", 429],
    "overloaded": ["google.ServerError", 503],
    "deadline": ["google.ServerError", 504],
    "page": ["google.ServerError", 502],
    "blocked": [[], None, "PROHIBITED_CONTENT"],
    "filtered": [[], "IMAGE_SAFETY", None],
    "no_image": [[], "NO_IMAGE", None],
    "words_only": [["text"], "STOP", None],
    "unknown_reason": [[], "A_NEW_REASON", None],
    "limited_stream": ["google.ClientError", 429],
    "blocked_stream": [[[], None]],
    "told_in_stream": ["google.ServerError", 503],
    "cut": ["httpx2.RemoteProtocolError", None],
    "closed_early": [[["text"], None], [["text"], None]],
}
# The older one brings an older HTTP library along.
SEEN_BY_OLDER: Mapping[str, JsonValue] = {**SEEN, "cut": ["httpx.RemoteProtocolError", None]}
# Eight answers with pictures, three without one that were thought about all the same, and the two
# streams that broke off.
CHARGED = 8 + 3 + 2


async def played(python: str | Path) -> tuple[JsonValue, int]:
    emulator = GeminiEmulator()
    async with serve(emulator) as url:
        seen = json.loads(await run(python, SCRIPT, url))
    return seen, len(emulator.charges)


async def test_the_newer_google_sdk_sees_what_is_documented() -> None:
    assert await played(sys.executable) == (SEEN, CHARGED)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_older_google_sdk_sees_the_same(tmp_path: Path) -> None:
    await run(sys.executable, "-m", "venv", tmp_path)
    python = tmp_path / "bin" / "python"
    await run(python, "-m", "pip", "install", "--quiet", OLDER)
    assert await played(python) == (SEEN_BY_OLDER, CHARGED)
