"""The device that does the work, and its memory."""

from __future__ import annotations

import gc
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from imageway.qwen.configuring import misconfigured
from imageway.qwen.engine import Memory

# In the order in which they are looked for.
IS_AVAILABLE_BY_KIND: Mapping[str, Callable[[], bool]] = {
    "cuda": torch.cuda.is_available,
    "xpu": torch.xpu.is_available,
    "mps": torch.backends.mps.is_available,
    "cpu": lambda: True,
}
MEMINFO = Path("/proc/meminfo")


def available() -> list[str]:
    """The kinds of devices that this PyTorch can use here."""
    return [kind for kind, is_available in IS_AVAILABLE_BY_KIND.items() if is_available()]


def find_device(name: str) -> torch.device:
    """The device of that name, or the best one for `auto`; raises misconfigured for none."""
    usable = available()
    if name == "auto":
        return torch.device(usable[0])
    kind = name.partition(":")[0]
    if kind not in IS_AVAILABLE_BY_KIND:
        kinds = ", ".join(IS_AVAILABLE_BY_KIND)
        raise misconfigured(f"device: {name!r} is none of auto, {kinds}")
    if kind not in usable:
        seen = f"PyTorch {torch.__version__} sees only {', '.join(usable)}"
        raise misconfigured(
            f"device: there is no {name!r}, {seen}",
            "imageway qwen doctor says what can be run here",
        )
    return torch.device(name)


def name_of(device: torch.device) -> str:
    """What a device calls itself."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device.index)
    return platform.machine() if device.type == "cpu" else device.type


def free_bytes(device: torch.device) -> int:
    """How much may still be taken."""
    if device.type == "cpu":
        return free_ram()
    return torch.accelerator.get_memory_info(device)[0]


def free_ram() -> int:
    """The memory of the machine that a program may take without swapping."""
    if MEMINFO.exists():
        for line in MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def taken(device: torch.device) -> Memory:
    """How much PyTorch has taken of a device with a memory of its own."""
    if device.type == "cpu":
        return Memory()
    return Memory(
        allocated=torch.accelerator.memory_allocated(device),
        reserved=torch.accelerator.memory_reserved(device),
        total=torch.accelerator.get_memory_info(device)[1],
    )


def release(device: torch.device) -> None:
    """Give back what nobody refers to any more."""
    gc.collect()
    if device.type != "cpu":
        torch.accelerator.empty_cache()
