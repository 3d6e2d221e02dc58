"""What can be changed about a quantised model."""

from typing import TypeVar

from torch import dtype
from torch.nn import Module

_Model = TypeVar("_Model", bound=Module)

def apply_sdnq_options_to_model(
    model: _Model,
    dtype: dtype | None = None,
    dequantize_fp32: bool | None = None,
    use_quantized_matmul: bool | None = None,
) -> _Model: ...
