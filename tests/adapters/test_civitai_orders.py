"""What is ordered at CivitAI: engines by family, networks with weights, samplers, seeds, sizes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from imageway.adapters.civitai import CivitaiConfig
from imageway.adapters.civitai.engines import FLUX1, SDXL, TEXT_TO_IMAGE, engine_for
from imageway.adapters.civitai.engines import SD1 as SD1_ENGINE
from imageway.adapters.civitai.extras import Extras
from imageway.adapters.civitai.samplers import Sampling, sampling
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.options import Option
from imageway.core.size import Size
from tests.adapters.civitai_stand import Stand, stand
from tests.checkout import ROOT, text

SD1 = "urn:air:sd1:checkpoint:civitai:4384@128713"
FLUX = "urn:air:flux1:checkpoint:civitai:618692@691639"
SD3 = "urn:air:sd3:checkpoint:civitai:878387@983309"
LORA = "urn:air:sdxl:lora:civitai:123456@789012"
VAE = "urn:air:sdxl:vae:civitai:223@334"
EMBEDDING = "urn:air:sdxl:embedding:civitai:222@333"


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


@pytest.mark.parametrize(
    ("model", "engine", "edge"),
    [
        ("128078", ("sdcpp", "sdxl", "model"), 1024),
        (SD1, ("sdcpp", "sd1", "model"), 512),
        (FLUX, ("sdcpp", "flux1", "diffuserModel"), 1024),
    ],
)
async def test_a_family_has_its_engine_and_its_usual_size(
    found: Stand, model: str, engine: tuple[str, str, str], edge: int
) -> None:
    assert (await found.draw(model=model)).status == "succeeded"
    name, family, field = engine
    assert (found.input["engine"], found.input["ecosystem"]) == (name, family)
    assert field in found.input
    assert (found.input["width"], found.input["height"]) == (edge, edge)


async def test_a_family_without_an_engine_of_its_own_is_drawn_by_text_to_image(
    found: Stand,
) -> None:
    assert (await found.draw(model=SD3)).status == "succeeded"
    assert "engine" not in found.input
    assert found.input["cfgScale"] == 7.5
    assert found.notes[0].startswith("nothing is known of 'urn:air:sd3:checkpoint")


async def test_every_wish_reaches_the_step(found: Stand) -> None:
    await found.draw(
        count=3,
        size=Size(832, 1216),
        seed=7,
        steps=12,
        guidance=5.5,
        negative_prompt="fog",
        format="webp",
    )
    told = {
        "prompt": "a lighthouse",
        "negativePrompt": "fog",
        "width": 832,
        "height": 1216,
        "seed": 7,
        "steps": 12,
        "cfgScale": 5.5,
        "quantity": 3,
        "outputFormat": "webP",
    }
    assert {name: found.input[name] for name in told} == told


async def test_a_checkpoint_with_all_its_networks_is_ordered_with_their_weights(
    found: Stand,
) -> None:
    extras = {"loras": {"789012": 0.8}, "embeddings": [333], "vae": "334"}
    await found.draw(extras={"civitai": extras})
    assert found.input["loras"] == {LORA: 0.8}
    assert found.input["embeddings"] == [EMBEDDING]
    assert found.input["vaeModel"] == VAE


@pytest.mark.parametrize("loras", [LORA, [LORA], [789012], {LORA: 1}, "789012"])
async def test_a_lora_may_be_named_in_any_way(found: Stand, loras: object) -> None:
    await found.draw(extras={"civitai": {"loras": loras}})
    assert found.input["loras"] == {LORA: 1.0}


async def test_text_to_image_is_told_its_networks_in_its_own_shape(found: Stand) -> None:
    extras = {
        "engine": "textToImage",
        "loras": {LORA: 0.5},
        "embeddings": [EMBEDDING],
        "sampler": "Euler a",
        "clip_skip": 2,
    }
    await found.draw(extras={"civitai": extras})
    assert found.input["additionalNetworks"] == {
        LORA: {"strength": 0.5, "type": "Lora"},
        EMBEDDING: {"type": "TextualInversion"},
    }
    assert (found.input["scheduler"], found.input["clipSkip"]) == ("eulerA", 2)


async def test_flux_may_be_told_its_parts(found: Stand) -> None:
    parts = {"vae": "urn:air:flux1:vae:civitai:1@2", "clip_l": "urn:air:flux1:clip:civitai:3@4"}
    async with stand(early_access="off") as unasked:
        await unasked.draw(model=FLUX, extras={"civitai": parts})
        assert unasked.input["clipLModel"] == "urn:air:flux1:clip:civitai:3@4"
        assert unasked.input["vaeModel"] == "urn:air:flux1:vae:civitai:1@2"


async def test_the_sites_own_air_is_ordered_and_a_named_file_is_kept(found: Stand) -> None:
    await found.draw(model="urn:air:pony:checkpoint:civitai:257749@290640+55")
    assert found.input["model"] == "urn:air:sdxl:checkpoint:civitai:257749@290640+55"


async def test_a_model_without_a_version_is_its_newest(found: Stand) -> None:
    await found.draw(model="https://civitai.com/models/123457", extras={})
    assert found.ordered == []


async def test_the_newest_version_of_a_page_is_drawn_with(found: Stand) -> None:
    await found.draw(model="https://civitai.com/models/101055/sd-xl")
    assert found.input["model"] == "urn:air:sdxl:checkpoint:civitai:101055@128078"


async def test_each_picture_of_a_batch_says_its_own_seed(found: Stand) -> None:
    result = await found.draw(count=3, seed=41)
    assert [image.picture.seed for image in result.images] == [41, 42, 43]


async def test_without_a_seed_one_is_drawn_and_told(found: Stand) -> None:
    result = await found.draw()
    assert result.images[0].picture.seed == found.input["seed"]


async def test_a_seed_beyond_the_vendors_range_is_fitted_with_a_note(found: Stand) -> None:
    await found.draw(seed=2**40)
    assert found.input["seed"] == 2**32 - 101
    assert found.notes


async def test_more_than_a_batch_goes_in_two(found: Stand) -> None:
    result = await found.draw(count=13, seed=5)
    assert len(result.images) == 13
    assert sorted(image.picture.seed or 0 for image in result.images) == list(range(5, 18))
    assert len(found.ordered) == 2


async def test_a_size_off_the_grid_is_fitted(found: Stand) -> None:
    await found.draw(size=Size(1000, 700))
    assert (found.input["width"], found.input["height"]) == (992, 704)
    assert found.notes == ["size 1000x700 became 992x704"]


async def test_wallets_and_mature_content_are_said(found: Stand) -> None:
    await found.draw(extras={"civitai": {"currencies": ["yellow"], "allow_mature": True}})
    body = found.ordered[-1].fields()
    assert (body["currencies"], body["allowMatureContent"]) == (["yellow"], True)


async def test_what_is_said_to_the_provider_by_its_name_counts(found: Stand) -> None:
    found.name = "mine"
    await found.draw(extras={"mine": {"sampler": "heun"}, "civitai": {"sampler": "lcm"}})
    assert found.input["sampleMethod"] == "heun"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("euler_a", Sampling("euler_a")),
        ("Euler a", Sampling("euler_a")),
        ("eulerA", Sampling("euler_a")),
        ("DPM++ 2M", Sampling("dpm++2m")),
        ("DPM++ 2M Karras", Sampling("dpm++2m", "karras")),
        ("dpm2m", Sampling("dpm++2m")),
        ("dpm2", Sampling("dpm2")),
    ],
)
def test_a_sampler_may_be_spelled_as_people_do(name: str, told: Sampling) -> None:
    assert sampling(SDXL, name, None, "civitai") == told


def test_a_sampler_of_text_to_image_names_its_schedule() -> None:
    found = sampling(TEXT_TO_IMAGE, "DPM++ 2M Karras", None, "civitai")
    assert found == Sampling("dpM2MKarras")


def test_a_schedule_where_there_is_none_is_refused() -> None:
    with pytest.raises(ImagewayError, match="no schedules of their own"):
        sampling(TEXT_TO_IMAGE, None, "karras", "civitai")


def test_an_engine_is_found_by_family_and_name() -> None:
    assert engine_for("flux1") is FLUX1
    assert engine_for("sdxl", "textToImage") is TEXT_TO_IMAGE
    assert engine_for("qwen") is TEXT_TO_IMAGE
    assert engine_for("qwen", "sdcpp") is None


async def test_an_engine_that_does_not_draw_the_family_is_refused(found: Stand) -> None:
    error = await found.refusal(model=SD3, extras={"civitai": {"engine": "sdcpp"}})
    assert (error.code, error.param) == (ErrorCode.INVALID_REQUEST, "civitai.engine")


@pytest.mark.parametrize(
    ("model", "known", "batch"),
    [("128078", True, 12), (FLUX, True, 4), (SD3, False, 12), ("nonsense", False, 1)],
)
async def test_a_model_is_described_by_its_family(
    found: Stand, model: str, known: bool, batch: int
) -> None:
    can = await found.adapter.describe(model)
    assert (can.known, can.images_per_call) == (known, batch)


async def test_the_claims_are_those_of_the_documents(found: Stand) -> None:
    can = await found.adapter.describe(FLUX)
    bounds: Mapping[Option, object] = can.allowed
    assert str(bounds[Option.STEPS]) == "from 4 to 50"
    assert can.sizes.fit(Size(512, 512)) == Size(832, 832)


def test_the_page_tells_the_limits_of_every_engine() -> None:
    page = text(ROOT / "adapters" / "civitai" / "README.md")
    for engine in (SD1_ENGINE, SDXL, FLUX1, TEXT_TO_IMAGE):
        rule = engine.sizes
        sizes = f"{rule.least_edge} to {rule.most_edge} in steps of {rule.multiple_of}"
        steps, guidance = (
            f"{bounds.least:g} to {bounds.most:g}" for bounds in (engine.steps, engine.guidance)
        )
        row = f"{sizes}, usually {rule.usual} | {steps} | {guidance} | {engine.quantity} |"
        assert f"| `{engine.name}` | {row}" in page


def test_the_page_tells_every_extra_and_every_key() -> None:
    page = text(ROOT / "adapters" / "civitai" / "README.md")
    names = [*Extras.model_fields, *CivitaiConfig.model_fields]
    assert [name for name in names if f"`{name}`" not in page] == []
