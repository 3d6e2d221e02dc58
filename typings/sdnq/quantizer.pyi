"""How a layer is quantised."""

from collections.abc import Callable

from sdnq import SDNQConfig
from sdnq.layers import SDNQLayer
from torch.nn import Linear

sdnq_quantize_layer: Callable[..., tuple[SDNQLayer | Linear, SDNQConfig]]
