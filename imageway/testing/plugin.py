"""The only part of the kit that needs pytest: scenarios as tests."""

from __future__ import annotations

import pytest

from imageway.testing.playing import check_known_failures, look, play
from imageway.testing.scenarios import SCENARIO_BY_NAME, SCENARIOS
from imageway.testing.subject import Subject


def generate(subject: Subject, metafunc: object) -> None:
    """One test for each scenario that is needed, called by its name."""
    if not isinstance(metafunc, pytest.Metafunc) or "scenario" not in metafunc.fixturenames:
        return
    check_known_failures(subject)
    without = look(subject).why_by_name
    names = [each.name for each in SCENARIOS if each.name not in without]
    metafunc.parametrize("scenario", [_parameter(subject, name) for name in names])


def _parameter(subject: Subject, name: str) -> object:
    reason = subject.known_failures.get(name)
    marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
    return pytest.param(name, id=name, marks=marks)


def check(subject: Subject, name: str) -> None:
    """Play a scenario, and fail with what was broken and how to mend it."""
    scenario = SCENARIO_BY_NAME[name]
    told = play(subject, scenario)
    if told is not None:
        pytest.fail(
            f"{told}\n\nan adapter {scenario.sentence}\nto mend: {scenario.mend}", pytrace=False
        )
