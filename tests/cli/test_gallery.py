"""imageway gallery: a table or lines of JSON, what stands in, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import JsonValue

from imageway.cli import main

Capture = pytest.CaptureFixture[str]
Write = Callable[..., None]

CONFIG = """\
[providers.wall]
adapter = "tests.cli.wall:Wall"
cost = "local"
retry = {{ attempts = 1 }}
gallery = {{ cache = "0s" }}
{keys}
"""
MORE = """
[providers.other]
adapter = "tests.cli.wall:Wall"
"""


@pytest.fixture
def write(folder: Path) -> Write:
    """Writes plugins.toml."""

    def written(more: str = "", **keys: int | str) -> None:
        lines = "\n".join(f"{name} = {value}" for name, value in keys.items())
        (folder / "plugins.toml").write_text(CONFIG.format(keys=lines) + more)

    written()
    return written


def lines(capsys: Capture) -> list[dict[str, JsonValue]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_page_is_a_table(write: Write, capsys: Capture) -> None:
    assert main(["gallery"]) == 0
    said = capsys.readouterr()
    first, second = said.out.splitlines()
    assert first.split("\t") == [
        "0",
        "",
        "832x1216",
        "lamp�lighter",
        "2026-07-02",
        "58",
        "SDXL 1.0",
        "https://example.org/0.jpeg",
    ]
    assert second.startswith("1\t")
    assert said.err == "note: there is more: --cursor 1\n"


def test_a_program_gets_the_vendors_own_words(write: Write, capsys: Capture) -> None:
    arguments = ["--kind", "images", "--model", "7", "--sort", "Newest", "--limit", "3"]
    assert main(["gallery", "wall", "--json", *arguments, "-q", "tag=a", "-q", "tag=b"]) == 0
    first, _ = lines(capsys)
    assert first["username"] == "lamp\x1blighter"
    assert first["asked"] == {
        "kind": "images",
        "model": "7",
        "sort": "Newest",
        "limit": 3,
        "tag": ["a", "b"],
    }


def test_all_pages_show_no_picture_twice(write: Write, capsys: Capture) -> None:
    assert main(["gallery", "--json", "--all"]) == 0
    assert [each["id"] for each in lines(capsys)] == [0, 1, 2, 3]


def test_so_many_pages_and_where_to_go_on(write: Write, capsys: Capture) -> None:
    assert main(["gallery", "--json", "--pages", "2"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 3
    assert said.err == "note: there is more: --cursor 2\n"
    assert main(["gallery", "--json", "--cursor", "2"]) == 0
    assert [each["id"] for each in lines(capsys)] == [2, 3]


def test_what_stands_in_says_so_beside_the_pictures(write: Write, capsys: Capture) -> None:
    assert main(["gallery", "--json"]) == 0
    shown = capsys.readouterr().out
    write(fails_from=0)
    assert main(["gallery", "--json"]) == 0
    said = capsys.readouterr()
    assert said.out == shown
    assert said.err.startswith("note: page 1 is 0 s old: network: nobody there\n")


def test_where_nothing_stands_in_that_is_said(write: Write, capsys: Capture) -> None:
    write(fails_from=0)
    assert main(["gallery"]) == 1
    assert capsys.readouterr().err.startswith(
        "imageway: wall fails and has not answered this query before: network: nobody there\n"
    )


def test_a_failure_half_way_keeps_what_has_come(write: Write, capsys: Capture) -> None:
    write(fails_from=1)
    assert main(["gallery", "--json", "--all"]) == 3
    assert [each["id"] for each in lines(capsys)] == [0, 1]


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_keeps_what_has_come(write: Write, capsys: Capture) -> None:
    write(interrupts_at=1)
    assert main(["gallery", "--json", "--all"]) == 130
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert said.err.endswith("imageway: interrupted\n")


def test_pages_that_lead_in_a_circle_come_to_an_end(write: Write, capsys: Capture) -> None:
    write(circle="true")
    assert main(["gallery", "--json", "--all"]) == 3
    assert "leads in a circle" in capsys.readouterr().err


def test_an_empty_gallery_is_no_failure(write: Write, capsys: Capture) -> None:
    write(pages=0)
    assert main(["gallery"]) == 0
    assert capsys.readouterr().err == "note: there is nothing\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-q", "tagg=a"], "there is no 'tagg'"),
        (["-q", "tag"], "'tag' is not NAME=VALUE"),
        (["-q", "=a"], "'=a' is not NAME=VALUE"),
        (["--pages", "0"], "'0' is no number of pages"),
        (["--pages", "2", "--all"], "not allowed with"),
        (["walls"], "there is no provider 'walls'"),
        (["mine"], "mine has no gallery"),
    ],
)
def test_wrong_use_is_told(write: Write, capsys: Capture, arguments: list[str], told: str) -> None:
    write('[providers.mine]\nadapter = "./mine.py:Mine"\n')
    assert main(["gallery", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_of_two_galleries_one_must_be_named(write: Write, capsys: Capture) -> None:
    write(MORE)
    assert main(["gallery"]) == 2
    assert "hint: name one: wall, other" in capsys.readouterr().err
    assert main(["gallery", "other"]) == 0


def test_providers_tell_what_is_kept(write: Write, capsys: Capture) -> None:
    main(["gallery"])
    capsys.readouterr()
    assert main(["providers"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "wall: gallery\twell\t0 answers in memory, 1 answers on disk"
    )
    assert main(["providers", "--json"]) == 0
    [wall] = json.loads(capsys.readouterr().out)
    assert wall["gallery"]["disk"]["answers"] == 1


def test_where_nothing_can_be_kept_that_is_said_and_the_page_shown(
    write: Write, folder: Path, capsys: Capture
) -> None:
    (folder / "state" / "gallery").mkdir(parents=True)
    (folder / "state" / "gallery" / "wall").write_text("a file in the way")
    assert main(["gallery"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert "note: answers cannot be kept: " in said.err
    assert "is kept in memory alone" in (folder / "state" / "imageway" / "imageway.log").read_text()
