"""The adapter of the examples, from its folder and from wheels in a clean environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from imageway.cli import main
from tests.checkout import MADE_HERE, ROOT, text

EXAMPLE = ROOT / "examples" / "lumen"
PACKAGE = "imageway_lumen"


def test_the_adapter_is_short_enough_to_be_read_at_once() -> None:
    assert len(text(EXAMPLE / PACKAGE / "adapter.py").splitlines()) < 100


def test_the_example_keeps_every_promise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [str(EXAMPLE), *sys.path])
    emulator = f"{PACKAGE}.emulator:LumenEmulator"
    assert main(["conform", f"{PACKAGE}:LumenAdapter", "--emulator", emulator]) == 0
    assert " kept, 0 broken, " in capsys.readouterr().out


def run(*command: str | Path, folder: Path) -> str:
    """Run a program that knows nothing of the checkout, and hand back what it printed."""
    hidden = {"PYTHONPATH", "CI"}
    played = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in hidden},
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, f"{command}\n{played.stdout}\n{played.stderr}"
    return played.stdout


def built(source: Path, folder: Path) -> Path:
    """The wheel of a folder, built from a copy without anything that was made here."""
    unwanted = shutil.ignore_patterns(".*", "*.egg-info", *MADE_HERE)
    copy = folder / "source" / source.name
    shutil.copytree(source, copy, symlinks=True, ignore=unwanted)
    wheels = folder / "wheels" / source.name
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "-o", wheels, ".", folder=copy)
    [wheel] = wheels.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a clean environment with both wheels and what the kit needs, no more."""
    folder = tmp_path_factory.mktemp("example")
    ours, theirs = built(ROOT, folder), built(EXAMPLE, folder)
    venv.create(folder / "env", with_pip=True)
    found = folder / "env" / "bin"
    wanted = (f"imageway[testing] @ {ours.as_uri()}", theirs)
    tested = ROOT / "constraints.txt"
    run(found / "python", "-m", "pip", "install", "-qq", "-c", tested, *wanted, folder=folder)
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_installed_example_is_found_by_its_name_and_proven(
    programs: Path, tmp_path: Path
) -> None:
    [card] = json.loads(run(programs / "imageway", "conform", "lumen", "--json", folder=tmp_path))
    assert (card["adapter"], card["emulator"], card["good"]) == ("lumen", "lumen", True)
    kept = [each for each in card["scenarios"] if each["ending"] == "kept"]
    assert len(kept) > 70


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_example_is_proven_by_pytest_and_nothing_else(programs: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    told = run(programs / "python", "-m", "pytest", "-q", "-W", "error", "tests", folder=tmp_path)
    assert " passed" in told
    assert "skipped" not in told


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_installed_example_serves_as_any_provider(programs: Path, tmp_path: Path) -> None:
    config = '[providers.lumen]\nadapter = "lumen"\napi_key = { env = "LUMEN_API_KEY" }\n'
    (tmp_path / "plugins.toml").write_text(config)
    told = run(programs / "imageway", "providers", folder=tmp_path)
    assert told.startswith("lumen\tlumen\tdisabled: ")
    assert "LUMEN_API_KEY" in told
