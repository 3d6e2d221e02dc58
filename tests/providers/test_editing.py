"""A small change leaves everything else as it was written, or is not made."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from imageway.core.errors import ImagewayError
from imageway.providers.file.editing import as_written, without
from imageway.providers.file.writing import back_up, write_whole

TWO = """\
# The gateway of the family.
[keys.family]   # everybody at home
hash = { env = "FAMILY" }

# Only for the printer.
[keys.printer]
token = { file = "printer" }   # in the cupboard
allow = [
  "photo",  # nothing else
]

[gateway]       # the rest
listen = "127.0.0.1:1"
"""


def test_a_table_goes_and_the_rest_stays_as_it_was() -> None:
    after = without(TWO, "keys", "printer")
    assert after is not None
    assert after.startswith(TWO[: TWO.index("[keys.printer]")])
    assert after.endswith(TWO[TWO.index("[gateway]") :])
    assert "cupboard" not in after


@pytest.mark.parametrize(
    "written",
    [
        "[keys]\nfamily = { hash = { env = 'X' } }\nother = { hash = { env = 'Y' } }\n",
        "keys.family.hash = { env = 'X' }\nkeys.other.hash = { env = 'Y' }\n",
        "keys = { family = { hash = { env = 'X' } }, other = { hash = { env = 'Y' } } }\n",
        "[keys.family]\nhash = { env = 'X' }\n[gateway]\n[keys.other]\nhash = { env = 'Y' }\n",
        "[keys.family]\n[keys.family.hash]\nenv = 'X'\n[keys.other.hash]\nenv = 'Y'\n",
        "[keys.family]\r\nhash = { env = 'X' }\r\n[keys.other]\r\nhash = { env = 'Y' }\r\n",
    ],
)
def test_however_it_is_written_it_goes_or_nothing_is_changed(written: str) -> None:
    after = without(written, "keys", "family")
    assert after is None or ("'X'" not in after and "'Y'" in after)


def test_the_last_one_takes_its_table_along() -> None:
    assert without("a = 1\n[keys.k]\nhash = 1\n", "keys", "k") == "a = 1\n"


@pytest.mark.parametrize("name", ["nobody", "gateway"])
def test_what_is_not_there_cannot_go(name: str) -> None:
    assert without(TWO, "keys", name) is None


def test_a_file_is_read_with_its_line_ends(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbfschema = 1\r\n")
    assert as_written(tmp_path / "x.toml").text == "schema = 1\r\n"


def test_where_there_is_no_file_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImagewayError, match=r"there is no plugins\.toml here"):
        as_written(None)


def test_a_file_is_replaced_in_one_step_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "plugins.toml"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["plugins.toml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text("old")
    (tmp_path / "plugins.toml").symlink_to("real.toml")
    write_whole(tmp_path / "plugins.toml", "new")
    assert (tmp_path / "plugins.toml").is_symlink()
    assert (tmp_path / "real.toml").read_text() == "new"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").touch()
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", "text")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_each_copy_has_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "plugins.toml"
    path.write_text("one")
    names = [back_up(path).name for _ in range(3)]
    assert names == ["plugins.toml.bak", "plugins.toml.bak1", "plugins.toml.bak2"]
