"""Quantised layers."""

from typing import Protocol

from torch.nn import Module, Parameter

class _Dequantizer(Protocol):
    weights_dtype: str
    use_quantized_matmul: bool
    group_size: int
    original_shape: tuple[int, ...]

class SDNQLayer(Module):
    weight: Parameter
    scale: Parameter
    svd_up: Parameter | None
    svd_down: Parameter | None
    sdnq_dequantizer: _Dequantizer
