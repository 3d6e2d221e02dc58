"""A vendor that goes down in the middle, a cut answer: nothing is lost or paid twice."""

from __future__ import annotations

from pathlib import Path

import openai
import pytest

from imageway.emulators.faults import Fault
from tests.whole.town import town


async def test_the_second_vendor_is_asked_for_exactly_what_the_first_left_open(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as it:
        it.vendors[0].script(Fault.QUOTA, times=2, after=1)
        result = await it.way.generate("a fox", count=4)
        assert [each.index for each in result.images] == [0, 1, 2, 3]
        assert sorted(each.provider or "" for each in result.images) == ["a", "a", "b", "b"]
        assert (it.asked, it.charged) == ([4, 2], [2, 2])
        assert [note.kind for note in result.notes] == ["fallback"]


async def test_the_sdk_does_not_send_again_what_may_have_been_charged(tmp_path: Path) -> None:
    async with town(tmp_path, retries=2) as it:
        it.vendors[0].script(Fault.HANG_UP, times=None)
        with pytest.raises(openai.APIStatusError) as caught:
            await it.sdk.images.generate(prompt="a fox")
        assert caught.value.status_code == 424
        assert caught.value.code == "outcome_unknown"
        assert caught.value.response.headers["x-should-retry"] == "false"
        assert (it.asked, it.charged) == ([1, 0], [1, 0])


async def test_a_cut_answer_is_unknown_too(tmp_path: Path) -> None:
    async with town(tmp_path, retries=2) as it:
        it.vendors[0].script(Fault.CUT, times=None)
        with pytest.raises(openai.APIStatusError) as caught:
            await it.sdk.images.generate(prompt="a fox")
        assert caught.value.status_code == 424
        assert (it.asked, it.charged) == ([1, 0], [1, 0])


async def test_a_cut_answer_of_local_work_is_asked_again(tmp_path: Path) -> None:
    async with town(tmp_path, vendors=1, cost="local") as it:
        it.vendors[0].script(Fault.CUT)
        answer = await it.sdk.images.generate(prompt="a fox")
        assert len(answer.data or []) == 1
        assert it.asked == [2]


async def test_a_stream_that_is_cut_keeps_what_came_and_says_that_the_rest_is_unknown(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as it:
        it.vendors[0].script(Fault.HANG_UP, after=1)
        kinds: list[str] = []
        said: list[str] = []
        async for event in await it.sdk.images.generate(prompt="a fox", n=2, stream=True):
            kinds.append(event.type)
            said.append(str(event.to_dict().get("code")))
        assert sorted(kinds) == ["image_generation.completed", "image_generation.failed"]
        assert "outcome_unknown" in said
        assert (it.asked, it.charged) == ([2, 0], [2, 0])
