"""From latents to a picture, whole or as a small sketch."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import torch
from diffusers import AutoencoderKLQwenImage, QwenImagePipeline
from PIL import Image
from torch.nn import functional

from imageway.qwen.engine import Failure

SKETCH_POOL, SMALL_SKETCH_POOL = 4, 2
SMALL_EDGE = 512


@dataclass(frozen=True, slots=True)
class LatentDraft:
    """What the denoiser left; it may be decoded more than once."""

    pipe: QwenImagePipeline
    latents: torch.Tensor
    width: int
    height: int

    def decode(self, *, precise: bool = False) -> Image.Image:
        """Make the picture, in float32 if so wished."""
        with _in_float32(self.pipe.vae) if precise else nullcontext():
            return picture(self.pipe, unpacked(self.pipe, self.latents, self.width, self.height))


@contextmanager
def _in_float32(vae: AutoencoderKLQwenImage) -> Generator[None]:
    """Let a VAE count in float32 for a while."""
    usual = vae.dtype
    _cast(vae, torch.float32)
    try:
        yield
    finally:
        _cast(vae, usual)


def _cast(vae: AutoencoderKLQwenImage, dtype: torch.dtype) -> None:
    # The model's own `to` warns of casts that are meant.
    torch.nn.Module.to(vae, dtype=dtype)


def unpacked(
    pipe: QwenImagePipeline, latents: torch.Tensor, width: int, height: int
) -> torch.Tensor:
    """Packed latents as a frame of the VAE's latent space, in the VAE's type."""
    packing = QwenImagePipeline._unpack_latents
    frame = packing(latents, height, width, pipe.vae_scale_factor).to(dtype=pipe.vae.dtype)
    config = pipe.vae.config
    mean, std = _channels(config.latents_mean, frame), _channels(config.latents_std, frame)
    # Divided by the inverse, as the pipeline does it: in bfloat16 that is not the same.
    return frame / (1.0 / std) + mean


def _channels(numbers: Sequence[float], like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(numbers).view(1, len(numbers), 1, 1, 1).to(like.device, like.dtype)


def picture(pipe: QwenImagePipeline, frame: torch.Tensor) -> Image.Image:
    """Decode; numbers that are none would become black in silence, so they are looked for."""
    with torch.no_grad():
        image = pipe.vae.decode(frame).sample[:, :, 0]
        if not torch.isfinite(image).all():
            raise Failure("nan", "the decoded picture is not finite")
        return pipe.image_processor.postprocess(image, output_type="pil")[0]


def sketch(pipe: QwenImagePipeline, latents: torch.Tensor, width: int, height: int) -> Image.Image:
    """Decode a pooled frame: the VAE itself, at a sixteenth of its cost."""
    with torch.no_grad():
        frame = unpacked(pipe, latents, width, height)
        pool = SMALL_SKETCH_POOL if min(width, height) < SMALL_EDGE else SKETCH_POOL
        pooled = functional.avg_pool2d(frame[:, :, 0], pool).unsqueeze(2)
        return picture(pipe, pooled)
