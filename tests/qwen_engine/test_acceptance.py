"""The contract's acceptance tests again, by number, on the real pipeline."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from io import BytesIO
from pathlib import Path

import orjson
import pytest
import torch
from PIL import Image, PngImagePlugin
from pydantic import BaseModel
from safetensors.torch import load_file, save_file

from imageway.qwen.diffusion.quantisation import multiplies_quantised, multiply_quantised
from imageway.qwen.engine import Repair
from tests.qwen.lab import Answer, Json
from tests.qwen_engine.faults import broken, fault, none, out_of_memory, poisoned
from tests.qwen_engine.lab import RealLab, real_lab
from tests.qwen_engine.tiny import COUNTS

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture
async def it(quantised: Path) -> AsyncGenerator[RealLab]:
    async with real_lab(quantised) as lab:
        yield lab


def pixels(answer: Answer) -> bytes:
    assert answer.status == 200, answer.body
    with Image.open(BytesIO(answer.body)) as image:
        return image.convert("RGB").tobytes()


async def test_acceptance_03_without_a_seed_the_same_bytes_come_twice(it: RealLab) -> None:
    assert (await it.generate()).body == (await it.generate()).body


async def test_acceptance_03_null_is_another_seed_each_time_and_can_be_had_again(
    it: RealLab,
) -> None:
    first, second = await it.generate(seed=None), await it.generate(seed=None)
    assert first.body != second.body
    again = await it.generate(seed=int(first.headers["X-Seed"]))
    assert again.body == first.body


async def test_acceptance_04_guidance_matters_without_a_negative_prompt(it: RealLab) -> None:
    assert pixels(await it.generate(cfg_scale=2)) != pixels(await it.generate(cfg_scale=9))


async def test_acceptance_04_without_guidance_the_model_runs_half_as_often(it: RealLab) -> None:
    counts: list[int] = []
    for scale in (1, 4):
        with fault(it.studio.pipe.transformer.proj_out, lambda same: same) as made:
            await it.generate(cfg_scale=scale)
        counts.append(made[0])
    assert counts == [20, 40]


async def test_acceptance_06_one_that_runs_stops_within_a_step(it: RealLab) -> None:
    before = (await it.generate()).body
    number = await it.submit(num_steps=100)
    job = await it.running()
    assert (await it.ask("DELETE", f"/api/requests/{number}")).status == 202
    step = job.step
    assert (await it.events(number))[-1].name == "cancelled"
    with fault(it.studio.pipe.transformer.proj_out, lambda same: same) as made:
        assert (await it.generate()).body == before
    # Nothing of the cancelled one was left to do, and it was seen at the next step.
    assert made == [40]
    assert job.step <= step + 1


async def test_acceptance_06_a_client_that_leaves_frees_the_engine(it: RealLab) -> None:
    before = (await it.generate()).body
    asking = asyncio.create_task(it.generate(num_steps=100))
    job = await it.running()
    asking.cancel()
    await job.ended.wait()
    assert (job.state, job.step < 100) == ("cancelled", True)
    assert (await it.generate()).body == before


async def test_acceptance_07_none_in_one_run_is_degraded_and_seen_everywhere(it: RealLab) -> None:
    # Two calls a step, so that this is the thirtieth of fifty steps.
    with fault(it.studio.pipe.transformer.proj_out, none, 59):
        number = await it.submit(num_steps=50, seed=42)
        events = {event.name: event.data for event in await it.events(number)}
    answer = await it.get(f"/api/requests/{number}/image")
    assert answer.headers["X-Degraded"] == "true"
    assert answer.headers["X-Degrade-Reason"] == "nan"
    assert (answer.headers["X-Num-Steps"], answer.headers["X-Requested-Steps"]) == ("40", "50")
    assert answer.headers["X-Requested-Seed"] == "42" != answer.headers["X-Seed"]
    assert events["degraded"]["num_steps"] == 40
    assert events["done"]["degraded"]
    with Image.open(BytesIO(answer.body)) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        about = orjson.loads(str(image.text["imageway"]))
    assert about["degraded"]["requested_steps"] == 50
    metrics = (await it.get("/metrics")).body.decode()
    assert 'imageway_qwen_degraded_total{reason="nan"} 1.0' in metrics


async def test_acceptance_07_none_in_two_runs_is_4001_with_fixes_and_the_next_one_works(
    it: RealLab,
) -> None:
    with fault(it.studio.pipe.transformer.proj_out, none):
        answer = await it.generate(num_steps=50, cfg_scale=9)
    assert (answer.status, answer.code, answer.json["reason"]) == (500, 4001, "nan")
    assert answer.json["suggested_fix"] == [
        "reduce num_steps to 40",
        "try a different seed",
        "lower cfg_scale to 3.5-5",
    ]
    assert (await it.generate()).status == 200


async def test_acceptance_07_at_20_steps_fewer_are_not_advised(it: RealLab) -> None:
    with fault(it.studio.pipe.transformer.proj_out, none):
        answer = await it.generate(num_steps=20)
    assert answer.json["suggested_fix"] == ["try a different seed"]


async def test_acceptance_07_who_allows_no_less_gets_4001_at_once(it: RealLab) -> None:
    with fault(it.studio.pipe.transformer.proj_out, none, 59) as made:
        answer = await it.generate(num_steps=50, allow_degrade=False)
    assert (answer.code, made) == (4001, [60])


async def test_acceptance_07_none_from_quantised_products_is_repaired_by_plain_ones(
    it: RealLab,
) -> None:
    plain = (await it.generate()).body
    multiply_quantised(it.studio.pipe, wanted=True)
    assert multiplies_quantised(it.studio.pipe)
    with fault(it.studio.pipe.transformer.proj_out, none, 5):
        answer = await it.generate()
    assert (answer.headers["X-Degraded"], answer.body == plain) == ("false", True)
    assert not multiplies_quantised(it.studio.pipe)
    metrics = (await it.get("/metrics")).body.decode()
    assert 'imageway_qwen_repairs_total{kind="plain_matmul"} 1.0' in metrics


async def test_acceptance_07_none_in_decoding_alone_is_repaired_and_not_degraded(
    quantised: Path,
) -> None:
    async with real_lab(quantised, dtype="bfloat16") as it:
        seen: list[torch.dtype] = []

        def none_in_bfloat16(returned: torch.Tensor) -> torch.Tensor:
            seen.append(returned.dtype)
            return none(returned) if returned.dtype == torch.bfloat16 else returned

        with fault(it.studio.pipe.vae.decoder, none_in_bfloat16):
            answer = await it.generate()
        assert (answer.status, answer.headers["X-Degraded"]) == (200, "false")
        assert (answer.headers["X-Seed"], answer.headers["X-Num-Steps"]) == ("42", "20")
        assert seen == [torch.bfloat16, torch.float32]
        metrics = (await it.get("/metrics")).body.decode()
        assert 'imageway_qwen_repairs_total{kind="precise_decode"} 1.0' in metrics


async def test_acceptance_08_no_memory_in_decoding_is_repaired_by_tiles(it: RealLab) -> None:
    before = (await it.generate()).body
    with fault(it.studio.pipe.vae.decoder, out_of_memory, 1):
        answer = await it.generate()
    assert (answer.status, answer.headers["X-Degraded"]) == (200, "false")
    # Less than 256 pixels are one tile, so that these are the same bytes.
    assert answer.body == before
    assert it.studio.pipe.vae.use_tiling
    assert it.studio.layout.tiling


async def test_acceptance_08_no_memory_at_a_step_is_tried_again_with_the_same_seed(
    it: RealLab,
) -> None:
    before = (await it.generate()).body
    with fault(it.studio.pipe.transformer.proj_out, out_of_memory, 21):
        answer = await it.generate()
    assert (answer.headers["X-Degraded"], answer.body == before) == ("false", True)


async def test_acceptance_08_no_memory_at_all_is_4001_and_the_next_one_works(it: RealLab) -> None:
    with fault(it.studio.pipe.transformer.proj_out, out_of_memory):
        answer = await it.generate()
    assert (answer.code, answer.json["reason"]) == (4001, "oom")
    assert any("placement" in str(each) for each in [answer.json["suggested_fix"]])
    assert (await it.generate()).status == 200


async def test_acceptance_08_a_scale_that_is_no_number_fails_and_then_the_service_is_not_ready(
    quantised: Path, tmp_path: Path
) -> None:
    damaged = shutil.copytree(quantised, tmp_path / "damaged")
    tensors = load_file(str(damaged / TRANSFORMER))
    tensors["transformer_blocks.0.attn.to_q.scale"].fill_(float("nan"))
    save_file(tensors, str(damaged / TRANSFORMER), metadata={"format": "pt"})
    async with real_lab(damaged) as it:
        answers = [await it.generate() for _ in range(3)]
        assert [(each.code, each.json["reason"]) for each in answers] == [(4001, "nan")] * 3
        assert (await it.get("/api/ready")).status == 503
        assert (await it.told("/api/queue/status"))["status"] == "error"
        assert (await it.get("/api/health")).status == 200


async def test_acceptance_09_a_picture_that_cannot_be_encoded_is_4002_and_kept(
    it: RealLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Image.Image, "save", _no_encoder)
        answer = await it.generate()
    assert (answer.status, answer.code) == (500, 4002)
    number = answer.json["request_id"]
    assert (await it.get(f"/api/requests/{number}/image?format=webp")).status == 200


def _no_encoder(image: Image.Image, *given: object, **named: object) -> None:
    raise OSError("encoder error -2 when writing image file")


async def test_acceptance_09_a_device_that_fails_is_4001_and_ends_the_process(it: RealLab) -> None:
    with fault(it.studio.pipe.transformer.proj_out, poisoned, 9):
        answer = await it.generate()
    assert (answer.code, answer.json["reason"]) == (4001, "device")
    health = await it.get("/api/health")
    assert (health.status, health.json["reason"]) == (503, "device")
    assert it.service.broken is not None
    assert it.service.broken.reason == "device"


async def test_acceptance_10_the_quantised_layers_are_counted_in_the_info(it: RealLab) -> None:
    told = await it.told("/api/info")
    assert told["quantised_layers"] == COUNTS
    assert (told["backend"], told["is_ai"], told["device"]) == ("sdnq", True, "cpu")


async def test_acceptance_11_the_last_preview_is_of_the_picture(it: RealLab) -> None:
    number = await it.submit()
    previews = [event for event in await it.events(number) if event.name == "preview"]
    assert previews[-1].data["step"] == 20
    assert (previews[-1].data["width"], previews[-1].data["height"]) == (32, 32)


async def test_a_bug_of_a_library_is_4001_internal_and_the_next_one_works(it: RealLab) -> None:
    before = (await it.generate()).body
    with fault(it.studio.pipe.transformer.proj_out, broken, 7):
        answer = await it.generate()
    assert (answer.code, answer.json["reason"]) == (4001, "internal")
    assert (await it.generate()).body == before


class Drawn(BaseModel):
    """One picture of an OpenAI answer."""

    b64_json: str


class Drawings(BaseModel):
    """An OpenAI answer."""

    data: list[Drawn]


def pictures(answer: Answer) -> list[str]:
    return [each.b64_json for each in Drawings.model_validate_json(answer.body).data]


async def test_the_openai_alias_makes_the_same_picture_for_the_same_seed(it: RealLab) -> None:
    body: Json = {"prompt": "a red fox", "size": "256x256", "seed": 7, "num_inference_steps": 20}
    answers = [await it.ask("POST", "/v1/images/generations", body) for _ in range(2)]
    assert [each.status for each in answers] == [200, 200]
    assert pictures(answers[0]) == pictures(answers[1])


def test_every_repair_of_the_protocol_is_known_to_the_engine(it: RealLab) -> None:
    assert [it.engine.repair(each) for each in Repair] == [True, True, False, False]
