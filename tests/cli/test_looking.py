"""imageway plan, explain and show: what would be done, by whom, and by which rules."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from imageway.cli import main

Capture = pytest.CaptureFixture[str]
DEMO = """\
schema = 1

[defaults.retry]
attempts = 2

[providers.demo]
adapter = "demo"
cost = "local"
timeout = { total = "90s" }

[providers.paid]
adapter = "openai"
api_key = { env = "PAID" }

[providers.off]
adapter = "openai"
api_key = { env = "NOT_SET" }

[routes.art]
title = "Art"
try = ["off/gpt-image-2", { model = "demo/demo", defaults = { steps = 20 } }, "paid/gpt-image-2"]

[routes.default]
try = ["art"]

[routes.nobody]
try = ["off/gpt-image-2"]

[keys.family]
token = { env = "PAID" }
allow = ["art"]
"""


@pytest.fixture
def demo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "plugins.toml").write_text(DEMO)
    monkeypatch.setenv("PAID", "sk-a-secret-of-many-letters-9876")
    return folder


def test_a_plan_tells_who_is_asked_what_for_and_who_is_passed_by(
    demo: Path, capsys: Capture
) -> None:
    assert main(["plan", "-m", "art", "a fox", "-n", "2", "--size", "9x9", "--style", "x"]) == 0
    *told, price = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r" {6}2 calls, about [0-9.]+ USD", price)
    assert told == [
        "art: a route",
        "  - off/gpt-image-2 is passed by: off is disabled: set NOT_SET in the environment",
        "  1 demo/demo is asked first",
        "      count = 2",
        "      size = 16x16",
        "      steps = 20",
        "      adjusted: size 9x9 became 16x16",
        "      ignored: 'demo' knows no style; it is left out",
        "      2 calls, no price: local work, which costs no money",
        "  2 paid/gpt-image-2 is asked for what is then missing",
        "      count = 2",
        "      size = 816x816",
        "      adjusted: size 9x9 became 816x816",
        "      ignored: 'gpt-image-2' knows no style; it is left out",
    ]


def test_a_plan_passes_by_who_cannot_do_what_is_asked(demo: Path, capsys: Capture) -> None:
    asked = ["plan", "a fox", "-m", "paid/gpt-image-2", "--strict", "--style", "x"]
    assert main(asked) == 1
    told = capsys.readouterr().out
    assert "is passed by: 'gpt-image-2' cannot do exactly that: " in told
    assert "nobody would be asked" in told


def test_a_plan_is_data_for_programs(demo: Path, capsys: Capture) -> None:
    assert main(["plan", "a fox", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["kind"], told["allowed"]) == ("default", "route", True)
    off, chosen, _ = told["candidates"]
    assert off["asked"] is False
    assert off["reason"]["code"] == "unavailable"
    assert chosen["wishes"] == {"count": 1, "steps": 20}
    assert chosen["price"] is None


def test_a_plan_says_when_a_key_does_not_allow_the_name(demo: Path, capsys: Capture) -> None:
    assert main(["plan", "a fox", "--key", "family"]) == 1
    told = capsys.readouterr().out
    assert "the key 'family' may not ask for it: add it to [keys.family] allow" in told
    assert main(["plan", "a fox", "--key", "family", "-m", "art"]) == 0


def test_a_plan_for_a_key_that_is_not_there_names_the_nearest(demo: Path, capsys: Capture) -> None:
    assert main(["plan", "a fox", "--key", "famly"]) == 2
    assert "did you mean 'family'?" in capsys.readouterr().err


def test_a_plan_for_a_name_of_nobody_is_wrong_use(demo: Path, capsys: Capture) -> None:
    assert main(["plan", "a fox", "-m", "arts"]) == 2
    assert "did you mean 'art'?" in capsys.readouterr().err


def test_a_plan_of_a_disabled_provider_says_what_is_missing(demo: Path, capsys: Capture) -> None:
    assert main(["plan", "a fox", "-m", "off/gpt-image-2"]) == 1
    assert "set NOT_SET in the environment" in capsys.readouterr().out


def test_an_explanation_shows_the_tree_and_each_model_once(demo: Path, capsys: Capture) -> None:
    assert main(["explain", "default"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:5] == [
        "default: a route of 1",
        "  art: a route of 3",
        "    off/gpt-image-2",
        "    demo/demo with { steps = 20 }",
        "    paid/gpt-image-2",
    ]
    assert "  disabled: set NOT_SET in the environment" in told
    assert "  rules: 2 attempts within 90s, 4 at once, 50 in line" in told
    assert re.search(r"^  price of one picture: about [0-9.]+ USD$", "\n".join(told), re.MULTILINE)


def test_an_explanation_is_data_for_programs(demo: Path, capsys: Capture) -> None:
    assert main(["explain", "art", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["title"] == "Art"
    assert told["tree"]["tries"][1] == {
        "name": "demo/demo",
        "defaults": {"steps": 20},
        "tries": [],
    }
    off, demo_model, paid = told["models"]
    assert off["capabilities"] is None
    assert demo_model["capabilities"]["operations"] == ["edit", "generate"]
    assert demo_model["policies"]["timeout"]["total"] == 90
    assert paid["price"].items() >= {"unit": "USD", "firm": False}.items()


def test_an_explanation_of_what_nobody_can_draw_ends_with_1(demo: Path) -> None:
    assert main(["explain", "nobody"]) == 1


def test_what_is_in_force_is_shown_with_its_layer(demo: Path, capsys: Capture) -> None:
    assert main(["show"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert 'providers.demo.timeout.total\t"90s"\t[providers.demo.timeout], line 9' in told
    assert "providers.demo.retry.attempts\t2\t[defaults.retry], line 4" in told
    assert 'providers.demo.timeout.connect\t"3s"\tbuilt in' in told
    assert "providers.demo.pace\t0\tbuilt in" in told
    assert 'routes.art.title\t"Art"\t[routes.art], line 20' in told


def test_a_secret_shows_only_its_end_and_where_it_lies(demo: Path, capsys: Capture) -> None:
    assert main(["show"]) == 0
    told = capsys.readouterr().out
    assert 'providers.paid.api_key\t{ env = "PAID" } → ****9876\t' in told
    assert 'keys.family.token\t{ env = "PAID" } → ****9876\t' in told
    assert 'providers.off.api_key\t{ env = "NOT_SET" } → missing\t' in told
    assert "many-letters" not in told


def test_a_short_secret_shows_nothing(
    demo: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAID", "hunter2")
    assert main(["show", "keys"]) == 0
    assert '{ env = "PAID" } → ****\t' in capsys.readouterr().out


def test_one_table_can_be_shown_and_only_what_the_file_sets(demo: Path, capsys: Capture) -> None:
    assert main(["show", "[providers.demo]", "--set"]) == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == [
        "providers.demo.adapter",
        "providers.demo.cost",
        "providers.demo.timeout.total",
        "providers.demo.retry.attempts",
    ]


def test_a_table_that_is_not_there_names_the_nearest(demo: Path, capsys: Capture) -> None:
    assert main(["show", "provider.demo"]) == 2
    assert "did you mean 'providers.demo'" in capsys.readouterr().err


def test_what_is_in_force_is_data_for_programs(demo: Path, capsys: Capture) -> None:
    assert main(["show", "defaults.retry", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0] == {
        "table": "defaults.retry",
        "key": "attempts",
        "value": "2",
        "from": "[defaults.retry]",
        "line": 4,
    }
