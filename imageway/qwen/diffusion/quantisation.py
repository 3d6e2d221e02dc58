"""The quantised layers of a model: counted, checked, and how they multiply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from diffusers import QwenImagePipeline
from sdnq.layers import SDNQLayer
from sdnq.loader import apply_sdnq_options_to_model
from torch.utils._triton import has_triton

from imageway.qwen.configuring import misconfigured
from imageway.qwen.diffusion.checkpoint import ALWAYS_QUANTISED, QUANTIZE_HINT, WEIGHTS_DTYPE


def layers(model: torch.nn.Module) -> Iterator[tuple[str, SDNQLayer]]:
    """Each quantised layer with its name."""
    for name, module in model.named_modules():
        if isinstance(module, SDNQLayer):
            yield name, module


def count_layers(pipe: QwenImagePipeline) -> Mapping[str, int]:
    """How many layers of each component are uint4 with SVD; raises misconfigured for others."""
    components = {"transformer": pipe.transformer, "text_encoder": pipe.text_encoder}
    return {name: _count(name, model) for name, model in components.items()}


def _count(component: str, model: torch.nn.Module) -> int:
    found = 0
    for name, layer in layers(model):
        fault = fault_of(layer)
        if fault:
            raise misconfigured(f"{component}.{name} {fault}", QUANTIZE_HINT)
        found += 1
    if not found and component in ALWAYS_QUANTISED:
        raise misconfigured(f"no layer of the {component} is quantised", QUANTIZE_HINT)
    return found


def fault_of(layer: SDNQLayer) -> str | None:
    """Why a layer is not uint4 with SVD. SDNQ drops a branch that it cannot compute in silence."""
    if layer.sdnq_dequantizer.weights_dtype != WEIGHTS_DTYPE:
        return f"is {layer.sdnq_dequantizer.weights_dtype}, and not {WEIGHTS_DTYPE}"
    if layer.weight.dtype != torch.uint8:
        return f"is stored as {layer.weight.dtype}, and not as packed bytes"
    if layer.svd_up is None or layer.svd_down is None:
        return "has lost its SVD branch"
    return None


def can_multiply_quantised(device: torch.device) -> bool:
    """Whether the quantised kernels can be compiled here."""
    return device.type in {"cuda", "xpu"} and has_triton()


def multiplies_quantised(pipe: QwenImagePipeline) -> bool:
    """Whether any layer multiplies quantised numbers now."""
    return any(
        layer.sdnq_dequantizer.use_quantized_matmul
        for model in (pipe.transformer, pipe.text_encoder)
        for _, layer in layers(model)
    )


def multiply_quantised(pipe: QwenImagePipeline, wanted: bool) -> None:
    """Switch quantised multiplication; the weights stay as they are."""
    pipe.transformer = apply_sdnq_options_to_model(pipe.transformer, use_quantized_matmul=wanted)
    pipe.text_encoder = apply_sdnq_options_to_model(pipe.text_encoder, use_quantized_matmul=wanted)
