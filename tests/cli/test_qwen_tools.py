"""imageway qwen doctor, quantize and verify where the engine's libraries are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.cli import main
from imageway.qwen.diffusion import libraries

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let none of them be there, whatever this environment has."""
    monkeypatch.setattr(libraries, "missing", lambda: [*libraries.NEEDED])


@pytest.mark.parametrize("words", [["quantize", "a", "b"], ["verify", "a"]])
def test_a_tool_without_its_libraries_names_the_command_that_installs_them(
    words: list[str], capsys: Capture
) -> None:
    assert main(["qwen", *words]) == 78
    told = capsys.readouterr().err
    assert "it lacks torch" in told
    assert 'pip install "imageway[qwen]"' in told


def test_the_doctor_works_without_them_and_says_that_this_machine_is_not_fit(
    capsys: Capture, tmp_path: Path
) -> None:
    assert main(["qwen", "doctor", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert 'pip install "imageway[qwen]"' in told
    assert "24 GB  resident, decoded in tiles" in told
    assert "--placement model_offload --vae-tiling on" in told
