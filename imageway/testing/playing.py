"""Plays scenarios, each in a fresh lab on a loop of its own, and judges what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal, TypeVar

from imageway.core.adapter import (
    BrowsesGallery,
    ChecksEntitlement,
    ChecksHealth,
    ListsModels,
    Quotes,
    Resumes,
)
from imageway.core.capability import Capabilities
from imageway.testing.clockwork import Clockwork, within
from imageway.testing.lab import open_lab
from imageway.testing.needs import Facts
from imageway.testing.scenario import Broken, Scenario
from imageway.testing.scenarios import SCENARIO_BY_NAME, SCENARIOS
from imageway.testing.subject import Subject

Ending = Literal["kept", "broken", "known", "mended", "unneeded"]
Outcome = TypeVar("Outcome")

POWERS = (ListsModels, ChecksHealth, Quotes, Resumes, ChecksEntitlement, BrowsesGallery)
# By the clock on the wall; a scenario takes milliseconds, but a busy machine is no bug.
LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one scenario ended, and why.

    `known` failed as its adapter's author knows; `mended` was to fail, and does no more.
    """

    scenario: Scenario
    ending: Ending
    told: str = ""
    seconds: float = 0.0

    @property
    def is_bad(self) -> bool:
        """Whether something has to be done."""
        return self.ending in {"broken", "mended"}


def run(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run something on a loop whose clock can be moved on."""
    with asyncio.Runner(loop_factory=Clockwork) as runner:
        return runner.run(work)


@dataclass(frozen=True, slots=True)
class Look:
    """What an adapter says of itself before it is proven; why by the scenarios it does not need."""

    can: Capabilities
    powers: tuple[str, ...]
    why_by_name: Mapping[str, str]


def look(subject: Subject, scenarios: Iterable[Scenario] = SCENARIOS) -> Look:
    """Build the adapter once and ask it what it claims."""

    async def looking() -> Look:
        async with open_lab(subject) as lab:
            why = {each.name: why for each in scenarios if (why := _why_not(each, lab.facts))}
            powers = tuple(each.__name__ for each in POWERS if isinstance(lab.adapter, each))
            return Look(lab.can, powers, why)

    return run(looking())


def _why_not(scenario: Scenario, facts: Facts) -> str | None:
    return next((why for need in scenario.needs if (why := need.why_not(facts))), None)


def play(subject: Subject, scenario: Scenario) -> str | None:
    """Play one scenario; what was broken, or None when every promise was kept."""

    async def scene() -> None:
        async with open_lab(subject) as lab:
            await scenario.play(lab)

    try:
        run(within(LONGEST, scene()))
    except Broken as broken:
        return str(broken)
    except TimeoutError:
        return f"it was not over after {LONGEST:g} s"
    except Exception as error:  # noqa: BLE001 - an outer wall: an adapter may raise anything
        return f"it raised {type(error).__name__}: {error}"
    return None


def judge(subject: Subject, scenario: Scenario) -> Verdict:
    """Play one scenario that is needed."""
    began = perf_counter()
    told = play(subject, scenario)
    seconds = perf_counter() - began
    reason = subject.known_failures.get(scenario.name)
    if reason is not None:
        if told is None:
            told = f"it is known to fail ({reason}) and does not any more"
            return Verdict(scenario, "mended", told, seconds)
        return Verdict(scenario, "known", reason, seconds)
    return Verdict(scenario, "kept" if told is None else "broken", told or "", seconds)


@dataclass(frozen=True, slots=True)
class Card:
    """How an adapter has done."""

    subject: Subject
    look: Look
    verdicts: tuple[Verdict, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done."""
        return not any(verdict.is_bad for verdict in self.verdicts)

    def ended(self, *endings: Ending) -> list[Verdict]:
        """The verdicts that ended so."""
        return [verdict for verdict in self.verdicts if verdict.ending in endings]


def prove(
    subject: Subject,
    scenarios: Iterable[Scenario] = SCENARIOS,
    follow: Callable[[Verdict], None] = lambda verdict: None,
) -> Card:
    """Play what is needed, in order, and say of the others why they are not."""
    chosen = tuple(scenarios)
    check_known_failures(subject)
    looked = look(subject, chosen)

    def verdicts() -> Iterator[Verdict]:
        for scenario in chosen:
            why = looked.why_by_name.get(scenario.name)
            verdict = Verdict(scenario, "unneeded", why) if why else judge(subject, scenario)
            follow(verdict)
            yield verdict

    return Card(subject, looked, tuple(verdicts()))


def check_known_failures(subject: Subject) -> None:
    """Refuse a known failure of a scenario that does not exist."""
    for name in subject.known_failures:
        if name not in SCENARIO_BY_NAME:
            raise LookupError(f"known_failures names {name!r}, which is no scenario")
