"""From latents to pixels: again from the same latents, in tiles, in two dimensions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from diffusers import AutoencoderKLQwenImage

from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.diffusion.flat_vae import FlatConvolution, flatten
from imageway.qwen.engine import Failure, Repair
from tests.qwen_engine.faults import fault, none, out_of_memory
from tests.qwen_engine.tiny import nobody, task


def vaes() -> tuple[AutoencoderKLQwenImage, AutoencoderKLQwenImage]:
    """Two of the same weights."""
    torch.manual_seed(0)
    usual = AutoencoderKLQwenImage(base_dim=16, num_res_blocks=2).eval()
    torch.manual_seed(0)
    return usual, AutoencoderKLQwenImage(base_dim=16, num_res_blocks=2).eval()


@pytest.mark.parametrize(("height", "width"), [(8, 8), (12, 20)])
def test_two_dimensions_decode_what_three_decode(height: int, width: int) -> None:
    usual, flat = vaes()
    flatten(flat)
    latents = torch.randn(1, 16, 1, height, width)
    with torch.no_grad():
        difference = (usual.decode(latents).sample - flat.decode(latents).sample).abs().max()
    assert difference.item() < 1e-5


def test_two_dimensions_decode_in_tiles_what_three_decode_in_tiles() -> None:
    usual, flat = vaes()
    flatten(flat)
    latents = torch.randn(1, 16, 1, 40, 40)
    for vae in (usual, flat):
        vae.enable_tiling()
    with torch.no_grad():
        difference = (usual.decode(latents).sample - flat.decode(latents).sample).abs().max()
    assert difference.item() < 1e-5


def test_all_that_a_single_frame_passes_is_flat() -> None:
    _, flat = vaes()
    changed = flatten(flat)
    left = {
        name for name, module in flat.decoder.named_modules() if "Conv3d" in type(module).__name__
    }
    assert changed == sum(isinstance(module, FlatConvolution) for module in flat.modules())
    assert {name.rpartition(".")[2] for name in left} == {"time_conv"}


@pytest.mark.parametrize(("switch", "is_flat"), [("auto", True), ("on", True), ("off", False)])
def test_the_flat_decoder_is_a_switch_that_is_on_where_there_is_only_a_processor(
    load: Callable[..., DiffusionEngine], switch: str, is_flat: bool
) -> None:
    engine = load(vae_2d=switch)
    assert engine.studio.layout.flat_vae is is_flat
    assert (
        any(isinstance(each, FlatConvolution) for each in engine.studio.pipe.vae.modules())
        is is_flat
    )


def test_a_draft_is_decoded_twice_to_the_same_picture(engine: DiffusionEngine) -> None:
    draft = engine.generate(task(), nobody)
    assert draft.decode().tobytes() == draft.decode().tobytes()


def test_precise_decoding_counts_in_float32_and_leaves_no_trace(
    load: Callable[..., DiffusionEngine],
) -> None:
    engine = load(dtype="bfloat16")
    draft, vae = engine.generate(task(), nobody), engine.studio.pipe.vae
    before = draft.decode().tobytes()
    seen: list[torch.dtype] = []

    def look(returned: torch.Tensor) -> torch.Tensor:
        seen.append(returned.dtype)
        return returned

    with fault(vae.decoder, look):
        precise = draft.decode(precise=True).tobytes()
    assert seen == [torch.float32]
    assert precise != before == draft.decode().tobytes()
    assert vae.dtype == torch.bfloat16


def test_a_precise_decoding_that_fails_leaves_no_trace_either(
    load: Callable[..., DiffusionEngine],
) -> None:
    engine = load(dtype="bfloat16")
    draft, vae = engine.generate(task(), nobody), engine.studio.pipe.vae
    with fault(vae.decoder, out_of_memory), pytest.raises(torch.OutOfMemoryError):
        draft.decode(precise=True)
    assert vae.dtype == torch.bfloat16


def test_numbers_that_are_none_are_no_black_picture(engine: DiffusionEngine) -> None:
    draft = engine.generate(task(), nobody)
    with fault(engine.studio.pipe.vae.decoder, none), pytest.raises(Failure) as raised:
        draft.decode()
    assert raised.value.reason == "nan"


def test_tiles_make_nearly_the_same_picture(load: Callable[..., DiffusionEngine]) -> None:
    # Less than 256 pixels are one tile.
    engine = load()
    draft = engine.generate(task(width=320, height=320, guidance=1.0), nobody)
    whole = draft.decode()
    assert engine.repair(Repair.TILING)
    tiled = draft.decode()
    assert whole.size == tiled.size
    pairs = zip(whole.tobytes(), tiled.tobytes(), strict=True)
    differences = [abs(one - other) for one, other in pairs]
    assert 0 < sum(differences) / len(differences) < 8


def test_tiling_is_switched_on_once(engine: DiffusionEngine) -> None:
    assert [engine.repair(Repair.TILING), engine.repair(Repair.TILING)] == [True, False]
