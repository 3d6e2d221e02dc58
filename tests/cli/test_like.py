"""imageway generate --like: the recipe of a gallery's picture fills what was not said."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import JsonValue

from imageway.cli import main

Capture = pytest.CaptureFixture[str]
CONFIG = """\
[providers.wall]
adapter = "tests.cli.wall:Wall"
cost = "local"

[providers.mine]
adapter = "./mine.py:Mine"
cost = "local"

[routes.both]
try = ["mine/draws", "wall/any"]
"""
MORE = """
[providers.other]
adapter = "tests.cli.wall:Wall"
"""
SECRET = """
[providers.mine]
adapter = "./mine.py:Mine"
api_key = { env = "GEMINI_API_KEY" }
"""


@pytest.fixture
def draw(folder: Path, capsys: Capture) -> Callable[..., dict[str, JsonValue]]:
    """What the adapter was asked for."""
    (folder / "plugins.toml").write_text(CONFIG)

    def drawn(*arguments: str) -> dict[str, JsonValue]:
        assert main(["generate", *arguments, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        asked: dict[str, JsonValue] = ast.literal_eval(told["images"][0]["revised_prompt"])
        return {**asked, "notes": told["notes"], "model": told["images"][0]["model"]}

    return drawn


def test_prompt_model_and_wishes_are_the_picture_s(
    draw: Callable[..., dict[str, JsonValue]],
) -> None:
    asked = draw("--like", "70")
    assert (asked["prompt"], asked["model"], asked["seed"]) == ("a lighthouse", "draws", 11)
    assert (asked["steps"], asked["guidance"]) == (30, 7.5)
    assert asked["notes"] == [
        {"kind": "ignored", "detail": "left out of the recipe: sampler 'Euler a'"}
    ]


def test_what_the_caller_says_wins(draw: Callable[..., dict[str, JsonValue]]) -> None:
    asked = draw("a fox", "--like", "wall:70", "--steps", "5", "--aspect", "1:1", "-m", "wall/x")
    assert (asked["prompt"], asked["model"], asked["steps"]) == ("a fox", "x", 5)
    assert (asked["seed"], asked["guidance"]) == (11, 7.5)
    assert "size" not in asked


def test_of_a_route_the_first_that_knows_is_asked(
    draw: Callable[..., dict[str, JsonValue]], folder: Path, capsys: Capture
) -> None:
    (folder / "plugins.toml").write_text(CONFIG + MORE)
    assert main(["generate", "--like", "70", "-m", "both"]) == 0
    assert main(["generate", "--like", "70", "-m", "mine/draws"]) == 2
    assert "hint: say wall:ID or other:ID" in capsys.readouterr().err


def test_what_was_left_out_is_a_note_unless_it_is_to_be_quiet(
    draw: Callable[..., dict[str, JsonValue]], capsys: Capture
) -> None:
    assert main(["generate", "--like", "70"]) == 0
    assert "note: left out of the recipe: sampler 'Euler a'\n" in capsys.readouterr().err
    assert main(["generate", "--like", "70", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--like", "71"], "there is no picture '71'"),
        (["--like", "mine:70"], "mine does not tell how its pictures were made"),
        ([], "missing: PROMPT"),
    ],
)
def test_wrong_use_is_told(
    draw: Callable[..., dict[str, JsonValue]], capsys: Capture, arguments: list[str], told: str
) -> None:
    assert main(["generate", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_where_nobody_tells_that_is_said(folder: Path, capsys: Capture) -> None:
    (folder / "plugins.toml").write_text(SECRET)
    assert main(["generate", "--like", "70"]) == 2
    told = capsys.readouterr().err
    assert "no provider of this configuration tells how its pictures were made" in told
    assert "mine is disabled: set GEMINI_API_KEY in the environment" in told
    assert main(["generate", "--like", "mine:70"]) == 2
    assert "mine is disabled" in capsys.readouterr().err
