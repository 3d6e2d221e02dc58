"""Four are asked, one is refused: three come, and everybody hears why the fourth did not."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import aiohttp
import pytest
from pydantic import BaseModel, JsonValue

from imageway.emulators.faults import Fault
from tests.checkout import ROOT
from tests.whole.town import KEY, Town, town

WORDS = "Your request was rejected by the safety system."


class Beside(BaseModel):
    """What the gateway says beside OpenAI's answer."""

    status: str
    failures: list[dict[str, JsonValue]]


def one_is_refused(it: Town) -> None:
    it.vendors[0].script(Fault.REFUSED, after=1)


def nobody_else_was_asked(it: Town) -> None:
    assert (it.asked, it.charged) == ([4, 0], [3, 0])


async def test_in_the_library(tmp_path: Path) -> None:
    async with town(tmp_path) as it:
        one_is_refused(it)
        result = await it.way.generate("a fox", count=4)
        assert (result.status, len(result.images), len(result.failures)) == ("partial", 3, 1)
        error = result.failures[0].error
        assert (str(error.code), error.origin, error.charged) == ("rejected", "vendor", "no")
        assert WORDS in (error.vendor_message or "")
        assert result.error is None
        nobody_else_was_asked(it)


async def test_in_the_plain_answer_to_the_real_sdk(tmp_path: Path) -> None:
    async with town(tmp_path) as it:
        one_is_refused(it)
        raw = await it.sdk.images.with_raw_response.generate(prompt="a fox", n=4)
        assert raw.headers["x-imageway-status"] == "partial"
        answer = raw.parse()
        assert len(answer.data or []) == 3
        beside = Beside.model_validate((answer.model_extra or {})["imageway"])
        [failure] = beside.failures
        assert (beside.status, failure["code"]) == ("partial", "moderation_blocked")
        assert WORDS in str(failure)
        nobody_else_was_asked(it)


async def test_in_the_stream_to_the_real_sdk(tmp_path: Path) -> None:
    async with town(tmp_path) as it:
        one_is_refused(it)
        kinds: list[str] = []
        said = ""
        async for event in await it.sdk.images.generate(prompt="a fox", n=4, stream=True):
            kinds.append(event.type)
            said += "" if event.type == "image_generation.completed" else event.to_json()
        assert sorted(kinds) == [*["image_generation.completed"] * 3, "image_generation.failed"]
        assert WORDS in said
        nobody_else_was_asked(it)


@pytest.mark.slow
async def test_on_the_command_line(tmp_path: Path) -> None:
    async with town(tmp_path) as it:
        one_is_refused(it)
        command = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "imageway", "generate", "a fox", "-n", "4", "--json"],
            *["--config", str(it.file), "-o", str(tmp_path / "out")],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "KEY": KEY, "PYTHONPATH": str(ROOT)},
        )
        out, err = await command.communicate()
        assert command.returncode == 3
        assert len(list((tmp_path / "out").iterdir())) == 3
        assert json.loads(out)["status"] == "partial"
        assert WORDS in err.decode()
        nobody_else_was_asked(it)


async def test_the_status_line_says_partial_to_whoever_sees_nothing_else(tmp_path: Path) -> None:
    async with town(tmp_path) as it, aiohttp.ClientSession() as session:
        one_is_refused(it)
        body = {"prompt": "a fox", "n": 4}
        async with session.post(f"{it.url}/v1/images/generations", json=body) as answer:
            assert (answer.status, answer.headers["x-imageway-status"]) == (200, "partial")
