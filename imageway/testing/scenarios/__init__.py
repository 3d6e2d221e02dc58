"""All scenarios, in the order in which they are played and told."""

from __future__ import annotations

from imageway.testing.scenario import Scenario, scenarios_of
from imageway.testing.scenarios import (
    answers,
    claims,
    cuts,
    jobs,
    leaving,
    money,
    pictures,
    powers,
    promises,
    refusals,
    requests,
)

MODULES = (
    pictures,
    requests,
    claims,
    refusals,
    answers,
    cuts,
    jobs,
    money,
    leaving,
    powers,
    promises,
)
SCENARIOS: tuple[Scenario, ...] = tuple(
    scenario for module in MODULES for scenario in scenarios_of(module)
)
SCENARIO_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
