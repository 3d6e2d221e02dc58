"""Which libraries the engine needs, whether they are there, and how they must be started."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, MutableMapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from imageway.qwen.configuring import misconfigured

NEEDED = ("torch", "diffusers", "transformers", "accelerate", "sdnq", "safetensors")
INSTALL = 'pip install "imageway[qwen]"'
HINT = f"install it: {INSTALL}; to see the service without: imageway qwen serve --backend demo"


def missing() -> list[str]:
    """The libraries that are not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def require() -> None:
    """Refuse, with the command that installs them, where libraries are missing."""
    lacking = missing()
    if lacking:
        names = ", ".join(lacking)
        raise misconfigured(
            f"the engine of the backend 'sdnq' is not installed: it lacks {names}", HINT
        )


def versions() -> Mapping[str, str]:
    """The versions of those that are installed."""
    return dict(_versions())


def _versions() -> Iterator[tuple[str, str]]:
    for name in NEEDED:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def prepare(environment: MutableMapping[str, str], kind: str, *, offline: bool) -> None:
    """Set what SDNQ and the hub's client read while they are imported; what is set stays."""
    if kind == "cpu":
        # On a CPU it would have a C++ compiler make each kernel; the first picture takes minutes.
        environment.setdefault("SDNQ_USE_TORCH_COMPILE", "0")
    # Kernels that were compiled once must outlive the process.
    environment.setdefault("TORCHINDUCTOR_CACHE_DIR", str(_cache(environment) / "inductor"))
    if offline:
        environment["HF_HUB_OFFLINE"] = environment["TRANSFORMERS_OFFLINE"] = "1"


def prepare_here(kind: str, *, offline: bool) -> None:
    """Prepare this process."""
    prepare(os.environ, kind, offline=offline)


def _cache(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "imageway"
