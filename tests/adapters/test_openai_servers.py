"""Servers that only speak like OpenAI: what they are sent, and how they fail."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import Charged, ErrorCode
from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.serving import serve
from imageway.emulators.vllm import VllmEmulator
from tests.adapters.openai_lab import Lab, bench, lab, picture, reference
from tests.loopback import loopback

MODEL = "Qwen/Qwen-Image"
ANSWER = json.dumps({"data": [{"b64_json": picture().base64}]}).encode()


@pytest.fixture
def emulator() -> VllmEmulator:
    return VllmEmulator()


@pytest.fixture
async def vllm(emulator: VllmEmulator) -> AsyncIterator[Lab]:
    async with lab(emulator, profile="vllm") as found:
        yield found


async def test_vllm_is_sent_what_it_understands(emulator: VllmEmulator, vllm: Lab) -> None:
    await vllm.draw(
        model=MODEL,
        size="64x32",
        seed=7,
        negative_prompt="text",
        steps=20,
        guidance=3.5,
        extras={"openai": {"true_cfg_scale": 4.0}},
    )
    assert emulator.heard[0].body == {
        "model": MODEL,
        "prompt": "A red mug",
        "size": "64x32",
        "seed": 7,
        "negative_prompt": "text",
        "num_inference_steps": 20,
        "guidance_scale": 3.5,
        "true_cfg_scale": 4.0,
        "response_format": "b64_json",
    }


async def test_vllm_is_sent_neither_previews_nor_a_quality(
    emulator: VllmEmulator, vllm: Lab
) -> None:
    result = await vllm.draw(model=MODEL, size="64x32", previews=2, quality="high")
    assert set(emulator.heard[0].fields()) == {"model", "prompt", "size", "response_format"}
    assert [note.kind for note in result.notes] == ["ignored", "ignored"]


async def test_a_seed_brings_the_same_pictures_again_and_is_told(vllm: Lab) -> None:
    first, second = [await vllm.draw(model=MODEL, size="64x32", seed=7, count=2) for _ in "ab"]
    pictures = [[ready.picture.base64 for ready in result.images] for result in (first, second)]
    assert pictures[0] == pictures[1]
    assert pictures[0][0] != pictures[0][1]
    assert [ready.picture.seed for ready in first.images] == [7, 8]


async def test_an_aspect_is_said_as_a_size(emulator: VllmEmulator, vllm: Lab) -> None:
    await vllm.draw(model=MODEL, aspect="2:1")
    width, height = str(emulator.heard[0].fields()["size"]).split("x")
    assert int(width) / int(height) == pytest.approx(2, rel=0.01)


async def test_guidance_is_kept_in_the_servers_range(emulator: VllmEmulator, vllm: Lab) -> None:
    await vllm.draw(model=MODEL, size="64x32", guidance=30.0)
    assert emulator.heard[0].fields()["guidance_scale"] == 20.0


async def test_a_reference_is_refused_where_nothing_is_edited(
    emulator: VllmEmulator, vllm: Lab
) -> None:
    info = await vllm.refusal(model=MODEL, references=[reference()])
    assert (info.code, info.param) == (ErrorCode.UNSUPPORTED, "references")
    assert emulator.heard == []


async def test_what_the_server_finds_wrong_names_our_field(vllm: Lab) -> None:
    info = await vllm.refusal(model=MODEL, extras={"openai": {"true_cfg_scale": 99}})
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "openai.true_cfg_scale")
    assert info.message == "openai refuses the value of 'true_cfg_scale'"
    assert info.vendor_message == "Input should be less than or equal to 20"


@pytest.mark.parametrize(
    ("fault", "code", "charged"),
    [
        (Fault.UNAVAILABLE, ErrorCode.UNAVAILABLE, "no"),
        (Fault.BAD_KEY, ErrorCode.UNAUTHENTICATED, "no"),
        (Fault.NOT_FOUND, ErrorCode.NOT_FOUND, "no"),
        (Fault.SERVER_ERROR, ErrorCode.UNAVAILABLE, "maybe"),
        (Fault.HTML, ErrorCode.UNAVAILABLE, "maybe"),
        (Fault.REDIRECT, ErrorCode.BAD_ANSWER, "maybe"),
        (Fault.NO_IMAGE, ErrorCode.FAILED, "yes"),
        (Fault.NOT_A_PICTURE, ErrorCode.BAD_ANSWER, "yes"),
    ],
)
async def test_a_failure_of_the_server_has_its_code(
    emulator: VllmEmulator, vllm: Lab, fault: Fault, code: ErrorCode, charged: Charged
) -> None:
    emulator.script(fault)
    info = await vllm.refusal(model=MODEL, size="64x32")
    assert (info.code, info.charged) == (code, charged)


async def test_another_model_is_not_there(vllm: Lab) -> None:
    info = await vllm.refusal(model="nope")
    assert info.code is ErrorCode.NOT_FOUND
    assert info.vendor_message == "The model `nope` does not exist."


async def test_a_wrong_base_url_is_hinted_at(emulator: VllmEmulator) -> None:
    async with serve(emulator) as without_v1, bench(without_v1, profile="vllm") as astray:
        info = await astray.refusal(model=MODEL)
    assert info.code is ErrorCode.NOT_FOUND
    assert info.hint == "look at this provider's base_url; it usually ends with /v1"


async def test_a_gpt_image_model_behind_another_server_is_what_it_is_at_openai() -> None:
    emulator = OpenAIEmulator()
    async with lab(emulator, profile=None) as found:
        result = await found.draw(quality="low", previews=1, seed=3)
    assert result.status == "succeeded"
    # A response_format would have been refused.
    assert set(emulator.heard[0].fields()) == {
        "model",
        "prompt",
        "quality",
        "stream",
        "partial_images",
    }


async def test_a_gateways_name_of_a_gpt_image_model_wants_no_response_format() -> None:
    async with loopback() as site, bench(site.url, profile="compatible") as found:
        site.answers(body=ANSWER)
        await found.draw(model="openai/gpt-image-2")
        await found.draw(model="black-forest-labs/flux")
    first, second = (json.loads(heard.body) for heard in site.heard)
    assert "response_format" not in first
    assert second["response_format"] == "b64_json"


async def test_a_table_renames_what_a_server_calls_otherwise() -> None:
    profile = {
        "parameters": {"size": "size", "steps": "step", "guidance": "cfg_scale"},
        "response_format": "url",
        "images_field": "image",
    }
    async with loopback() as site, bench(site.url, profile=profile) as found:
        site.answers(body=ANSWER)
        await found.draw(model="sd", steps=5, guidance=2.0, seed=1)
        await found.draw(model="sd", references=[reference(), reference()])
    body = json.loads(site.heard[0].body)
    assert body == {
        "model": "sd",
        "prompt": "A red mug",
        "step": 5,
        "cfg_scale": 2.0,
        "response_format": "url",
    }
    assert site.heard[1].body.count(b'name="image"') == 2
