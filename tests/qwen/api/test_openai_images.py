"""The alias as OpenAI's own SDK uses it, and what it says beyond."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncGenerator

import openai
import pytest
from openai import AsyncOpenAI

from imageway.core.picture import Picture
from tests.qwen.lab import SMALL, Json, Lab, lab

PATH = "/v1/images/generations"


@pytest.fixture
async def sdk(it: Lab) -> AsyncGenerator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=0) as client:
        yield client


def picture(data: str | None) -> Picture:
    return Picture.from_bytes(b64decode(data or ""))


async def test_acceptance_13_a_picture(it: Lab, sdk: AsyncOpenAI) -> None:
    answer = await sdk.images.generate(prompt="a red fox", size="auto")
    assert answer.data is not None
    assert (picture(answer.data[0].b64_json).width, answer.output_format) == (
        SMALL["1:1"][0],
        "png",
    )


async def test_sizes_of_openai_are_made_as_asked(it: Lab, sdk: AsyncOpenAI) -> None:
    answer = await sdk.images.generate(
        prompt="a red fox", size="1024x1536", quality="low", output_format="webp"
    )
    assert answer.data is not None
    found = picture(answer.data[0].b64_json)
    assert (found.width, found.height, found.format) == (1024, 1536, "webp")


async def test_several_pictures_have_seeds_that_follow_each_other(
    it: Lab, sdk: AsyncOpenAI
) -> None:
    answer = await sdk.images.generate(prompt="a red fox", n=3, extra_body={"seed": 7})
    assert answer.data is not None
    assert len({item.b64_json for item in answer.data}) == 3
    assert [task.seed for task in it.engine.tasks] == [7, 8, 9]


async def test_without_a_seed_it_is_another_each_time(it: Lab, sdk: AsyncOpenAI) -> None:
    await sdk.images.generate(prompt="a red fox")
    await sdk.images.generate(prompt="a red fox")
    first, second = it.engine.tasks
    assert first.seed != second.seed


@pytest.mark.parametrize(
    ("quality", "steps"), [("low", 20), ("medium", 35), ("high", 50), ("auto", 50), (None, 50)]
)
async def test_quality_is_a_number_of_steps(it: Lab, quality: str | None, steps: int) -> None:
    assert (await it.ask("POST", PATH, {"prompt": "x", "quality": quality})).status == 200
    assert it.engine.tasks[0].steps == steps


async def test_the_engines_own_words_reach_it(it: Lab) -> None:
    body: Json = {
        "prompt": "x",
        "negative_prompt": "rain",
        "num_inference_steps": 33,
        "true_cfg_scale": 2.5,
        "seed": 5,
        "user": "somebody",
    }
    answer = await it.ask("POST", PATH, body)
    task = it.engine.tasks[0]
    assert (task.negative_prompt, task.steps, task.guidance, task.seed) == ("rain", 33, 2.5, 5)
    assert answer.headers["X-Ignored-Fields"] == "user"


async def test_a_link_leads_to_the_picture(it: Lab, sdk: AsyncOpenAI) -> None:
    answer = await sdk.images.generate(prompt="a red fox", response_format="url")
    assert answer.data is not None
    link = str(answer.data[0].url)
    assert link.startswith(it.url)
    assert (await it.get(link.removeprefix(it.url))).picture.format == "png"


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"prompt": ""}, "1001", "prompt"),
        ({"prompt": "x" * 513}, "1002", "prompt"),
        ({"model": "dall-e-9"}, "2904", "model"),
        ({"model": ["imageway-demo"]}, "2904", "model"),
        ({"n": 0}, "2904", "n"),
        ({"n": 5}, "2904", "n"),
        ({"n": True}, "2904", "n"),
        ({"size": "1000x1000"}, "1003", "size"),
        ({"size": "1664x1664"}, "1003", "size"),
        ({"size": "240x256"}, "1003", "size"),
        ({"size": "large"}, "1003", "size"),
        ({"size": 1024}, "1003", "size"),
        ({"size": "99999999x16"}, "1003", "size"),
        ({"quality": "best"}, "2904", "quality"),
        ({"output_format": "gif"}, "2904", "output_format"),
        ({"response_format": "xml"}, "2904", "response_format"),
        ({"stream": "yes"}, "2904", "stream"),
        ({"partial_images": 4}, "2904", "partial_images"),
        ({"num_inference_steps": 4}, "2001", "num_inference_steps"),
        ({"true_cfg_scale": 0}, "2002", "true_cfg_scale"),
        ({"seed": 1.5}, "2903", "seed"),
        ({"negative_prompt": 1}, "1904", "negative_prompt"),
    ],
    ids=repr,
)
async def test_a_wrong_field_is_named_in_openais_shape(
    it: Lab, fields: Json, code: str, param: str
) -> None:
    answer = await it.ask("POST", PATH, {"prompt": "x", **fields})
    error = answer.json["error"]
    assert isinstance(error, dict)
    assert answer.status == 400
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", code, param)
    assert error["message"]
    assert it.engine.tasks == []


@pytest.mark.parametrize("model", ["imageway-demo", "qwen-image-2512", None])
async def test_its_model_is_known_by_its_names(it: Lab, model: str | None) -> None:
    assert (await it.ask("POST", PATH, {"prompt": "x", "model": model})).status == 200


async def test_acceptance_13_the_sdk_raises_what_it_raises_for_openai(
    it: Lab, sdk: AsyncOpenAI
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.images.generate(prompt=" ")
    assert (caught.value.code, caught.value.param) == ("1001", "prompt")
    it.engine.fails("internal")
    with pytest.raises(openai.InternalServerError) as broken:
        await sdk.images.generate(prompt="x")
    assert broken.value.code == "4001"


async def test_the_sdk_comes_back_when_the_model_is_loaded() -> None:
    async with (
        lab(opens=False) as it,
        AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=0) as client,
    ):
        with pytest.raises(openai.InternalServerError) as caught:
            await client.images.generate(prompt="x")
        assert caught.value.code == "3001"
        assert int(caught.value.response.headers["Retry-After"]) >= 1
        it.engine.release()
        await it.opening
        assert (await client.images.generate(prompt="x")).data


async def test_the_sdk_never_has_a_failed_generation_made_again(it: Lab) -> None:
    it.engine.fails("internal")
    async with AsyncOpenAI(api_key="any", base_url=f"{it.url}/v1", max_retries=2) as client:
        with pytest.raises(openai.InternalServerError):
            await client.images.generate(prompt="x")
    assert len(it.engine.tasks) == 1


async def test_pictures_that_came_are_not_lost_with_one_that_did_not(it: Lab) -> None:
    it.engine.fails("internal", step=1)
    answer = await it.ask("POST", PATH, {"prompt": "x", "n": 2, "seed": 7})
    told = answer.json
    assert answer.status == 200
    assert isinstance(told["data"], list)
    assert len(told["data"]) == 1
    beside = told["imageway"]
    assert isinstance(beside, dict)
    [failure] = beside["failures"] if isinstance(beside["failures"], list) else []
    assert isinstance(failure, dict)
    assert (failure["index"], failure["code"]) == (0, 4001)


async def test_all_are_let_in_or_none() -> None:
    async with lab(queue_depth=2) as it:
        hold = it.engine.hold()
        first = await it.submit()
        await hold.until_reached()
        answer = await it.ask("POST", PATH, {"prompt": "x", "n": 3})
        assert answer.status == 503
        assert len(it.service.line) == 0
        hold.go.set()
        await it.ended(first)
        assert (await it.ask("POST", PATH, {"prompt": "x", "n": 3})).status == 200


async def test_edits_are_not_what_this_model_does(it: Lab) -> None:
    answer = await it.ask("POST", "/v1/images/edits", {"prompt": "x"})
    error = answer.json["error"]
    assert isinstance(error, dict)
    assert (answer.status, error["code"]) == (404, "unsupported")


async def test_models(it: Lab, sdk: AsyncOpenAI) -> None:
    assert [model.id for model in (await sdk.models.list()).data] == ["imageway-demo"]
    assert (await sdk.models.retrieve("qwen-image-2512")).id == "qwen-image-2512"
    with pytest.raises(openai.NotFoundError):
        await sdk.models.retrieve("dall-e-9")
