"""imageway init: a first file from what is here, and never over another."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from imageway.cli import main
from imageway.providers.file.discovering import ACCOUNTS, ENGINES
from imageway.providers.loading import load
from imageway.providers.registry import installed
from imageway.providers.snapshot import provision

Capture = pytest.CaptureFixture[str]
VARIABLES = [name for account in ACCOUNTS for name in account.variables]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_where_nothing_is_found_the_demo_draws(empty: Path, capsys: Capture) -> None:
    assert main(["init", "--no-ports"]) == 0
    assert "openai: not found: OPENAI_API_KEY is not set" in capsys.readouterr().out
    assert main(["check", "--strict"]) == 0
    assert load(empty / "plugins.toml").config.routes["default"].entries[0].model == "demo/demo"


def test_a_key_of_the_environment_becomes_a_provider_and_is_never_written(
    empty: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "a-key-that-must-not-be-written")
    assert main(["init", "--no-ports"]) == 0
    told, written = capsys.readouterr().out, (empty / "plugins.toml").read_text()
    assert "google: found GOOGLE_API_KEY" in told
    assert 'api_key = { env = "GOOGLE_API_KEY" }' in written
    assert 'try = ["google/gemini-3.1-flash-image"]' in written
    assert "# [providers.openai]" in written
    assert "must-not-be-written" not in told + written


def test_the_first_line_names_the_schema_that_lies_beside(empty: Path) -> None:
    assert main(["init", "--no-ports"]) == 0
    first = (empty / "plugins.toml").read_text().splitlines()[0]
    assert first == "#:schema ./plugins.schema.json"
    assert "definitions" in json.loads((empty / "plugins.schema.json").read_text())


def test_a_file_that_is_there_is_left_alone(empty: Path, capsys: Capture) -> None:
    (empty / "plugins.toml").write_text("schema = 1\n")
    assert main(["init", "--no-ports"]) == 2
    assert "'plugins.toml' is already there" in capsys.readouterr().err
    assert (empty / "plugins.toml").read_text() == "schema = 1\n"
    assert not (empty / "plugins.schema.json").exists()


def test_force_keeps_a_copy_of_what_was_there(empty: Path, capsys: Capture) -> None:
    (empty / "plugins.toml").write_text("schema = 1\n")
    assert main(["init", "--no-ports", "--force", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["backup"]).read_text() == "schema = 1\n"
    assert told["default"] == ["demo/demo"]


def test_another_file_can_be_named(empty: Path) -> None:
    assert main(["init", "--no-ports", "--config", "other.toml"]) == 0
    assert tomllib.loads((empty / "other.toml").read_text())["schema"] == 1


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda each: str(each.name))
async def test_every_account_that_is_looked_for_opens_what_is_written(
    empty: Path, account: object
) -> None:
    [each] = [one for one in ACCOUNTS if one is account]
    key = f'api_key = {{ env = "{each.variables[0]}" }}'
    (empty / "x.toml").write_text(f'[providers.x]\nadapter = "{each.adapter}"\n{key}\n')
    snapshot = provision(load(empty / "x.toml"), {each.variables[0]: "a-key"})
    adapter = snapshot.providers["x"].adapter
    assert adapter is not None
    if each.model is not None:
        assert (await adapter.describe(each.model)).known
    await snapshot.close()


def test_every_engine_that_is_looked_for_has_its_adapter() -> None:
    assert {engine.adapter for engine in ENGINES} <= installed().keys()
