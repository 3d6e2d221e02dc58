"""imageway conform, from a name to a score card and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imageway.cli import main

Capture = pytest.CaptureFixture[str]

HOUSE = "tests.testing.house.adapter:HouseAdapter"
EMULATOR = "tests.testing.house.emulator:HouseEmulator"
BROKEN = "tests.testing.broken.asking:DropsTheSeed"
TEST_CLASS = """\
from imageway.testing import AdapterConformance
from tests.testing.home import HomeAdapter, HomeConfig


class TestHome(AdapterConformance):
    model = "home"
    known_failures = {known}

    def build(self, url, http, memo):
        return HomeAdapter(HomeConfig(), http, memo)


class TestNothing(AdapterConformance):
    pass
"""
ONE = ("--only", "seed_arrives")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs go where nobody else has any."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def test_an_installed_adapter_is_proven_by_its_name(capsys: Capture) -> None:
    assert main(["conform", "openai", "--only", "a_picture_comes"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("openai, model gpt-image-2, against the emulator openai\n")
    assert "1 kept, 0 broken, 0 not needed; " in told


def test_an_adapter_without_an_emulator_is_proven_with_its_first_model(capsys: Capture) -> None:
    assert main(["conform", "demo", *ONE]) == 0
    assert capsys.readouterr().out.startswith("demo, model demo, without a wire\n")


def test_without_a_name_all_that_is_installed_is_proven(capsys: Capture) -> None:
    assert main(["conform", "--only", "a_picture_comes", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert {"demo", "openai"} <= {card["adapter"] for card in cards}
    assert all(card["good"] for card in cards)


def test_another_emulator_may_be_named(capsys: Capture) -> None:
    assert main(["conform", "openai", "--emulator", "vllm", *ONE]) == 0
    assert "model Qwen/Qwen-Image, against the emulator vllm" in capsys.readouterr().out


def test_another_model_may_be_named(capsys: Capture) -> None:
    assert main(["conform", "openai", "--model", "gpt-image-1-mini", "--only", "claims_agree"]) == 0
    assert "model gpt-image-1-mini" in capsys.readouterr().out


def test_a_class_is_proven_with_the_emulator_that_is_named(capsys: Capture) -> None:
    assert main(["conform", HOUSE, "--emulator", EMULATOR, *ONE]) == 0
    assert capsys.readouterr().out.startswith("house, model house-xl, against")


def test_a_broken_adapter_ends_with_one(capsys: Capture) -> None:
    assert main(["conform", BROKEN, "--emulator", EMULATOR, *ONE]) == 1
    told = capsys.readouterr().out
    assert "✗ seed_arrives  sends the seed, and the same one asks for the same" in told
    assert "to mend" not in told


def test_how_to_mend_is_told_on_request(capsys: Capture) -> None:
    assert main(["conform", BROKEN, "--emulator", EMULATOR, *ONE, "-v"]) == 1
    assert "to mend: A claimed option must reach the vendor" in capsys.readouterr().out


def test_a_test_class_in_a_file_is_proven(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "proof.py").write_text(TEST_CLASS.format(known="{}"))
    assert main(["conform", "./proof.py:TestHome", *ONE]) == 0
    assert capsys.readouterr().out.startswith("home, model home, without a wire\n")


def test_a_known_failure_that_passes_ends_with_one(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "proof.py").write_text(TEST_CLASS.format(known={"seed_arrives": "later"}))
    assert main(["conform", "./proof.py:TestHome", *ONE]) == 1
    assert "does not any more" in capsys.readouterr().out


def test_a_known_failure_of_nothing_is_wrong_use(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "proof.py").write_text(TEST_CLASS.format(known={"sead_arrives": "a slip"}))
    assert main(["conform", "./proof.py:TestHome", *ONE]) == 2
    assert "known_failures names 'sead_arrives', which is no scenario" in capsys.readouterr().err


def test_the_scenarios_are_listed_with_what_they_need(capsys: Capture) -> None:
    assert main(["conform", "--list"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    sentence = "has its ticket written down before it polls"
    assert ["the_ticket_comes_first", sentence, "step poll"] in lines
    assert len(lines) > 90


def test_a_list_for_programs_tells_how_to_mend(capsys: Capture) -> None:
    assert main(["conform", "--list", "--json", "--only", "seed_arrives"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    assert (told["name"], told["group"]) == ("seed_arrives", "claims")
    assert told["needs"] == ["option seed", "a wire or a seed"]
    assert told["mend"].startswith("A claimed option must reach")


def test_a_table_for_pages_has_a_column_for_each(capsys: Capture) -> None:
    assert main(["conform", "demo", "openai", "--markdown", *ONE]) == 0
    assert capsys.readouterr().out.startswith("|  | `demo` | `openai` |\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--only", "sead_arrives"), "there is no scenario 'sead_arrives'"),
        (("opnai",), "there is no adapter 'opnai'\n  hint: did you mean 'openai'?"),
        (("demo", "--emulator", "nobody"), "no emulator is called 'nobody'"),
        (("demo", "--emulator", "no_such.module:House"), "No module named 'no_such'"),
        ((HOUSE,), "the adapter cannot be made without settings"),
        (("tests.checkout:Project",), "'tests.checkout:Project' is no adapter"),
        (("./nothing.py:Test",), "there is no file"),
        (("./proof.py:TestNothing",), "TestNothing has neither a model nor an emulator"),
    ],
)
def test_wrong_use_is_told_in_words(
    capsys: Capture, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "proof.py").write_text(TEST_CLASS.format(known="{}"))
    assert main(["conform", *words]) == 2
    assert told in capsys.readouterr().err
