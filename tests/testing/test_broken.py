"""The kit put to the proof: a broken adapter is caught by the scenario named for what it breaks."""

from __future__ import annotations

import pytest

from imageway.testing.playing import play, prove
from imageway.testing.scenarios import SCENARIO_BY_NAME, SCENARIOS
from tests.testing.broken import BROKEN, Broken
from tests.testing.broken.catalogue import REST
from tests.testing.home import BROKEN_AT_HOME
from tests.testing.house.subjects import house

# A broken adapter leaves connections, sessions and tasks behind; that is what is wrong with it.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
]


def name_of(each: Broken) -> str:
    return each.adapter.__name__


@pytest.mark.parametrize("each", BROKEN, ids=name_of)
def test_a_broken_adapter_is_caught(each: Broken) -> None:
    assert play(house(each.way, each.adapter), SCENARIO_BY_NAME[each.scenario])


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("each", [each for each in BROKEN if REST not in each.also], ids=name_of)
def test_a_broken_adapter_is_caught_by_nothing_else(each: Broken) -> None:
    card = prove(house(each.way, each.adapter))
    told = {verdict.scenario.name: verdict.told for verdict in card.ended("broken")}
    assert set(told) == {each.scenario, *each.also}, told


def test_every_scenario_catches_somebody() -> None:
    caught = {name for each in BROKEN for name in (each.scenario, *each.also)}
    caught = caught.union(*BROKEN_AT_HOME.values())
    assert {scenario.name for scenario in SCENARIOS} - caught == set()
