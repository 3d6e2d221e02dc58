"""The score card, for people, programs and pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imageway.testing.card import data, lines, plain
from imageway.testing.playing import Card, prove
from imageway.testing.scenarios import SCENARIO_BY_NAME
from imageway.testing.support import table
from tests.testing.broken.asking import DropsTheSeed
from tests.testing.home import home
from tests.testing.house.subjects import house

FEW = [
    SCENARIO_BY_NAME[name]
    for name in ("a_picture_comes", "seed_arrives", "size_arrives", "the_ticket_comes_first")
]


def shown(card: Card, *, verbose: bool = False) -> str:
    return "\n".join(plain(line) for line in lines(card, verbose=verbose))


def test_a_good_card_counts_and_says_what_was_not_needed() -> None:
    told = shown(prove(house("plain"), FEW))
    assert told.startswith("house, model house-xl, against the emulator house\n")
    assert "  claims      ✓✓" in told
    assert "because its vendor has no poll: the_ticket_comes_first" in told
    assert "3 kept, 0 broken, 1 not needed; " in told


def test_a_broken_promise_is_told_with_its_reason() -> None:
    told = shown(prove(house("plain", DropsTheSeed), FEW))
    assert "claims      ✗✓" in told
    assert "1 of 2" in told
    assert "seed 424242 and seed 7 were asked alike" in told
    assert "to mend:" not in told


def test_how_to_mend_is_told_when_asked_for() -> None:
    told = shown(prove(house("plain", DropsTheSeed), FEW), verbose=True)
    assert "to mend: A claimed option must reach the vendor" in told
    assert "✓ size_arrives" in told


def test_what_is_known_to_fail_is_no_bad_card() -> None:
    subject = replace(house("plain", DropsTheSeed), known_failures={"seed_arrives": "next week"})
    card = prove(subject, FEW)
    assert card.is_good
    assert "1 known to fail" in shown(card)
    assert "! seed_arrives" in shown(card)


def test_what_was_to_fail_and_does_not_is_a_bad_card() -> None:
    subject = replace(house("plain"), known_failures={"seed_arrives": "next week"})
    card = prove(subject, FEW)
    assert not card.is_good
    assert "known to fail (next week) and does not any more" in shown(card)


def test_a_known_failure_of_no_scenario_is_refused() -> None:
    subject = replace(house("plain"), known_failures={"sead_arrives": "a slip"})
    with pytest.raises(LookupError, match="known_failures names 'sead_arrives'"):
        prove(subject, FEW)


def test_a_card_without_a_wire_says_so() -> None:
    told = shown(prove(home(), FEW))
    assert told.startswith("home, model home, without a wire\n")
    assert "because it has no wire: the_ticket_comes_first" in told


def test_a_program_reads_every_scenario_and_its_ending() -> None:
    read = data(prove(house("plain", DropsTheSeed), FEW))
    assert isinstance(read, dict)
    assert (read["adapter"], read["good"]) == ("house", False)
    scenarios = read["scenarios"]
    assert isinstance(scenarios, list)
    endings = [each["ending"] for each in scenarios if isinstance(each, dict)]
    assert endings == ["kept", "broken", "kept", "unneeded"]


def test_a_table_has_a_column_for_each_adapter() -> None:
    told = table([prove(house("poll"), FEW), prove(home(), FEW)]).splitlines()
    assert told[0] == "|  | `house` | `home` |"
    assert "| references | up to 3 | – |" in told
    assert "| format | jpeg, png, webp | gif, png |" in told
    assert "| guidance | 1 to 20 | – |" in told
    assert "| size | edges of 32 to 512 in steps of 8 | edges of 16 to 512 |" in told
    assert "| picks up a job after a crash | yes | – |" in told
    assert "| *jobs* | 1 | – |" in told
