"""imageway key list and revoke, migrate and schema: commands that write, or could."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imageway.cli import main
from tests.cli.conftest import names

Capture = pytest.CaptureFixture[str]
KEYS = """\
# Ours.
[keys.family]   # everybody at home
token = { env = "FAMILY" }

[keys.printer]
hash = { env = "PRINTER" }
allow = ["photo"]
"""


@pytest.fixture
def keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAMILY", "a-token-of-many-letters")
    monkeypatch.delenv("PRINTER", raising=False)
    (folder / "plugins.toml").write_text(KEYS)
    return folder


def test_keys_are_listed_with_what_they_allow_and_where_they_lie(
    keys: Path, capsys: Capture
) -> None:
    assert main(["key", "list"]) == 0
    told = capsys.readouterr().out
    assert told.splitlines() == [
        'family\tevery model\ttoken = { env = "FAMILY" }\tin force',
        'printer\tphoto\thash = { env = "PRINTER" }\t'
        "lets nobody in: set PRINTER in the environment",
    ]
    assert "many-letters" not in told


def test_listed_keys_are_data_for_programs(keys: Path, capsys: Capture) -> None:
    assert main(["key", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0] == {
        "name": "family",
        "allow": None,
        "kind": "token",
        "from": '{ env = "FAMILY" }',
        "missing": None,
    }


def test_a_revoked_key_is_out_of_the_file_and_a_copy_is_kept(keys: Path, capsys: Capture) -> None:
    assert main(["key", "revoke", "printer"]) == 0
    told = capsys.readouterr()
    assert (keys / "plugins.toml").read_text() == KEYS[: KEYS.index("[keys.printer]")]
    assert (keys / "plugins.toml.bak").read_text() == KEYS
    assert '{ env = "PRINTER" }' in told.err


def test_revoking_is_data_for_programs(keys: Path, capsys: Capture) -> None:
    assert main(["key", "revoke", "printer", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "printer"


def test_the_last_key_is_not_revoked_by_mistake(keys: Path, capsys: Capture) -> None:
    assert main(["key", "revoke", "printer"]) == 0
    assert main(["key", "revoke", "family"]) == 2
    assert "anybody who reaches the gateway may ask" in capsys.readouterr().err
    assert main(["key", "revoke", "family", "--force"]) == 0
    assert (keys / "plugins.toml").read_text() == "# Ours.\n"


def test_a_key_that_is_not_there_cannot_be_revoked(keys: Path, capsys: Capture) -> None:
    assert main(["key", "revoke", "prnter"]) == 2
    assert "did you mean 'printer'?" in capsys.readouterr().err
    assert names(keys) == ["mine.py", "plugins.toml"]


def test_a_migration_is_shown_and_not_written(keys: Path, capsys: Capture) -> None:
    assert main(["migrate"]) == 1
    told = capsys.readouterr()
    assert "+schema = 1" in told.out.splitlines()
    assert "nothing is written without --write" in told.err
    assert (keys / "plugins.toml").read_text() == KEYS


def test_a_migration_is_written_with_a_copy_of_the_old_file(keys: Path, capsys: Capture) -> None:
    assert main(["migrate", "--write"]) == 0
    assert (keys / "plugins.toml").read_text() == f"schema = 1\n\n{KEYS}"
    assert (keys / "plugins.toml.bak").read_text() == KEYS
    capsys.readouterr()
    assert main(["migrate", "--write"]) == 0
    assert "is of the form of today, schema = 1" in capsys.readouterr().out


def test_a_migration_is_data_for_programs(keys: Path, capsys: Capture) -> None:
    assert main(["migrate", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["from"], told["to"], told["written"]) == (0, 1, False)
    assert "+schema = 1" in told["diff"]


def test_a_file_of_a_newer_imageway_is_left_alone(keys: Path, capsys: Capture) -> None:
    (keys / "plugins.toml").write_text("schema = 7\n")
    assert main(["migrate", "--write"]) == 2
    told = capsys.readouterr().err
    assert "line 1: schema = 7: this imageway knows up to 1" in told
    assert "install a newer imageway" in told
    assert names(keys) == ["mine.py", "plugins.toml"]


def test_what_is_no_toml_cannot_be_migrated(keys: Path, capsys: Capture) -> None:
    (keys / "plugins.toml").write_text("[keys\n")
    assert main(["migrate"]) == 2
    assert "this is not TOML" in capsys.readouterr().err


def test_the_schema_is_printed_or_written(folder: Path, capsys: Capture) -> None:
    assert main(["schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert main(["schema", "-o", "it.json"]) == 0
    assert json.loads((folder / "it.json").read_text()) == printed
    assert {"demo", "openai"} <= printed["definitions"].keys()


def test_a_schema_that_cannot_be_written_is_wrong_use(folder: Path, capsys: Capture) -> None:
    assert main(["schema", "-o", "no/such/folder/it.json"]) == 2
    assert "cannot write 'no/such/folder/it.json'" in capsys.readouterr().err
