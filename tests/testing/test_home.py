"""The kit without a wire: pictures take the place of what a vendor hears."""

from __future__ import annotations

import pytest

from imageway.testing.playing import play, prove
from imageway.testing.scenarios import SCENARIO_BY_NAME
from tests.testing.home import BROKEN_AT_HOME, HomeAdapter, HomeHasAWire, home


def test_an_adapter_without_a_wire_keeps_its_promises() -> None:
    card = prove(home())
    assert card.is_good, card.ended("broken")
    assert len(card.ended("kept")) > 15


@pytest.mark.slow
@pytest.mark.parametrize("kind", BROKEN_AT_HOME)
def test_a_broken_one_is_caught_and_by_nothing_else(kind: type[HomeAdapter]) -> None:
    told = {verdict.scenario.name for verdict in prove(home(kind)).ended("broken")}
    assert told == BROKEN_AT_HOME[kind]


def test_one_that_has_a_wire_after_all_reaches_nobody() -> None:
    told = play(home(HomeHasAWire), SCENARIO_BY_NAME["a_picture_comes"])
    assert told is not None
    assert "an adapter without an emulator tried to reach somebody" in told
