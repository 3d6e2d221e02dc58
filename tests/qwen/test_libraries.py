"""The engine's libraries: imported by the engine alone, started in order, missed with an answer."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.qwen.diffusion import libraries
from imageway.qwen.engines import make_engine
from imageway.qwen.settings import Settings
from tests.checkout import ROOT, our_files, text

ENGINE = ROOT / "imageway" / "qwen" / "diffusion"
MODULES = """
import pkgutil, sys, imageway
for found in pkgutil.walk_packages(imageway.__path__, "imageway."):
    if not found.name.startswith("imageway.qwen.diffusion.") and "__main__" not in found.name:
        __import__(found.name)
print(sorted({'torch', 'diffusers', 'transformers', 'accelerate', 'sdnq'} & {*sys.modules}))
"""


def imported(file: Path) -> set[str]:
    """The first words of everything that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text(file))):
        match node:
            case ast.Import(names=names):
                found |= {each.name.partition(".")[0] for each in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
            case _:
                pass
    return found


def test_nobody_but_the_engine_imports_its_libraries() -> None:
    ours = [path for path in our_files(".py") if path.relative_to(ROOT).parts[0] != "tests"]
    foreign = [
        str(path.relative_to(ROOT))
        for path in ours
        if imported(path) & {*libraries.NEEDED} and path.parent != ENGINE
    ]
    assert [path for path in foreign if not path.startswith("bench/")] == []


@pytest.mark.slow
def test_importing_everything_else_imports_none_of_them() -> None:
    played = subprocess.run(
        [sys.executable, "-c", MODULES], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert played.stdout.strip() == "[]"


def test_a_missing_library_is_answered_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libraries, "missing", lambda: ["torch", "sdnq"])
    with pytest.raises(ImagewayError, match="torch, sdnq") as raised:
        make_engine(Settings(model="somewhere"))
    assert raised.value.info.code is ErrorCode.MISCONFIGURED
    assert 'pip install "imageway[qwen]"' in (raised.value.info.hint or "")


def test_on_a_processor_nothing_is_compiled_unless_somebody_wants_it() -> None:
    environment: dict[str, str] = {}
    libraries.prepare(environment, "cpu", offline=False)
    assert environment["SDNQ_USE_TORCH_COMPILE"] == "0"
    environment = {"SDNQ_USE_TORCH_COMPILE": "1"}
    libraries.prepare(environment, "cpu", offline=False)
    assert environment["SDNQ_USE_TORCH_COMPILE"] == "1"


def test_compiled_kernels_outlive_the_process() -> None:
    environment = {"XDG_CACHE_HOME": "cache"}
    libraries.prepare(environment, "cuda", offline=False)
    assert environment["TORCHINDUCTOR_CACHE_DIR"] == str(Path("cache", "imageway", "inductor"))
    assert "SDNQ_USE_TORCH_COMPILE" not in environment


def test_offline_the_hub_is_never_asked() -> None:
    environment: dict[str, str] = {}
    libraries.prepare(environment, "cpu", offline=True)
    assert (environment["HF_HUB_OFFLINE"], environment["TRANSFORMERS_OFFLINE"]) == ("1", "1")
