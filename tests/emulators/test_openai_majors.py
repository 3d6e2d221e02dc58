"""The same client's script under both majors of OpenAI's SDK sees the same."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import JsonValue

from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.serving import serve

SCRIPT = Path(__file__).with_name("sdk_script.py")
OLDER = "openai==1.109.1"
SEEN: Mapping[str, JsonValue] = {
    "generate": [["WEBP", "WEBP"], "1536x864", "transparent", 310],
    "stream": [
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
    ],
    "edit": 1,
    "blend": 2,
    "edit_stream": ["image_edit.partial_image", "image_edit.completed"],
    "extra_field": ["openai.BadRequestError", "unknown_parameter"],
    "refused": ["openai.BadRequestError", "moderation_blocked"],
    "retired": ["openai.BadRequestError", "invalid_value"],
    "unknown": ["openai.NotFoundError", "model_not_found"],
    "wrong_key": ["openai.AuthenticationError", "invalid_api_key"],
    "limited": ["openai.RateLimitError", "rate_limit_exceeded"],
    "broken": ["openai.InternalServerError", None],
    "told_in_stream": ["openai.APIError", "image_generation_failed"],
    "cut": ["openai.APIConnectionError", None],
    "models": True,
}
# The older one lets its HTTP library's exception through.
SEEN_BY_OLDER: Mapping[str, JsonValue] = {**SEEN, "cut": ["httpx.RemoteProtocolError", None]}


async def run(program: str | Path, *arguments: str | Path) -> str:
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def played(python: str | Path) -> tuple[JsonValue, int]:
    emulator = OpenAIEmulator()
    async with serve(emulator) as url:
        seen = json.loads(await run(python, SCRIPT, url))
    return seen, len(emulator.charges)


# Charged: what succeeded, and the stream that was cut.
async def test_the_newer_sdk_sees_what_is_documented() -> None:
    assert await played(sys.executable) == (SEEN, 6)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_older_sdk_sees_the_same(tmp_path: Path) -> None:
    await run(sys.executable, "-m", "venv", tmp_path)
    python = tmp_path / "bin" / "python"
    await run(python, "-m", "pip", "install", "--quiet", OLDER)
    assert await played(python) == (SEEN_BY_OLDER, 6)
