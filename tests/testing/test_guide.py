"""The author's guide, run as it stands."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from imageway.cli import main
from imageway.core.adapter import Adapter
from imageway.core.errors import ErrorCode
from imageway.testing.scenarios import SCENARIO_BY_NAME
from tests.checkout import ROOT, text

GUIDE = text(ROOT / "docs" / "adapters.md")
FILE = re.compile(r"^`([\w/]+\.py)`\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
OURS = {"timeout", "network", "conflict", "cancelled", "misconfigured", "internal"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of the guide, where it says that they lie."""
    for name, code in FILE.findall(GUIDE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code)
    (tmp_path / "house" / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "house"]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("./tests/test_house.py:TestHouse",),
        ("house.adapter:HouseAdapter", "--emulator", "house.emulator:HouseEmulator"),
    ],
)
def test_the_adapter_of_the_guide_keeps_every_promise(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert main(["conform", *words]) == 0, capsys.readouterr().out
    told = capsys.readouterr().out
    assert told.startswith("house, model house-xl, against the emulator house\n")
    assert f"$ imageway conform {' '.join(words)}\n" in GUIDE


def test_the_entry_points_of_the_guide_lead_somewhere(folder: Path) -> None:
    packaging = tomllib.loads(TABLE.findall(GUIDE)[0])["project"]["entry-points"]
    assert set(packaging) == {"imageway.adapters", "imageway.emulators"}
    for group in packaging.values():
        place, _, name = group["house"].partition(":")
        assert f"class {name}" in (folder / place.replace(".", "/")).with_suffix(".py").read_text()


def test_the_guide_explains_every_code_that_a_vendor_can_cause() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE))
    assert listed == {*map(str, ErrorCode)} - OURS


def test_the_guide_names_every_power() -> None:
    from imageway.testing.playing import POWERS

    methods = {name for power in POWERS for name in vars(power) if not name.startswith("_")}
    named = set(re.findall(r"^\| `async (\w+)\(", GUIDE, re.MULTILINE))
    assert named == methods
    assert Adapter.describe.__name__ in GUIDE


def test_the_guide_names_only_scenarios_that_there_are() -> None:
    named = set(re.findall(r'known_failures = \{"(\w+)"', GUIDE)) | {"seed_arrives"}
    assert named <= SCENARIO_BY_NAME.keys()


def test_every_link_of_the_guide_leads_somewhere() -> None:
    for page in ("adapters.md", "support.md"):
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text(ROOT / "docs" / page))
        assert links
        assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
