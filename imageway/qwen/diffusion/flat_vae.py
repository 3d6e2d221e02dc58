"""The video VAE for one frame: its 3-D convolutions see zeros but for their last slice."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKLQwenImage
from diffusers.models.autoencoders.autoencoder_kl_qwenimage import QwenImageCausalConv3d
from torch.nn import functional


class FlatConvolution(torch.nn.Module):
    """What a causal 3-D convolution does to a single first frame, in two dimensions."""

    def __init__(self, conv: QwenImageCausalConv3d) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(conv.weight[:, :, -1].contiguous(), requires_grad=False)
        self.bias = conv.bias
        self._stride = conv.stride[1:]
        width, _, height, *_ = conv._padding
        self._padding = (height, width)

    def forward(self, frames: torch.Tensor, before: None = None) -> torch.Tensor:
        """Convolve; there is nothing before the first frame."""
        flat = functional.conv2d(
            frames[:, :, 0], self.weight, self.bias, self._stride, self._padding
        )
        return flat.unsqueeze(2)


def flatten(vae: AutoencoderKLQwenImage) -> int:
    """Let a VAE decode only single frames, faster; returns how many of its layers changed."""
    changed = sum(_flatten_inside(module) for module in [vae, *vae.decoder.modules()])

    def forget() -> None:
        # Without these the decoder keeps a copy of each layer's input for a second frame.
        vae._feat_map = None
        vae._conv_idx = [0]

    vae.clear_cache = forget
    return changed


def _flatten_inside(parent: torch.nn.Module) -> int:
    changed = 0
    for name, child in [*parent.named_children()]:
        # The encoder is never used, and the temporal layers not for a first frame.
        if isinstance(child, QwenImageCausalConv3d) and name not in {"quant_conv", "time_conv"}:
            setattr(parent, name, FlatConvolution(child))
            changed += 1
    return changed
