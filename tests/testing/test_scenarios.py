"""The scenarios as a book: complete, readable, and of no vendor."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from imageway.core.capability import Capabilities
from imageway.core.options import ROW_BY_OPTION, Option
from imageway.emulators.faults import Fault
from imageway.testing.samples import SAMPLES, wishes
from imageway.testing.scenario import Scenario
from imageway.testing.scenarios import MODULES, SCENARIOS
from tests.checkout import ROOT, text

VENDORS = re.compile(
    r"\b(openai|gpt|gemini|google|civitai|comfy\w*|automatic1111|qwen|vllm|demo)\b", re.IGNORECASE
)
KIT = ROOT / "imageway" / "testing"


def test_every_option_has_at_least_two_samples_or_a_rule() -> None:
    everything = Capabilities.permissive()
    assert set(SAMPLES) == set(Option)
    assert [option for option in Option if len(wishes(option, everything)) < 2] == []


@pytest.mark.parametrize("option", [option for option in Option if ROW_BY_OPTION[option].range])
def test_a_sample_is_in_the_range_of_its_option(option: Option) -> None:
    bounds = ROW_BY_OPTION[option].range
    assert bounds is not None
    numbers = [each for each in SAMPLES[option] if isinstance(each, int | float)]
    assert all(number in bounds for number in numbers)


def test_no_two_scenarios_have_one_name() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(names) == len(set(names))


def test_every_file_of_scenarios_is_played() -> None:
    files = {path.stem for path in (KIT / "scenarios").glob("*.py")} - {"__init__"}
    assert {module.__name__.rpartition(".")[2] for module in MODULES} == files
    assert {scenario.group for scenario in SCENARIOS} == files


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_scenario_says_what_it_is_and_how_to_mend(scenario: Scenario) -> None:
    assert re.fullmatch(r"[a-z][^.]{8,98}", scenario.sentence)
    assert len(scenario.mend) >= 40
    assert scenario.mend.endswith((".", ":"))


def test_no_vendor_is_named_in_the_kit() -> None:
    named = [
        f"{path.name}: {found.group()}"
        for path in KIT.rglob("*.py")
        for found in VENDORS.finditer(text(path))
    ]
    assert named == []


def test_every_fault_is_played_by_some_scenario() -> None:
    played = "\n".join(text(path) for path in (KIT / "scenarios").glob("*.py"))
    assert [fault for fault in Fault if f"Fault.{fault.name}" not in played] == []


def test_playing_needs_no_pytest() -> None:
    code = (
        "import sys, imageway.testing, imageway.testing.playing, imageway.testing.card, "
        "imageway.testing.scenarios; print('pytest' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
