"""How long `import imageway` takes, and how long until a fresh gateway is ready."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable

ROUNDS = 7


def main() -> None:
    """Print the middle and the range of each figure."""
    print(f"Python {sys.version.split()[0]}, {ROUNDS} rounds, each in a process of its own")
    show("python, nothing imported", lambda: seconds_to_run("pass"))
    show("import imageway", lambda: seconds_to_import("imageway"))
    show("import aiohttp, for comparison", lambda: seconds_to_import("aiohttp"))
    show("import pydantic, for comparison", lambda: seconds_to_import("pydantic"))
    show("imageway serve until /ready", seconds_until_ready)


def show(what: str, measure: Callable[[], float]) -> None:
    """Measure several times and print one line."""
    figures = sorted(measure() for _ in range(ROUNDS))
    middle = statistics.median(figures)
    print(f"{what:34} {middle:6.3f} s   ({figures[0]:.3f} … {figures[-1]:.3f})")


def seconds_to_run(code: str) -> float:
    """Time a whole process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def seconds_to_import(module: str) -> float:
    """Time the import alone, inside a fresh process."""
    clock = "from time import perf_counter as now; start = now()"
    code = f"{clock}; import {module}; print(now() - start)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(told.stdout)


def seconds_until_ready() -> float:
    """Time a gateway from its start to its first 200 on /ready, then end it."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "imageway", "serve", "--port", "0"],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        ) as gateway:
            try:
                with urllib.request.urlopen(f"{address_of(gateway)}/ready", timeout=10):
                    return time.perf_counter() - start
            finally:
                gateway.terminate()


def address_of(gateway: subprocess.Popen[str]) -> str:
    """Read where it listens from the first line that it prints."""
    first = gateway.stdout.readline() if gateway.stdout else ""
    place = first.find("http://")
    if place < 0:
        raise SystemExit(f"the gateway did not start: {first!r}")
    return first[place:].strip()


if __name__ == "__main__":
    main()
