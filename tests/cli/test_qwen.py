"""imageway qwen: started and asked from the command line."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import orjson
import pytest

from imageway.cli import main
from imageway.qwen.settings import Settings
from tests.qwen.lab import served

Capture = pytest.CaptureFixture[str]
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what the environment may say of the service."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"IMAGEWAY_QWEN_{name.upper()}", raising=False)


def test_without_the_real_engine_it_says_what_to_install(capsys: Capture) -> None:
    assert main(["qwen", "serve", "--model", "somewhere"]) == 78
    told = capsys.readouterr().err
    assert "the engine of the backend 'sdnq' is not installed" in told
    assert 'pip install "imageway[qwen]"' in told
    assert "--backend demo" in told


def test_a_wrong_setting_is_78_and_names_it(capsys: Capture) -> None:
    assert main(["qwen", "serve", "--backend", "demo", "--queue-depth", "many"]) == 78
    assert "queue_depth: 'many'" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_78(capsys: Capture, tmp_path: Path) -> None:
    file = str(tmp_path / "qwen.toml")
    assert main(["qwen", "serve", "--backend", "demo", "--config", file]) == 78
    assert "qwen.toml cannot be read" in capsys.readouterr().err


def test_the_key_cannot_be_given_where_everybody_sees_it(capsys: Capture) -> None:
    assert main(["qwen", "serve", "--api-key", "sesame"]) == 2
    assert "there is no option '--api-key'" in capsys.readouterr().err


def test_a_mistyped_option_is_answered_with_the_nearest(capsys: Capture) -> None:
    assert main(["qwen", "serve", "--queue-dept", "3"]) == 2
    assert "did you mean '--queue-depth'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "hint"), [(["qwen"], "see imageway qwen --help"), (["qwen", "serv"], "'serve'")]
)
def test_a_mistyped_word_is_answered_with_the_nearest(
    words: list[str], hint: str, capsys: Capture
) -> None:
    assert main(words) == 2
    assert hint in capsys.readouterr().err


def test_info_says_how_to_start_one_where_there_is_none(capsys: Capture) -> None:
    assert main(["qwen", "info", NOBODY]) == 1
    told = capsys.readouterr().err
    assert f"there is no service at {NOBODY}" in told
    assert "imageway qwen serve --backend demo" in told


@pytest.fixture
def service() -> Generator[str]:
    """The address of a demo service that was started as a person would."""
    command = ("-m", "imageway", "qwen", "serve", "--backend", "demo", "--port", "0")
    with subprocess.Popen(
        [sys.executable, "-W", "error", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "the demo backend: pictures by rules, not AI" in first
        found = re.search(r"http://\S+", first)
        assert found is not None
        yield found[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.slow
def test_info_tells_what_a_running_service_is(service: str, capsys: Capture) -> None:
    assert main(["qwen", "info", service]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "model: imageway-demo (procedural, not AI) on cpu"
    assert lines[1] == "backend: demo, not AI"
    assert "1:1 1328x1328" in lines[2]
    assert lines[3].startswith("line: ")
    assert "0 at work, 0 of 16 waiting" in lines[3]
    assert main(["qwen", "info", f"{service}/", "--json"]) == 0
    told = orjson.loads(capsys.readouterr().out)
    assert (told["info"]["backend"], told["queue"]["capacity"]) == ("demo", 16)


@pytest.mark.slow
def test_info_uses_the_key_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with served(api_key="sesame") as it:
        assert main(["qwen", "info", it.url]) == 1
        assert "set IMAGEWAY_QWEN_API_KEY" in capsys.readouterr().err
        monkeypatch.setenv("IMAGEWAY_QWEN_API_KEY", "sesame")
        assert main(["qwen", "info", it.url]) == 0
