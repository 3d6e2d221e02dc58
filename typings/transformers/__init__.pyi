"""The part of transformers that the engine uses; `make test-qwen` compares it with the real one."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Self

from sdnq import SDNQConfig
from torch import dtype as _Dtype
from torch.nn import Module

_Path = str | PathLike[str]

class Qwen2Tokenizer:
    def __init__(
        self,
        vocab: dict[str, int] | None = None,
        merges: list[tuple[str, str]] | None = None,
        *,
        extra_special_tokens: Sequence[str] = ...,
        model_max_length: int = ...,
    ) -> None: ...

class Qwen2_5_VLConfig:
    def __init__(
        self,
        *,
        text_config: Mapping[str, object],
        vision_config: Mapping[str, object],
        vision_start_token_id: int,
        vision_end_token_id: int,
        image_token_id: int,
        video_token_id: int,
    ) -> None: ...

class Qwen2_5_VLForConditionalGeneration(Module):
    def __init__(self, config: Qwen2_5_VLConfig) -> None: ...
    @property
    def dtype(self) -> _Dtype: ...
    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: _Path,
        *,
        subfolder: str = ...,
        dtype: _Dtype | None = ...,
        local_files_only: bool = ...,
        quantization_config: SDNQConfig = ...,
    ) -> Self: ...
    def save_pretrained(self, save_directory: _Path) -> None: ...
