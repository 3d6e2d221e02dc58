"""Bringing a pipeline's weights to where they work."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from diffusers import QwenImagePipeline

from imageway.qwen.configuring import misconfigured
from imageway.qwen.diffusion.devices import free_bytes, release
from imageway.qwen.diffusion.flat_vae import flatten
from imageway.qwen.diffusion.plan import GIB, Placement, Plan, plan, planned
from imageway.qwen.settings import Settings

log = logging.getLogger("imageway.qwen")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the weights of a pipeline lie, and how it decodes."""

    device: torch.device
    placement: Placement
    tiling: bool
    flat_vae: bool


def place(pipe: QwenImagePipeline, device: torch.device, settings: Settings) -> Layout:
    """Bring the weights to a device as the settings wish, or as its free memory allows."""
    weights, free = weights_of(pipe), free_bytes(device)
    # On a CPU the weights are where they belong already, and are counted among what is taken.
    room = free + sum(weights.values()) if device.type == "cpu" else free
    chosen = choose(device, room, settings, weights, pipe.vae.dtype.itemsize)
    flat = settings.vae_2d == "on" or (settings.vae_2d == "auto" and device.type == "cpu")
    if flat:
        flatten(pipe.vae)
    if chosen.tiling:
        pipe.vae.enable_tiling()
    arrange(pipe, chosen.placement, device)
    layout = Layout(device, chosen.placement, chosen.tiling, flat)
    log.info(
        "weights: %s on %s, %.1f GiB needed; decoding %s, by %s convolutions",
        layout.placement,
        device,
        chosen.bytes_needed / GIB,
        "in tiles" if layout.tiling else "whole",
        "2-D" if flat else "3-D",
    )
    return layout


def choose(
    device: torch.device,
    free: int,
    settings: Settings,
    weights: Mapping[str, int],
    number_bytes: int,
) -> Plan:
    """What the settings leave open is decided from free memory."""
    pixels = max(width * height for width, height in settings.sizes.values())
    if settings.placement != "auto" or device.type == "cpu":
        found = planned(_asked(settings, device), free, weights, pixels, number_bytes)
    else:
        found = plan(free, weights, pixels, number_bytes)
    tiling = found.tiling if settings.vae_tiling == "auto" else settings.vae_tiling == "on"
    return replace(found, tiling=tiling)


def _asked(settings: Settings, device: torch.device) -> Placement:
    if device.type != "cpu":
        return "resident" if settings.placement == "auto" else settings.placement
    if settings.placement in {"auto", "resident"}:
        return "resident"
    raise misconfigured(
        f"placement: {settings.placement!r} needs a device beside the cpu", "leave it at auto"
    )


def weights_of(pipe: QwenImagePipeline) -> Mapping[str, int]:
    """How much the tensors of each component take."""
    return {
        "transformer": bytes_of(pipe.transformer),
        "text_encoder": bytes_of(pipe.text_encoder),
        "vae": bytes_of(pipe.vae),
    }


def bytes_of(model: torch.nn.Module) -> int:
    """How much a model's tensors take."""
    tensors = (*model.parameters(), *model.buffers())
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def arrange(pipe: QwenImagePipeline, placement: Placement, device: torch.device) -> None:
    """Bring the weights there, or have them brought when they are needed."""
    if placement == "model_offload":
        offload(pipe, device)
    elif placement == "group_offload":
        pipe.enable_group_offload(device, offload_type="leaf_level", exclude_modules=["vae"])
    else:
        pipe.to(device)


def offload(pipe: QwenImagePipeline, device: torch.device) -> None:
    """Keep only the model that works on the device, and the VAE, which each preview needs."""
    pipe.model_cpu_offload_seq = "text_encoder->transformer"
    pipe._exclude_from_cpu_offload = ["vae"]
    pipe.enable_model_cpu_offload(device=device)
    release(device)
