"""An author's test class, as pytest plays it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.testing import AdapterConformance
from tests.checkout import ROOT
from tests.testing.house.emulator import HouseEmulator

FILE = """\
from imageway.testing import AdapterConformance
from tests.testing.broken.asking import DropsTheSeed
from tests.testing.house.adapter import HouseConfig
from tests.testing.house.emulator import HouseEmulator


class TestHouse(AdapterConformance):
    emulator = HouseEmulator
    known_failures = {known}

    def build(self, url, http, memo):
        config = HouseConfig.model_validate({{"base_url": f"{{url}}/v1", "api_key": "sk-emulated"}})
        return DropsTheSeed(config, http, memo)
"""


def played(folder: Path, known: dict[str, str], *options: str) -> str:
    """What pytest tells of a test class in a folder of its own."""
    (folder / "test_house.py").write_text(FILE.format(known=known))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options, "."]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    told = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return told.stdout


@pytest.mark.slow
def test_each_scenario_is_a_test_with_its_name(tmp_path: Path) -> None:
    told = played(tmp_path, {}, "--collect-only")
    assert "test_house.py::TestHouse::test_scenario[a_picture_comes]" in told
    assert "the_ticket_comes_first" not in told


@pytest.mark.slow
def test_a_failing_scenario_says_what_is_broken_and_how_to_mend(tmp_path: Path) -> None:
    told = played(tmp_path, {}, "-k", "seed_arrives or size_arrives")
    assert "seed 424242 and seed 7 were asked alike" in told
    assert "to mend: A claimed option must reach the vendor" in told
    assert "Traceback" not in told
    assert "1 failed, 1 passed" in told


@pytest.mark.slow
def test_a_known_failure_is_expected_and_one_that_passes_fails(tmp_path: Path) -> None:
    known = {"seed_arrives": "the vendor forgets it", "size_arrives": "it does not"}
    told = played(tmp_path, known, "-k", "seed_arrives or size_arrives")
    assert "1 failed, " in told
    assert "1 xfailed" in told
    assert "[XPASS(strict)] it does not" in told


def test_a_class_that_does_not_say_how_its_adapter_is_built_says_what_is_missing() -> None:
    class TestNothing(AdapterConformance):
        emulator = HouseEmulator

    with pytest.raises(TypeError, match="TestNothing does not say how its adapter is built"):
        TestNothing().build("", Http(), Memo())


def test_a_class_without_an_emulator_must_name_a_model() -> None:
    class TestNothing(AdapterConformance):
        pass

    with pytest.raises(TypeError, match="neither a model nor an emulator"):
        TestNothing.subject()
