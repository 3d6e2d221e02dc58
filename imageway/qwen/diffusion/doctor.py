"""What this machine can run, and with which command."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from imageway.qwen.diffusion import libraries
from imageway.qwen.diffusion.plan import GIB, OVERHEAD, WEIGHTS, Plan, plan

CARDS = (32, 24, 16, 12)
# The checkpoint, and room for half of it while it is downloaded.
DISK = int(1.5 * sum(WEIGHTS.values()))
DEMO = "imageway qwen serve --backend demo"


@dataclass(frozen=True, slots=True)
class Device:
    """What would do the work."""

    kind: str
    name: str
    free: int
    triton: bool


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out about a machine."""

    device: Device | None
    versions: Mapping[str, str]
    missing: tuple[str, ...]
    disk: int

    @property
    def is_fit(self) -> bool:
        """Whether the real model can be started here."""
        return self.device is not None and not self.missing

    @property
    def plan(self) -> Plan | None:
        """How it would be laid out here."""
        if self.device is None or self.device.kind == "cpu":
            return None
        return plan(self.device.free)


def examine(folder: Path) -> Examination:
    """Look at this machine; the folder is where the checkpoint would lie."""
    missing = tuple(libraries.missing())
    device = None if "torch" in missing else _device()
    return Examination(device, libraries.versions(), missing, shutil.disk_usage(folder).free)


def _device() -> Device:
    from torch.utils._triton import has_triton

    from imageway.qwen.diffusion.devices import find_device, free_bytes, name_of

    device = find_device("auto")
    return Device(device.type, name_of(device), free_bytes(device), has_triton())


def told(found: Examination) -> Iterator[str]:
    """The findings, line by line, the command last."""
    yield from _told_device(found.device)
    yield "libraries  " + (", ".join(f"{k} {v}" for k, v in found.versions.items()) or "none")
    if found.missing:
        yield f"missing    {', '.join(found.missing)}: {libraries.INSTALL}"
    enough = "enough" if found.disk >= DISK else f"{DISK / GIB:.0f} GiB are wanted"
    yield f"disk       {found.disk / GIB:.0f} GiB free here, {enough}"
    yield ""
    yield "what a card of a size can do, calculated for uint4 with SVD rank 32 at 1328x1328:"
    for size in CARDS:
        way = plan(size * GIB - OVERHEAD)
        yield f"  {size:>2} GB  {described(way)}: {flags(way)}"
    yield ""
    yield from _told_command(found)


def _told_device(device: Device | None) -> Iterator[str]:
    if device is None:
        yield "device     not known without PyTorch"
        return
    yield f"device     {device.kind}: {device.name}, {device.free / GIB:.1f} GiB free"
    triton = "works: kernels are compiled" if device.triton else "none: nothing is compiled"
    yield f"triton     {triton}"


def _told_command(found: Examination) -> Iterator[str]:
    if not found.is_fit:
        yield f"install    {libraries.INSTALL}"
        yield f"meanwhile  {DEMO}"
    elif found.plan is None:
        yield "here       on a processor the real model takes very long for one picture"
        yield "try        imageway qwen serve --model DIR --device cpu"
        yield f"or         {DEMO}"
    else:
        yield f"here       {described(found.plan)}"
        yield f"start      {command(found.plan)}"


def described(way: Plan) -> str:
    """A plan in words."""
    tiles = "decoded in tiles" if way.tiling else "decoded whole"
    return f"{way.placement}, {tiles}, {way.bytes_needed / GIB:.1f} GiB at its peak"


def command(way: Plan) -> str:
    """The command that starts the service so."""
    return f"imageway qwen serve --model DIR {flags(way)}"


def flags(way: Plan) -> str:
    """What tells the service of a plan."""
    return f"--placement {way.placement} --vae-tiling {'on' if way.tiling else 'off'}"
