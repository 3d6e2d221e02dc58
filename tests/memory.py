"""How much more memory a piece of work took at its highest, allocations of C and Rust included."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROCESS = Path("/proc/self")
# Written there, it makes the highest mark begin anew; see proc(5).
FORGET_THE_HIGHEST = "5"


@dataclass(slots=True)
class Growth:
    """Bytes above what there was before."""

    bytes: int = 0


@contextmanager
def growth() -> Generator[Growth]:
    """Watch while the block lasts; where there is no /proc, Python's own memory only."""
    grown = Growth()
    gc.collect()
    if not (PROCESS / "clear_refs").exists():
        tracemalloc.start()
        yield grown
        grown.bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return
    (PROCESS / "clear_refs").write_text(FORGET_THE_HIGHEST, encoding="ascii")
    before = _kilobytes("VmRSS")
    yield grown
    grown.bytes = (_kilobytes("VmHWM") - before) << 10


def _kilobytes(name: str) -> int:
    lines = (PROCESS / "status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
