"""Files of tensors."""

from torch import Tensor

def load_file(filename: str, device: str = "cpu") -> dict[str, Tensor]: ...
def save_file(
    tensors: dict[str, Tensor], filename: str, metadata: dict[str, str] | None = None
) -> None: ...
