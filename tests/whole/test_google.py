"""Google through the whole: three of four everywhere, the first before the second, two stay."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from imageway.core.events import ImageFailed, ImageReady
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from tests.checkout import ROOT
from tests.whole.google import KEY, Google, google
from tests.whole.test_three_of_four import Beside

WORDS = "violated Google's Generative AI Prohibited Use policy"


def call_three_is_refused() -> GeminiEmulator:
    vendor = GeminiEmulator()
    vendor.script(Fault.REFUSED, after=2)
    return vendor


async def test_google_three_of_four_in_the_library(tmp_path: Path) -> None:
    async with google(tmp_path, call_three_is_refused()) as it:
        result = await it.way.generate("a fox", count=4)
    assert (result.status, len(result.images), len(result.failures)) == ("partial", 3, 1)
    error = result.failures[0].error
    assert (error.code, error.vendor_code) == ("rejected", "IMAGE_SAFETY")
    assert WORDS in (error.vendor_message or "")
    assert it.paid == 3


async def test_google_three_of_four_in_the_plain_answer(tmp_path: Path) -> None:
    async with google(tmp_path, call_three_is_refused()) as it:
        raw = await it.sdk.images.with_raw_response.generate(prompt="a fox", n=4)
    answer = raw.parse()
    assert (raw.headers["x-imageway-status"], len(answer.data or [])) == ("partial", 3)
    beside = Beside.model_validate((answer.model_extra or {})["imageway"])
    assert (beside.status, len(beside.failures)) == ("partial", 1)
    assert WORDS in str(beside.failures)
    assert it.paid == 3


async def test_google_three_of_four_in_the_stream(tmp_path: Path) -> None:
    async with google(tmp_path, call_three_is_refused()) as it:
        kinds, said = await streamed(it, 4)
    assert sorted(kinds) == [*["image_generation.completed"] * 3, "image_generation.failed"]
    assert WORDS in said
    assert it.paid == 3


async def streamed(it: Google, count: int) -> tuple[list[str], str]:
    kinds: list[str] = []
    said = ""
    async for event in await it.sdk.images.generate(prompt="a fox", n=count, stream=True):
        kinds.append(event.type)
        said += "" if event.type == "image_generation.completed" else event.to_json()
    return kinds, said


@pytest.mark.slow
async def test_google_three_of_four_on_the_command_line(tmp_path: Path) -> None:
    async with google(tmp_path, call_three_is_refused()) as it:
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
    assert it.paid == 3


class HeldBack:
    """Sleeps of an emulator of which the second lasts until somebody wakes it."""

    def __init__(self) -> None:
        self.asked = 0
        self.waking = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.asked += 1
        if self.asked == 2:
            await self.waking.wait()


async def test_the_first_picture_is_seen_while_google_holds_the_second_back(
    tmp_path: Path,
) -> None:
    held = HeldBack()
    vendor = GeminiEmulator(sleep=held.sleep)
    async with google(tmp_path, vendor) as it:
        events = await it.sdk.images.generate(prompt="a fox", n=2, stream=True)
        coming = aiter(events)
        first = await anext(coming)
        assert first.type == "image_generation.completed"
        assert (held.asked, held.waking.is_set()) == (2, False)
        held.waking.set()
        second = await anext(coming)
        assert second.type == "image_generation.completed"
    assert first.b64_json


@pytest.mark.parametrize("fault", [Fault.HANG_UP, Fault.CUT])
async def test_two_pictures_stay_when_the_connection_of_the_third_dies(
    tmp_path: Path, fault: Fault
) -> None:
    vendor = GeminiEmulator()
    vendor.script(fault, after=2)
    async with google(tmp_path, vendor) as it:
        kinds, said = await streamed(it, 3)
        assert sorted(kinds) == [*["image_generation.completed"] * 2, "image_generation.failed"]
        assert "outcome_unknown" in said
        assert len(vendor.heard) == 3


async def test_two_pictures_stay_when_the_stream_of_the_third_dies_behind_a_draft(
    tmp_path: Path,
) -> None:
    vendor = GeminiEmulator()
    vendor.facts = Facts(thought_pictures=1)
    vendor.script(Fault.CUT, after=2, after_events=2)
    async with (
        google(tmp_path, vendor) as it,
        it.way.stream("a fox", count=3, previews=1) as events,
    ):
        heard = [event async for event in events]
    ready = [event for event in heard if isinstance(event, ImageReady)]
    failed = [event for event in heard if isinstance(event, ImageFailed)]
    assert (len(ready), len(failed)) == (2, 1)
    assert failed[0].error.code == "outcome_unknown"
    assert len(vendor.heard) == 3
