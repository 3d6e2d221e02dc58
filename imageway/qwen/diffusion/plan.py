"""Where the weights lie and how a picture is decoded, from how much memory there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from imageway.qwen.sizes import MOST_PIXELS

Placement = Literal["resident", "model_offload", "group_offload"]

GIB = 2**30
# Of Qwen-Image-2512 as uint4 with SVD rank 32, from its real configuration on the meta device.
WEIGHTS: Mapping[str, int] = {
    "transformer": int(11.4 * GIB),
    "text_encoder": int(6.0 * GIB),
    "vae": int(0.24 * GIB),
}
# What attention and the other activations take while denoising.
DENOISING = 2 * GIB
# Measured: a full frame takes so many numbers a pixel in the VAE's widest layers.
NUMBERS_PER_PIXEL = 2900
# A tile of 256 pixels, decoded; smaller pictures take less.
TILE_PIXELS = 256 * 256
# CUDA's own context, and whatever draws the screen.
OVERHEAD = int(0.6 * GIB)


@dataclass(frozen=True, slots=True)
class Plan:
    """How an engine is laid out, and the most that it is going to take."""

    placement: Placement
    tiling: bool
    bytes_needed: int


def decode_bytes(pixels: int, number_bytes: int, *, tiling: bool = False) -> int:
    """What decoding takes beside the weights."""
    return NUMBERS_PER_PIXEL * number_bytes * (min(pixels, TILE_PIXELS) if tiling else pixels)


def plan(
    free: int,
    weights: Mapping[str, int] = WEIGHTS,
    pixels: int = MOST_PIXELS,
    number_bytes: int = 2,
) -> Plan:
    """The fastest way that fits; the last one is returned whether it fits or not."""
    ways = [
        _way("resident", weights, pixels, number_bytes, tiling=False),
        _way("resident", weights, pixels, number_bytes, tiling=True),
        _way("model_offload", weights, pixels, number_bytes, tiling=True),
        _way("group_offload", weights, pixels, number_bytes, tiling=True),
    ]
    return next((way for way in ways if way.bytes_needed <= free), ways[-1])


def planned(
    placement: Placement, free: int, weights: Mapping[str, int], pixels: int, number_bytes: int
) -> Plan:
    """A placement that was asked for, with tiling where a full frame would not fit."""
    full = _way(placement, weights, pixels, number_bytes, tiling=False)
    if placement == "resident" and full.bytes_needed <= free:
        return full
    return _way(placement, weights, pixels, number_bytes, tiling=True)


def _way(
    placement: Placement,
    weights: Mapping[str, int],
    pixels: int,
    number_bytes: int,
    *,
    tiling: bool,
) -> Plan:
    """Denoising and decoding come one after the other; only the greater of both counts."""
    decode = decode_bytes(pixels, number_bytes, tiling=tiling)
    staying = staying_bytes(placement, weights)
    working = max(weights.values(), default=0) if placement == "model_offload" else 0
    return Plan(placement, tiling, staying + max(working + DENOISING, decode))


def staying_bytes(placement: Placement, weights: Mapping[str, int]) -> int:
    """The weights that never leave the device; the VAE does not, or each preview would move it."""
    return sum(weights.values()) if placement == "resident" else weights.get("vae", 0)
