"""imageway models, providers, check and key: what stands in the configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from imageway.cli import main
from imageway.providers.keys import digest
from tests.checkout import ROOT

Capture = pytest.CaptureFixture[str]


def test_providers_say_what_is_missing(folder: Path, capsys: Capture) -> None:
    assert main(["providers"]) == 0
    assert capsys.readouterr().out == (
        "mine\t./mine.py:Mine\tready\tdefault\n"
        "google\t./mine.py:Mine\tdisabled: set GEMINI_API_KEY in the environment\tdefault, nobody\n"
    )


def test_providers_are_data_for_programs(folder: Path, capsys: Capture) -> None:
    assert main(["providers", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1] == {
        "name": "google",
        "adapter": "./mine.py:Mine",
        "state": "disabled",
        "reason": "set GEMINI_API_KEY in the environment",
        "routes": ["default", "nobody"],
        "at_once": 4,
        "queue": 50,
    }


def test_providers_can_be_asked_how_they_are(folder: Path, capsys: Capture) -> None:
    assert main(["providers", "--check"]) == 1
    assert capsys.readouterr().out == (
        "mine\tup\tit cannot be asked for free\n"
        "google\tdown\tdisabled: set GEMINI_API_KEY in the environment\n"
    )


@pytest.mark.slow
def test_providers_of_a_running_gateway_show_what_runs(folder: Path, capsys: Capture) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "imageway", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as gateway:
        assert gateway.stdout is not None
        url = gateway.stdout.readline().split()[-1]
        assert main(["providers", "--live", url]) == 0
        gateway.terminate()
    assert capsys.readouterr().out.splitlines()[0] == (
        "mine\t./mine.py:Mine\tready\tdefault\t-\tclosed\t0 of 4\t0, room for 50 requests\t3"
    )


def test_where_no_gateway_runs_that_is_said(folder: Path, capsys: Capture) -> None:
    assert main(["providers", "--live", "http://127.0.0.1:1"]) == 2
    told = capsys.readouterr().err
    assert "no gateway told how its providers are at http://127.0.0.1:1" in told
    assert "hint: is a gateway running there?" in told


def test_models_say_what_each_route_tries_in_order(folder: Path, capsys: Capture) -> None:
    assert main(["models"]) == 0
    assert capsys.readouterr().out == (
        "default\tgoogle/anything → mine/draws\tready, without google/anything\n"
        "nobody\tgoogle/anything\tdisabled\n"
    )


def test_models_of_a_vendor_stand_behind_the_routes_whatever_another_does(
    folder: Path, capsys: Capture
) -> None:
    with (folder / "plugins.toml").open("a") as file:
        file.write("[providers.broken]\nadapter = './mine.py:Mine'\nlists = 'bug'\n")
        file.write("[providers.listed]\nadapter = './mine.py:Mine'\nlists = 'draws'\n")
    assert main(["models"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[2:] == ["listed/draws\t-\tready"]
    assert "KeyError" in (folder / "state" / "imageway" / "imageway.log").read_text()


def test_models_are_data_for_programs(folder: Path, capsys: Capture) -> None:
    assert main(["models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0] == {
        "name": "default",
        "kind": "route",
        "tries": ["google/anything", "mine/draws"],
        "state": "ready, without google/anything",
    }


def test_check_warns_of_a_missing_secret(folder: Path, capsys: Capture) -> None:
    assert main(["check"]) == 0
    told = capsys.readouterr()
    assert told.err == (
        "warning: provider 'google' is disabled: set GEMINI_API_KEY in the environment\n"
        "warning: route 'nobody': every provider behind 'nobody' is disabled\n"
    )
    assert told.out == f"{folder}/plugins.toml: well formed, 2 providers, 2 routes, 0 keys\n"


def test_check_warns_of_a_key_that_allows_what_is_not_there(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "x")
    with (folder / "plugins.toml").open("a") as file:
        file.write("[keys.family]\ntoken = { env = 'TOKEN' }\nallow = ['defualt', 'nobody']\n")
    assert main(["check"]) == 0
    told = capsys.readouterr().err.splitlines()[2:]
    assert told == [
        "warning: key 'family' allows 'defualt', which is no model; did you mean 'default'?"
    ]


def test_strict_check_fails_where_check_warns(folder: Path) -> None:
    assert main(["check", "--strict"]) == 1


def test_strict_check_is_content_when_nothing_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "x")
    assert main(["check", "--strict"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[providers.mine]\nadapter = 'demoo'\n", "there is no adapter 'demoo'"),
        ("[providers.mine]\nadaptor = 'demo'\n", "the key 'adapter' is missing"),
        ("[provider.mine]\n", "unknown key 'provider'"),
        ("[providers\n", "this is not TOML"),
    ],
)
@pytest.mark.parametrize("command", ["check", "models", "providers", "serve"])
def test_a_wrong_file_is_one_message_and_code_2(
    folder: Path, capsys: Capture, command: str, text: str, words: str
) -> None:
    (folder / "wrong.toml").write_text(text)
    assert main([command, "--config", "wrong.toml"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"imageway: {folder}/wrong.toml")
    assert words in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_port_that_is_none_is_wrong_use(folder: Path, capsys: Capture, port: str) -> None:
    assert main(["serve", "--port", port]) == 2
    assert f"--port: {port!r} is" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--config", "no.toml", "check"], ["check", "--config", "no.toml"]]
)
def test_the_configuration_is_named_before_or_behind_the_command(
    folder: Path, capsys: Capture, arguments: list[str]
) -> None:
    assert main(arguments) == 2
    assert "no.toml: there is no such file" in capsys.readouterr().err


def test_a_new_key_opens_the_door_with_the_lines_it_prints(folder: Path, capsys: Capture) -> None:
    assert main(["key", "new", "fam.ily", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    reference = tomllib.loads(told["toml"])["keys"]["fam.ily"]["hash"]["env"]
    assert told["env"] == {reference: digest(told["token"])}


def test_a_new_key_is_shown_with_what_to_do(folder: Path, capsys: Capture) -> None:
    assert main(["key", "new", "family"]) == 0
    told = capsys.readouterr().out.splitlines()
    token = next(line for line in told if line.startswith("iw-"))
    assert "[keys.family]" in told
    assert 'hash = { env = "IMAGEWAY_KEY_FAMILY_HASH" }' in told
    assert f"IMAGEWAY_KEY_FAMILY_HASH={digest(token)}" in told


def test_a_key_that_exists_is_not_made_again(folder: Path, capsys: Capture) -> None:
    with (folder / "plugins.toml").open("a") as file:
        file.write('[keys.family]\nhash = { env = "X" }\n')
    assert main(["key", "new", "family"]) == 2
    assert "there is a key 'family' already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", ".x", "a b", "x" * 61, "ключ"])
def test_a_key_needs_a_name_that_the_file_takes(folder: Path, name: str) -> None:
    assert main(["key", "new", name]) == 2
