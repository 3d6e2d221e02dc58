"""The convolution of the Qwen-Image VAE."""

from torch.nn import Conv3d

class QwenImageCausalConv3d(Conv3d):
    _padding: tuple[int, int, int, int, int, int]
