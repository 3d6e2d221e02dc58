"""The part of safetensors that the engine uses; `make test-qwen` compares it with the real one."""

from types import TracebackType
from typing import Self

from torch import Tensor

class SafetensorError(Exception): ...

class safe_open:
    def __new__(cls, filename: str, framework: str, device: str = "cpu") -> Self: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _exc_type: type[BaseException] | None,
        _exc_value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None: ...
    def keys(self) -> list[str]: ...
    def get_tensor(self, name: str) -> Tensor: ...
