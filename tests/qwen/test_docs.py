"""docs/qwen.md: its examples are run as they stand, its tables are those of the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imageway.core.picture import Picture
from imageway.qwen.api.fields import NAMES
from imageway.qwen.codes import ROW_BY_CODE
from imageway.qwen.configuring import read_settings
from tests.checkout import ROOT, text
from tests.qwen.lab import Lab, served

PAGE = text(ROOT / "docs" / "qwen.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
USUAL = "http://127.0.0.1:7860"


def blocks(language: str) -> list[str]:
    return [block for kind, block in BLOCK.findall(PAGE) if kind == language]


@pytest.fixture
def it() -> Iterator[Lab]:
    with served() as here:
        yield here


def play(command: list[str], example: str, it: Lab, folder: Path) -> str:
    """Run an example in an empty folder; only the address is another."""
    played = subprocess.run(
        [*command, example.replace(USUAL, it.url)],
        cwd=folder,
        env={**os.environ, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    return played.stdout


@pytest.mark.slow
@pytest.mark.parametrize("example", blocks("sh"))
def test_a_shell_example_works(example: str, it: Lab, tmp_path: Path) -> None:
    assert USUAL in example
    told = play(["bash", "-euo", "pipefail", "-c"], example, it, tmp_path)
    made = [*tmp_path.iterdir()]
    assert made or told.startswith("{")
    assert all(file.stat().st_size > 100 for file in made)


@pytest.mark.slow
@pytest.mark.parametrize("example", blocks("python"))
def test_a_python_example_works(example: str, it: Lab, tmp_path: Path) -> None:
    told = play([sys.executable, "-W", "error", "-c"], example, it, tmp_path)
    files = [Picture.from_bytes(file.read_bytes()) for file in tmp_path.iterdir()]
    assert len(files) == 2 or "image/png" in told


@pytest.mark.parametrize("example", blocks("toml"))
def test_a_settings_example_can_be_used(example: str, tmp_path: Path) -> None:
    file = tmp_path / "qwen.toml"
    file.write_text(example)
    assert read_settings({}, {}, file).queue_depth == 4


def test_every_code_is_in_the_table_with_its_status() -> None:
    rows = re.findall(r"^\| (\d+) \| (\d{3}) \|", PAGE, re.MULTILINE)
    assert {int(code): int(status) for code, status in rows} == {
        int(code): row.status for code, row in ROW_BY_CODE.items()
    }


def test_every_field_is_in_the_table() -> None:
    table = PAGE[PAGE.index("| field | values |") :].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [*NAMES]


def test_the_example_of_an_error_is_what_is_said() -> None:
    [example] = blocks("json")
    assert "num_steps must be an integer from 20 to 100" in example


def test_it_says_plainly_what_the_demo_is_and_what_no_gpu_has_seen() -> None:
    page = PAGE.replace("\n", " ")
    assert "The demo draws pictures by rules; it is no AI" in page
    assert "No GPU has seen it yet" in page
