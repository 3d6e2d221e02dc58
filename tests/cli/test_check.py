"""imageway check: every mistake, every warning, and with --live a free question to everybody."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from imageway.cli import main
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.serving import serve

Capture = pytest.CaptureFixture[str]
WRONG = """\
[providers.one]
adapter = "demoo"
[providers.two]
adapter = "demo"
cots = "local"
[routes.default]
try = ["two/demo", "three/demo"]
"""
SERVER = """\
[providers.server]
adapter = "openai"
base_url = "{url}"
api_key = {{ env = "SERVER_KEY" }}
network = "private"
retry = {{ attempts = 1 }}
[routes.default]
try = ["server/gpt-image-2"]
"""


def test_check_tells_every_mistake_in_the_order_of_the_lines(folder: Path, capsys: Capture) -> None:
    (folder / "plugins.toml").write_text(WRONG)
    assert main(["check"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    lines = [line.partition(", ")[2][:7] for line in told.err.splitlines() if ", line " in line]
    assert lines == ["line 2:", "line 5:", "line 7:"]
    assert told.err.splitlines()[-1] == "imageway: 3 mistakes; the file is not used"


def test_the_mistakes_are_data_for_programs(folder: Path, capsys: Capture) -> None:
    (folder / "plugins.toml").write_text(WRONG)
    assert main(["check", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["right"] is False
    assert [each["line"] for each in told["mistakes"]] == [2, 5, 7]
    assert "did you mean 'cost'" in told["mistakes"][1]["hint"]


def test_warnings_are_data_for_programs(folder: Path, capsys: Capture) -> None:
    assert main(["check", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["right"] is True
    assert told["warnings"][0].startswith("provider 'google' is disabled")


def test_a_secret_that_others_can_read_is_a_mistake(folder: Path, capsys: Capture) -> None:
    (folder / "key").write_text("s3cret")
    (folder / "key").chmod(0o644)
    with (folder / "plugins.toml").open("a") as file:
        file.write("[keys.family]\ntoken = { file = 'key' }\n")
    assert main(["check"]) == 2
    told = capsys.readouterr().err
    assert f"[keys.family] token: others can read {folder}/key (mode 0644, must be 0600)" in told
    assert "chmod 600" in told


def test_check_warns_of_an_address_that_will_be_refused(folder: Path, capsys: Capture) -> None:
    text = SERVER.format(url="http://192.168.0.7:8000/v1").replace('network = "private"\n', "")
    (folder / "plugins.toml").write_text(text)
    assert main(["check", "--strict"]) == 1
    told = capsys.readouterr().err
    assert "base_url leads to 192.168.0.7, which is not public and will be refused" in told


@pytest.mark.parametrize(("key", "code", "word"), [("sk-emulated", 0, "up"), ("sk-no", 1, "down")])
def test_live_asks_everybody_for_free(
    folder: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    code: int,
    word: str,
) -> None:
    monkeypatch.setenv("SERVER_KEY", key)

    async def checked() -> tuple[int, OpenAIEmulator]:
        emulator = OpenAIEmulator()
        async with serve(emulator) as url:
            (folder / "plugins.toml").write_text(SERVER.format(url=f"{url}/v1"))
            return await asyncio.to_thread(main, ["check", "--live"]), emulator

    ended, emulator = asyncio.run(checked())
    told = capsys.readouterr()
    assert ended == code, told.err
    assert f"server is {word}: " in told.out
    assert {heard.method for heard in emulator.heard} == {"GET"}
    assert emulator.charges == []


def test_without_live_nobody_is_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_KEY", "sk-emulated")

    async def checked() -> tuple[int, OpenAIEmulator]:
        emulator = OpenAIEmulator()
        async with serve(emulator) as url:
            (folder / "plugins.toml").write_text(SERVER.format(url=f"{url}/v1"))
            return await asyncio.to_thread(main, ["check"]), emulator

    ended, emulator = asyncio.run(checked())
    assert ended == 0
    assert list(emulator.heard) == []


def test_live_is_data_for_programs(folder: Path, capsys: Capture) -> None:
    assert main(["check", "--live", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["live"]["mine"]["status"] == "up"
    assert "google" not in told["live"]


def test_without_a_file_the_built_in_demo_is_checked(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--strict"]) == 0
    assert "so the built-in demo: well formed" in capsys.readouterr().out
