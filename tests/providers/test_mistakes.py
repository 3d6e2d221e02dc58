"""Every mistake is told with its file, its line, its key and the way out, and hides no other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from imageway.core.errors import ImagewayError
from imageway.providers.file.documenting import rewrite
from imageway.providers.file.examining import examine
from imageway.providers.file.plain_schema import child
from imageway.providers.file.schema import schema
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from tests.checkout import ROOT
from tests.providers.mistakes import DEMO, HOUSE, MISTAKES, SECRET, Mistake, as_markdown, lay_out

ROWS = pytest.mark.parametrize("mistake", MISTAKES, ids=[each.name for each in MISTAKES])
# A secret that others can read disables its provider or key; all else keeps the file out.
DISABLES = frozenset({"a secret's file that others can read", "a key's file that others can read"})


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make what lies in the folder an installed package too."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "raising", raising=False)


@ROWS
def test_check_tells_file_line_key_and_the_way_out(mistake: Mistake, tmp_path: Path) -> None:
    path = lay_out(tmp_path, mistake.text)
    [found] = examine(path, {}).mistakes
    assert found.message.startswith(f"{path}, line {mistake.line}: ")
    assert mistake.key in found.message
    assert mistake.says in found.message
    assert mistake.fix in f"{found.message} {found.hint}"
    assert SECRET not in found.model_dump_json()


@ROWS
def test_what_is_started_refuses_the_same(mistake: Mistake, tmp_path: Path) -> None:
    path = lay_out(tmp_path, mistake.text)
    [found] = examine(path, {}).mistakes
    if mistake.name in DISABLES:
        snapshot = provision(load(path), {})
        assert [*snapshot.keys.disabled, *(p.disabled for p in snapshot.providers.values())]
        return
    with pytest.raises(ImagewayError) as caught:
        provision(load(path), {})
    assert caught.value.info.message == found.message


def test_there_are_at_least_forty() -> None:
    assert len({each.name for each in MISTAKES}) == len(MISTAKES) >= 40


def test_every_mistake_of_a_file_is_told_and_what_is_right_is_left_alone(tmp_path: Path) -> None:
    text = (
        "gatway = 1\n"
        "[defaults.timeout]\ntotal = 3\nidle = 4\n"
        + DEMO
        + HOUSE
        + f"api_key = '{SECRET}'\npace = -1\n[providers.breaks]\nadapter = './breaks.py:Mine'\n"
        "[providers.bare]\ncost = 'free'\n"
        "[routes.good]\ntry = ['demo/demo', 'bare/x', 'house/x']\n"
        "[routes.bad]\ntry = ['no/x', 'good', 'nor/x']\n"
        "[routes.odd]\ntry = 3\n"
        "[routes.odder]\ntry = ['odd']\n"
    )
    found = examine(lay_out(tmp_path, text), {}).mistakes
    lines = [each.details["line"] for each in found]
    assert lines == [1, 3, 4, 9, 10, 12, 13, 14, 18, 18, 20]


def test_a_table_that_speaks_of_several_providers_hides_no_mistake_of_theirs(
    tmp_path: Path,
) -> None:
    text = (
        f"{DEMO}pace = -1\n[providers.other]\nadapter = 'opnai'\n[routes.r]\ntry = ['dmo/x']\n"
        "[chaos]\nuntil = 2027-01-31T18:00:00Z\n[chaos.providers.other]\nlatency = '1s'\n"
        "[chaos.providers.dmo]\nlatency = '1s'\n"
    )
    found = examine(lay_out(tmp_path, text), {}).mistakes
    assert [each.details["line"] for each in found] == [3, 5, 7, 12]


def test_a_circle_is_told_once_from_wherever_it_is_entered(tmp_path: Path) -> None:
    text = "[routes.a]\ntry = ['b']\n[routes.b]\ntry = ['a']\n[routes.c]\ntry = ['a']\n"
    found = examine(lay_out(tmp_path, text), {}).mistakes
    assert [each.details["line"] for each in found] == [2]


def test_a_file_that_is_right_has_no_mistakes(tmp_path: Path) -> None:
    examined = examine(lay_out(tmp_path, DEMO), {})
    assert examined.mistakes == ()
    assert examined.source == load(tmp_path / "plugins.toml")
    assert examined.snapshot is not None


def test_a_command_for_a_secret_runs_once(tmp_path: Path) -> None:
    count = f"import pathlib; p = pathlib.Path({str(tmp_path / 'runs')!r}); p.open('a').write('x')"
    command = f"['{sys.executable}', '-c', \"{count}; print('a-long-secret')\"]"
    examine(lay_out(tmp_path, f"{HOUSE}api_key = {{ command = {command} }}\n"), {})
    assert (tmp_path / "runs").read_text() == "x"


def test_an_entry_point_that_raises_is_only_missing_from_the_schema(tmp_path: Path) -> None:
    lay_out(tmp_path, DEMO)
    made = schema()
    assert "raising" in str(child(made, "properties", "providers"))
    assert {"demo", "openai"} <= child(made, "definitions").keys()
    assert "raising" not in child(made, "definitions")


def test_the_page_is_up_to_date(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
    remedy = "run: python -m tests.providers.mistakes docs/mistakes.md"
    assert rewrite(page, as_markdown(tmp_path) + "\n") == page, remedy
