"""The few-step profile: a LoRA joined to the SVD branches, and the schedule it was trained on."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
)
from safetensors import SafetensorError
from safetensors.torch import load_file
from sdnq.layers import SDNQLayer

from imageway.core.errors import ImagewayError
from imageway.qwen.configuring import misconfigured

DOWN_ENDS = (".lora_down.weight", ".lora_A.weight")
UP_BY_DOWN: Mapping[str, str] = {
    ".lora_down.weight": ".lora_up.weight",
    ".lora_A.weight": ".lora_B.weight",
}
ALPHA = ".alpha"
PREFIXES = ("diffusion_model.", "transformer.")
# https://github.com/ModelTC/Qwen-Image-Lightning, generate_with_diffusers.py
SHIFT = math.log(3)

log = logging.getLogger("imageway.qwen")


@dataclass(frozen=True, slots=True)
class LowRank:
    """What a LoRA adds to one layer: up times down, scaled."""

    down: torch.Tensor
    up: torch.Tensor


def become_lightning(pipe: QwenImagePipeline, file: Path) -> None:
    """Turn a pipeline of many steps into one of few."""
    log.info("%s joins %d layers", file.name, join(pipe.transformer, file))
    pipe.scheduler = lightning_scheduler()


def lightning_scheduler() -> FlowMatchEulerDiscreteScheduler:
    """The schedule of the distillation: a fixed shift of three, and no terminal."""
    return FlowMatchEulerDiscreteScheduler(
        base_image_seq_len=256,
        base_shift=SHIFT,
        max_image_seq_len=8192,
        max_shift=SHIFT,
        shift_terminal=None,
        use_dynamic_shifting=True,
    )


def join(transformer: QwenImageTransformer2DModel, file: Path) -> int:
    """Add a LoRA to a quantised model, exactly and for good; returns how many layers it has.

    The branch of a quantised layer is a product of low rank too, so that the LoRA becomes some
    more of its columns; nothing is quantised again.
    """
    found = read_lora(file)
    modules = dict(transformer.named_modules())
    for name, low in found.items():
        _join_layer(name, modules.get(name), low)
    return len(found)


def _join_layer(name: str, module: torch.nn.Module | None, low: LowRank) -> None:
    match module:
        case SDNQLayer(svd_up=torch.nn.Parameter() as up, svd_down=torch.nn.Parameter() as down):
            _check_shape(name, low, (up.shape[0], down.shape[1]))
            module.svd_up = _beside(up, low.up, dim=1)
            module.svd_down = _beside(down, low.down, dim=0)
        case torch.nn.Linear():
            _check_shape(name, low, (module.weight.shape[0], module.weight.shape[1]))
            added = low.up @ low.down
            module.weight.data.add_(added.to(module.weight.device, module.weight.dtype))
        case _:
            raise wrong(f"it names a layer {name!r}, which this model has not")


def _beside(branch: torch.nn.Parameter, more: torch.Tensor, dim: int) -> torch.nn.Parameter:
    joined = torch.cat([branch.data, more.to(branch.device, branch.dtype)], dim)
    return torch.nn.Parameter(joined.contiguous(), requires_grad=False)


def _check_shape(name: str, low: LowRank, shape: tuple[int, int]) -> None:
    found = (low.up.shape[0], low.down.shape[1])
    if found != shape:
        raise wrong(f"it has {found[0]}x{found[1]} for {name!r}, which is {shape[0]}x{shape[1]}")


def read_lora(file: Path) -> Mapping[str, LowRank]:
    """The layers of a LoRA file, by the model's own names."""
    try:
        tensors = {_without_prefix(name): each for name, each in load_file(str(file)).items()}
    except (OSError, SafetensorError) as error:
        raise misconfigured(f"lora: {str(file)!r} cannot be read: {error}") from error
    found = {
        name.removesuffix(end): _low_rank(tensors, name.removesuffix(end), end)
        for name in tensors
        for end in DOWN_ENDS
        if name.endswith(end)
    }
    if not found:
        raise wrong("it holds no layer")
    return found


def _without_prefix(name: str) -> str:
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _low_rank(tensors: Mapping[str, torch.Tensor], layer: str, end: str) -> LowRank:
    down, up = tensors[layer + end], tensors.get(layer + UP_BY_DOWN[end])
    if up is None:
        raise wrong(f"it has half of {layer!r}")
    rank = down.shape[0]
    alpha = tensors.get(layer + ALPHA)
    scale = 1.0 if alpha is None else alpha.item() / rank
    return LowRank(down.to(dtype=torch.float32), up.to(dtype=torch.float32) * scale)


def wrong(message: str) -> ImagewayError:
    """The LoRA does not fit; starting again is no use."""
    return misconfigured(f"lora: {message}", "take the one that was made for Qwen-Image-2512")
