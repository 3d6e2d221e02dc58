"""How a gallery picture was made: what is taken over, what is left out by name, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from imageway.adapters.civitai.recipe_meta import read_meta
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.powers import Recipe
from imageway.core.request import ImageRequest
from imageway.emulators.civitai_images import FIRST_ID, Shown
from tests.adapters.civitai_stand import Stand, stand

Json = dict[str, JsonValue]
NUMBER = FIRST_ID + 5000

FULL: Json = {
    "prompt": "a lighthouse in fog <lora:lantern:0.7>",
    "negativePrompt": "blurry",
    "seed": 1234567,
    "steps": 28,
    "cfgScale": 6.5,
    "sampler": "DPM++ 2M Karras",
    "Size": "832x1216",
    "civitaiResources": [
        {"type": "checkpoint", "modelVersionId": 128078, "modelVersionName": "v1.0 VAE fix"},
        {"type": "lora", "modelVersionId": 789012, "weight": 0.7},
        {"type": "embed", "modelVersionId": 333},
    ],
}


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


async def recipe(found: Stand, meta: Json | None, **fields: object) -> Recipe:
    shown = Shown(NUMBER, 128078, 101055, "lamplighter", 8, meta)
    found.vendor.gallery.images.append(replace(shown, **fields))  # type: ignore[arg-type]  # fields of Shown, by name
    return await found.adapter.recipe(str(NUMBER))


async def refusal(found: Stand, meta: Json | None, **fields: object) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        await recipe(found, meta, **fields)
    return caught.value.info


async def test_everything_that_this_generator_takes_is_taken_over(found: Stand) -> None:
    told = await recipe(found, FULL)
    assert told == Recipe(
        prompt="a lighthouse in fog <lora:lantern:0.7>",
        model="128078",
        wishes={
            "negative_prompt": "blurry",
            "seed": 1234567,
            "steps": 28,
            "guidance": 6.5,
            "size": "832x1216",
            "extras": {
                "civitai": {
                    "loras": {"789012": 0.7},
                    "embeddings": ["333"],
                    "sampler": "DPM++ 2M Karras",
                }
            },
        },
    )


async def test_a_recipe_can_be_drawn(found: Stand) -> None:
    told = await recipe(found, FULL)
    result = await found.draw(told.prompt, told.model or "", **told.wishes)
    assert result.error is None
    assert found.input["seed"] == 1234567
    assert found.input["cfgScale"] == 6.5
    assert found.input["sampleMethod"] == "dpm++2m"
    assert [*found.input["loras"]] == ["urn:air:sdxl:lora:civitai:123456@789012"]  # type: ignore[misc]  # an object


async def test_the_picture_is_found_whatever_its_level_and_asked_for_flat(found: Stand) -> None:
    await recipe(found, FULL)
    asked = next(heard for heard in found.vendor.heard if heard.path.endswith("/images"))
    assert asked.query == (f"limit=1&imageId={NUMBER}&browsingLevel=31&withMeta=true&flatMeta=true")


async def test_nothing_costs(found: Stand) -> None:
    await recipe(found, FULL)
    assert found.ordered == []
    assert found.vendor.charges == []


async def test_the_address_of_its_page_names_a_picture(found: Stand) -> None:
    told = await found.adapter.recipe(f"https://civitai.com/images/{FIRST_ID + 7}")
    assert told.prompt == f"a lighthouse, number {FIRST_ID + 7}"


@pytest.mark.parametrize("item", ["", "abc", "-5", "1.5", "https://civitai.com/models/5", "5" * 40])
async def test_what_is_no_picture_is_refused_before_asking(found: Stand, item: str) -> None:
    with pytest.raises(ImagewayError) as caught:
        await found.adapter.recipe(item)
    assert (caught.value.info.code, caught.value.info.param) == (
        ErrorCode.INVALID_REQUEST,
        "item",
    )
    assert found.vendor.heard == []


async def test_a_picture_that_is_not_shown_is_not_found(found: Stand) -> None:
    with pytest.raises(ImagewayError, match="not_found"):
        await found.adapter.recipe("5")


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        (None, "hides how"),
        ({}, "hides how"),
        ({"seed": 5}, "did not write down a prompt"),
        ({"prompt": "  "}, "did not write down a prompt"),
        ({"prompt": ["a"]}, "did not write down a prompt"),
        ({"prompt": "a" * 40_000}, "did not write down a prompt"),
    ],
)
async def test_without_a_prompt_there_is_no_recipe(
    found: Stand, meta: Json | None, words: str
) -> None:
    info = await refusal(found, meta)
    assert info.code is ErrorCode.UNSUPPORTED
    assert words in info.message
    assert "requiringMeta" in (info.hint or "")


async def test_a_film_is_no_picture(found: Stand) -> None:
    info = await refusal(found, FULL, kind="video")
    assert (info.code, "'video'" in info.message) == (ErrorCode.UNSUPPORTED, True)


async def test_what_cannot_be_taken_over_is_named(found: Stand) -> None:
    meta: Json = {
        **FULL,
        "seed": -1,
        "steps": 900,
        "Size": "99999x4",
        "cfgScale": "lots",
        "sampler": "DPM adaptive",
        "Clip skip": 2,
        "Hires upscale": "2",
        "civitaiResources": [
            {"type": "checkpoint", "modelVersionId": 128078},
            {"type": "lora", "modelVersionId": 182559, "weight": 1},
            {"type": "lora", "modelVersionId": 99999999},
            {"type": "lora", "modelVersionId": 789012},
        ],
        "resources": [{"name": "lantern", "type": "lora", "weight": 0.7}],
    }
    told = await recipe(found, meta)
    assert told.wishes == {
        "negative_prompt": "blurry",
        "extras": {"civitai": {"loras": {"789012": 1.0}}},
    }
    assert set(told.left_out) == {
        "seed -1",
        "steps 900",
        "size '99999x4'",
        "guidance 'lots'",
        "sampler 'DPM adaptive'",
        "clip_skip",
        "Hires upscale",
        "resource 182559",
        "resource 99999999, of which CivitAI tells nothing",
        "the weight of resource 789012, which is not told",
        "what is told of the resource 'lantern'",
    }


async def test_without_a_checkpoint_nothing_that_hangs_on_it_is_taken(found: Stand) -> None:
    told = await recipe(found, {**FULL, "civitaiResources": []}, versions=(789012,))
    assert told.model is None
    assert "extras" not in told.wishes
    assert {"model", "resource 789012", "sampler 'DPM++ 2M Karras'"} <= set(told.left_out)


async def test_the_versions_of_the_item_serve_where_its_tool_named_none(found: Stand) -> None:
    told = await recipe(found, {"prompt": "fog"}, versions=(789012, 128078))
    assert told.model == "128078"
    assert told.wishes == {"extras": {"civitai": {"loras": {"789012": 1.0}}}}


async def test_a_flood_of_resources_is_not_asked_for(found: Stand) -> None:
    many: list[JsonValue] = [{"modelVersionId": number} for number in range(1, 500)]
    told = await recipe(found, {"prompt": "fog", "civitaiResources": many})
    assert len(found.vendor.heard) <= 14
    assert len(told.left_out) <= 30


ODD_VALUES: list[JsonValue] = [
    None,
    True,
    0,
    -1,
    1e308,
    10**400,
    "",
    "x",
    "\x00",
    [],
    [[]],
    {},
    {"a": {}},
]
KEYS = ["seed", "steps", "cfgScale", "sampler", "Size", "clipSkip", "negativePrompt", "resources"]


@pytest.mark.parametrize("value", ODD_VALUES)
async def test_odd_values_break_nothing(found: Stand, value: JsonValue) -> None:
    meta: Json = {"prompt": "fog", **dict.fromkeys(KEYS, value), "civitaiResources": value}
    if value == 10**400:
        meta = {**meta, "seed": 10**40}
    told = await recipe(found, meta)
    ImageRequest.build({"prompt": told.prompt, "model": told.model, **told.wishes})


Odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*KEYS, "prompt", "CFG scale"]) | st.text(), Odd))
def test_whatever_a_tool_wrote_becomes_wishes_that_can_be_asked(meta: Json) -> None:
    read = read_meta(meta)
    ImageRequest.build({"prompt": read.prompt or "fog", **read.wishes})
