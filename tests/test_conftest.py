"""In CI a test that was skipped is a test that failed; elsewhere it is only skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONFTEST = Path(__file__).with_name("conftest.py")
SKIPS_ONE = "import pytest\ndef test_it(): pytest.skip('no engine')\n"
SKIPS_ALL = "import pytest\npytest.skip('no engine', allow_module_level=True)\n"
EXPECTS_TO_FAIL = "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False\n"


def play(folder: Path, test: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(CONFTEST.read_text())
    (folder / "test_one.py").write_text(test)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."],
        cwd=folder,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(CONFTEST.parent.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("test", [SKIPS_ONE, SKIPS_ALL], ids=["one test", "a whole file"])
def test_a_skip_fails_in_ci_and_says_its_reason(tmp_path: Path, test: str) -> None:
    played = play(tmp_path, test, ci="true")
    assert played.returncode in {1, 2}, played.stdout
    assert "in CI nothing is skipped: " in played.stdout
    assert "no engine" in played.stdout


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    played = play(tmp_path, SKIPS_ONE, ci="")
    assert played.returncode == 0, played.stdout
    assert "1 skipped" in played.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert play(tmp_path, EXPECTS_TO_FAIL, ci="true").returncode == 0
