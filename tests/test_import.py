"""`import imageway` is light: what only some callers need is loaded when they need it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.checkout import ROOT

HEAVY = ["PIL", "rich", "prometheus_client", "openai", "pytest", "aiohttp", "imageway.painting"]
CHECK = """
import sys
sys.path.insert(0, {root!r})
import {module}
print(*[name for name in {heavy!r} if name in sys.modules])
"""


def loaded_by(module: str, folder: Path, heavy: list[str]) -> list[str]:
    code = CHECK.format(root=str(ROOT), module=module, heavy=heavy)
    checked = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    return checked.stdout.split()


def test_the_library_loads_nothing_heavy(tmp_path: Path) -> None:
    assert loaded_by("imageway", tmp_path, HEAVY) == []


def test_what_is_heavy_would_be_seen(tmp_path: Path) -> None:
    assert loaded_by("PIL, rich", tmp_path, HEAVY) == ["PIL", "rich"]
