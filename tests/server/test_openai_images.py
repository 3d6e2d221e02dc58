"""The two routes: what a good request brings, and what happens when its client leaves."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from openai.types import ImagesResponse

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.server.lab import EDITS, GENERATIONS, Json, Lab, lab, picture, png


class Held:
    """An adapter's play that waits before the last picture, and hears when it is ended."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()
        self.ended = asyncio.Event()

    async def __call__(self, request: ImageRequest, run: Run) -> None:
        for _ in range(request.count - 1):
            run.image(picture())
        self.entered.set()
        try:
            await self.go_on.wait()
        finally:
            self.ended.set()
        run.image(picture())


async def until_idle(it: Lab) -> None:
    """Ask until no job runs and no stream is open; the caller bounds the time."""
    idle = (b"\nimageway_streams_open 0.0", b"\nimageway_jobs_running 0.0")
    text = b""
    while not all(line in text for line in idle):
        text = (await it.ask("/metrics")).body


async def test_two_pictures_of_one_request(it: Lab) -> None:
    answer = await it.draw(n=2, response_format="b64_json", size="auto", quality="standard")
    ImagesResponse.model_validate(answer.json)
    assert answer.status == 200
    assert [item["index"] for item in answer.data] == [0, 1]
    assert all(item["b64_json"] == picture().base64 for item in answer.data)
    assert answer.headers["x-imageway-status"] == "succeeded"
    assert answer.beside["provider"] == "lab"


async def test_the_words_of_openai_reach_the_adapter_as_ours(it: Lab) -> None:
    await it.draw(n=2, size="512x256", quality="hd", output_format="webp", seed=7, cfg_scale=4)
    asked = it.adapter.asked[0]
    assert (asked.count, str(asked.size), asked.quality) == (2, "512x256", "high")
    assert (asked.format, asked.seed, asked.guidance) == ("webp", 7, 4.0)


async def test_a_base_url_that_ends_in_a_slash_works(it: Lab) -> None:
    answer = await it.ask("/v1//images/generations", {"prompt": "x"})
    assert answer.status == 200


async def test_an_edit_takes_a_form_with_several_pictures_and_a_mask(it: Lab) -> None:
    form = aiohttp.FormData({"prompt": "blend", "n": "2", "size": "64x64", "seed": "3"})
    for colour in ("red", "green"):
        form.add_field("image[]", png(colour), filename="upload")
    form.add_field("mask", png("blue"), filename="m.png", content_type="image/png")
    answer = await it.ask(EDITS, form)
    assert answer.status == 200
    asked = it.adapter.asked[0]
    assert [each.picture.bytes for each in asked.references] == [png("red"), png("green")]
    assert asked.mask is not None
    assert (asked.count, asked.seed) == (2, 3)


async def test_an_edit_takes_json_with_data_urls(it: Lab) -> None:
    url = f"data:image/png;base64,{picture().base64}"
    answer = await it.ask(EDITS, {"prompt": "x", "images": [{"image_url": url}], "mask": url})
    assert answer.status == 200
    assert it.adapter.asked[0].references[0].picture.bytes == png()


async def test_an_edit_without_a_picture_names_the_field(it: Lab) -> None:
    answer = await it.ask(EDITS, {"prompt": "x"})
    assert (answer.status, answer.error["param"]) == (400, "image")


async def test_partial_success_is_200_with_what_came(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="refused", vendor_code="SAFETY"), 0)
        run.image(picture(), 1)

    it.adapter.play = play
    answer = await it.draw(n=2)
    assert (answer.status, answer.headers["x-imageway-status"]) == (200, "partial")
    assert [item["index"] for item in answer.data] == [1]
    failures = answer.beside["failures"]
    assert isinstance(failures, list)
    assert isinstance(failures[0], dict)
    assert failures[0]["index"] == 0
    assert failures[0]["code"] == "moderation_blocked"
    assert failures[0]["vendor_code"] == "SAFETY"


async def test_nothing_is_an_error_with_every_failure_beside_it(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(
            ErrorCode.RATE_LIMITED, "too many pictures", hint="wait", retry_after=3.2
        )

    it.adapter.play = play
    answer = await it.draw(n=2)
    assert answer.status == 429
    assert answer.reason == "too many pictures; wait"
    assert answer.headers["Retry-After"] == "4"
    assert answer.headers["x-should-retry"] == "true"
    assert answer.error["provider"] == "lab"
    assert answer.error["request_id"] == answer.headers["X-Request-Id"]
    beside = answer.error["imageway"]
    assert isinstance(beside, dict)
    assert isinstance(beside["failures"], list)
    assert len(beside["failures"]) == 2


async def test_a_lost_paid_call_is_424_and_never_sent_again(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(ErrorCode.OUTCOME_UNKNOWN, "the answer was lost", charged="maybe")

    it.adapter.play = play
    answer = await it.draw()
    assert (answer.status, answer.error["code"]) == (424, "outcome_unknown")
    assert answer.headers["x-should-retry"] == "false"


async def test_an_adapters_bug_is_a_500_and_disturbs_nobody(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ValueError("boom")

    good = it.adapter.play
    it.adapter.play = play
    assert (await it.draw()).status == 500
    it.adapter.play = good
    assert (await it.draw()).status == 200


@pytest.mark.parametrize("streams", [False, True])
async def test_a_client_that_leaves_frees_everything_within_a_second(
    it: Lab, streams: bool
) -> None:
    it.adapter.play = held = Held()
    body = {"prompt": "x", "n": 2, "stream": streams}
    asking = asyncio.create_task(it.session.post(it.url + GENERATIONS, json=body))
    await held.entered.wait()
    if streams:
        (await asking).close()
    asking.cancel()
    async with asyncio.timeout(1):
        await held.ended.wait()
        await until_idle(it)


async def test_a_key_may_use_only_its_own_models() -> None:
    keys = {"family": {"token": {"env": "FAMILY"}, "allow": ["default"]}}
    async with lab(keys=keys, environment={"FAMILY": "iw-secret"}) as it:
        body: Json = {"prompt": "x", "model": "lab/one"}
        answer = await it.ask(GENERATIONS, body, Authorization="Bearer iw-secret")
        assert (answer.status, answer.error["code"]) == (403, "model_not_allowed")
        assert answer.error["param"] == "model"
        assert "'default'" in str(answer.error["message"])
        assert it.adapter.asked == []


async def test_an_unknown_model_is_404_with_near_names(it: Lab) -> None:
    answer = await it.draw(model="defualt")
    assert (answer.status, answer.error["code"]) == (404, "model_not_found")
    assert answer.error["param"] == "model"
    assert "'default'" in str(answer.error["message"])


async def test_a_provider_without_its_key_is_503_and_says_what_to_set(it: Lab) -> None:
    answer = await it.draw(model="bought")
    assert answer.status == 503
    assert "SHOP_TOKEN" in answer.reason


async def test_no_new_work_begins_while_the_gateway_ends(it: Lab) -> None:
    it.gateway.draining = True
    answer = await it.draw()
    assert (answer.status, answer.headers["x-should-retry"]) == (503, "true")
    assert answer.headers["Retry-After"] == "5"
