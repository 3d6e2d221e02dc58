"""Faults of a device and of numbers, brought into real modules of a real pipeline."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

import torch

# What PyTorch says when a kernel of CUDA touched memory that is not its own.
POISON = "CUDA error: an illegal memory access was encountered"


@contextmanager
def fault(
    module: torch.nn.Module, change: Callable[[torch.Tensor], torch.Tensor], *calls: int
) -> Generator[list[int]]:
    """Change what a module returns at its calls with these numbers, from 1; all of them if none."""
    made = [0]

    def hook(
        changed: torch.nn.Module, given: tuple[torch.Tensor, ...], returned: torch.Tensor
    ) -> torch.Tensor | None:
        made[0] += 1
        return change(returned) if not calls or made[0] in calls else None

    handle = module.register_forward_hook(hook)
    try:
        yield made
    finally:
        handle.remove()


def none(returned: torch.Tensor) -> torch.Tensor:
    """Numbers that are none."""
    return torch.full_like(returned, float("nan"))


def out_of_memory(returned: torch.Tensor) -> torch.Tensor:
    """As PyTorch says it."""
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.50 GiB.")


def poisoned(returned: torch.Tensor) -> torch.Tensor:
    """The device fails, and will not work again in this process."""
    raise torch.AcceleratorError(POISON)


def broken(returned: torch.Tensor) -> torch.Tensor:
    """A bug of somebody else."""
    raise KeyError("attn_mask")
