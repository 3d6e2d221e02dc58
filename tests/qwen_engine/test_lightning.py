"""The few-step profile: a LoRA in the branches of quantised layers, a schedule of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from imageway.core.errors import ImagewayError
from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.diffusion.lightning import join, lightning_scheduler
from tests.qwen_engine.lab import real_lab
from tests.qwen_engine.tiny import WIDTH, matrix

QUANTISED = "transformer_blocks.0.attn.to_q"
PLAIN = "txt_in"
RANK, ALPHA = 8, 4.0


def lora(folder: Path, *layers: str, prefix: str = "", width: int = WIDTH) -> Path:
    generator = torch.Generator().manual_seed(1)
    tensors: dict[str, torch.Tensor] = {}
    for layer in layers:
        name = prefix + layer
        tensors[f"{name}.lora_down.weight"] = torch.randn(RANK, width, generator=generator)
        tensors[f"{name}.lora_up.weight"] = torch.randn(WIDTH, RANK, generator=generator)
        tensors[f"{name}.alpha"] = torch.tensor(ALPHA)
    file = folder / "lora.safetensors"
    save_file(tensors, str(file))
    return file


@pytest.mark.parametrize("layer", [QUANTISED, PLAIN])
@pytest.mark.parametrize("prefix", ["", "diffusion_model.", "transformer."])
def test_a_lora_is_added_to_a_layer_exactly(
    engine: DiffusionEngine, tmp_path: Path, layer: str, prefix: str
) -> None:
    transformer = engine.studio.pipe.transformer
    before = matrix(transformer.get_submodule(layer))
    assert join(transformer, lora(tmp_path, layer, prefix=prefix)) == 1
    generator = torch.Generator().manual_seed(1)
    down, up = (
        torch.randn(RANK, WIDTH, generator=generator),
        torch.randn(WIDTH, RANK, generator=generator),
    )
    expected = before + (up @ down) * (ALPHA / RANK)
    assert (matrix(transformer.get_submodule(layer)) - expected).abs().max().item() < 1e-4


def test_a_lora_without_alpha_counts_whole(engine: DiffusionEngine, tmp_path: Path) -> None:
    transformer = engine.studio.pipe.transformer
    before = matrix(transformer.get_submodule(QUANTISED))
    down, up = torch.ones(1, WIDTH), torch.ones(WIDTH, 1)
    names = (f"{QUANTISED}.lora_A.weight", f"{QUANTISED}.lora_B.weight")
    save_file(dict(zip(names, (down, up), strict=True)), str(tmp_path / "lora.safetensors"))
    join(transformer, tmp_path / "lora.safetensors")
    after = matrix(transformer.get_submodule(QUANTISED))
    assert (after - before - 1.0).abs().max().item() < 1e-4


def refusal(engine: DiffusionEngine, file: Path) -> str:
    with pytest.raises(ImagewayError) as raised:
        join(engine.studio.pipe.transformer, file)
    return raised.value.info.message


def test_a_lora_for_another_model_is_refused(engine: DiffusionEngine, tmp_path: Path) -> None:
    assert "'blocks.0.q'" in refusal(engine, lora(tmp_path, "blocks.0.q"))


def test_a_lora_of_another_width_is_refused(engine: DiffusionEngine, tmp_path: Path) -> None:
    assert "which is 256x256" in refusal(engine, lora(tmp_path, QUANTISED, width=128))


def test_a_lora_that_is_no_such_file_is_refused(engine: DiffusionEngine, tmp_path: Path) -> None:
    (tmp_path / "lora.safetensors").write_bytes(b"<html>")
    assert "cannot be read" in refusal(engine, tmp_path / "lora.safetensors")
    assert "cannot be read" in refusal(engine, tmp_path / "none.safetensors")


def test_the_schedule_has_a_fixed_shift_and_ends_at_nothing() -> None:
    scheduler = lightning_scheduler()
    scheduler.set_timesteps(sigmas=[1.0, 0.75, 0.5, 0.25], mu=1.0986122886681098)
    shifted = [3 * each / (1 + 2 * each) for each in (1.0, 0.75, 0.5, 0.25)]
    assert [each.item() for each in scheduler.sigmas] == pytest.approx([*shifted, 0.0])


async def test_the_service_makes_pictures_in_four_steps_with_the_profile(
    quantised: Path, tmp_path: Path
) -> None:
    file = lora(tmp_path, QUANTISED, PLAIN)
    async with real_lab(quantised, profile="lightning", lora=str(file)) as it:
        answer = await it.generate(num_steps=4)
        assert (answer.status, answer.headers["X-Num-Steps"]) == (200, "4")
        assert answer.headers["X-Model"] == f"{quantised.name} (lightning)"
        assert (await it.generate(num_steps=20)).code == 2001
        assert it.studio.pipe.scheduler.sigmas[-2].item() == pytest.approx(0.5)


def test_a_lora_that_does_not_fit_is_refused_when_the_model_is_loaded(
    load: Callable[..., DiffusionEngine], tmp_path: Path
) -> None:
    with pytest.raises(ImagewayError, match="which this model has not"):
        load(profile="lightning", lora=str(lora(tmp_path, "blocks.0.q")))
