"""The part of SDNQ that the engine uses; `make test-qwen` compares it with the real one."""

from sdnq import quantizer as quantizer

__version__: str

class SDNQConfig:
    def __init__(
        self,
        weights_dtype: str = "int8",
        *,
        group_size: int = 0,
        svd_rank: int = 32,
        use_svd: bool = False,
        quantization_device: str | None = None,
        return_device: str | None = None,
    ) -> None: ...
