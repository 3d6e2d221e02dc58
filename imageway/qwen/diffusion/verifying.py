"""A checkpoint looked through to its last number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from imageway.qwen.diffusion.checkpoint import (
    ALWAYS_QUANTISED,
    QUANTISED,
    WEIGHTED,
    Damage,
    Entry,
    damages,
    read_header,
    weight_files,
)

BRANCH = (".svd_up", ".svd_down")
PACKED = "U8"
HINT = "make it again: imageway qwen quantize SRC DST"


def verify(folder: Path, say: Callable[[str], None]) -> Iterator[Damage]:
    """Everything that is wrong with a quantised checkpoint; reads all of its weights."""
    found = [*damages(folder)]
    yield from found
    if found:
        return
    for name in WEIGHTED:
        files = weight_files(folder / name)
        if name in QUANTISED:
            entries = {key: entry for file in files for key, entry in read_header(file).items()}
            yield from _wrong_layers(name, entries)
            say(f"{name}: {sum(key.endswith(BRANCH[0]) for key in entries)} quantised layers")
        for file in files:
            say(f"{name}: reading {file.name}")
            yield from _not_finite(file)


def _wrong_layers(component: str, entries: dict[str, Entry]) -> Iterator[Damage]:
    """Layers with a scale are quantised ones; each must be packed and have its branch."""
    layers = [name.removesuffix(".scale") for name in entries if name.endswith(".scale")]
    if not layers and component in ALWAYS_QUANTISED:
        yield Damage(f"no layer of the {component} is quantised", HINT)
    for layer in layers:
        weight = entries.get(f"{layer}.weight")
        if weight is None or weight.dtype != PACKED:
            yield Damage(f"{component}.{layer} is not stored as packed bytes", HINT)
        if not all(f"{layer}{end}" in entries for end in BRANCH):
            yield Damage(f"{component}.{layer} has lost its SVD branch", HINT)


def _not_finite(file: Path) -> Iterator[Damage]:
    try:
        with safe_open(str(file), framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118 - it is no mapping
                tensor = opened.get_tensor(name)
                if tensor.dtype.is_floating_point and not torch.isfinite(tensor).all():
                    yield Damage(f"{file}: {name} holds numbers that are none", HINT)
    except SafetensorError as error:
        yield Damage(f"{file} cannot be read: {error}")
