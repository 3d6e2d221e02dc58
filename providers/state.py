"""What must be known of a provider while it lives: its breaker, its budget of repeats, its line.

A gallery has breakers and a budget of its own: where it fails, pictures may go well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import random
from time import monotonic, time

from imageway.core.breaker import Breaker
from imageway.core.bulkhead import Bulkhead
from imageway.core.retry import Repeating, RetryBudget
from imageway.providers.galleries.gallery import Gallery
from imageway.providers.galleries.lastgood import LastGood
from imageway.providers.pausing import Pause
from imageway.providers.rehearsing import Rehearsal
from imageway.providers.tables.policies import Policies
from imageway.providers.vitals import Vitals


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The clock, in seconds, the sleep and the chance that policies go by.

    `now` is the wall's, in seconds since 1970, for what goes by dates.
    """

    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random
    now: Callable[[], float] = time


REAL = Surroundings()


@dataclass(frozen=True, slots=True)
class State:
    """One a provider's name; health pages, metrics and policies all look at the same."""

    breaker: Breaker
    slots: Bulkhead
    repeating: Repeating
    pause: Pause
    vitals: Vitals
    rehearsal: Rehearsal
    gallery: Gallery


def new_state(
    name: str, policies: Policies, around: Surroundings = REAL, folder: Path | None = None
) -> State:
    """Begin well, with nobody in line; the folder is for what survives a restart."""
    concurrency = policies.concurrency
    vitals = Vitals(around.clock)
    return State(
        Breaker(name, policies.breaker.thresholds, around.clock, vitals.hear),
        Bulkhead(name, concurrency.at_once, concurrency.queue, around.clock),
        _repeating(policies, around),
        Pause(around.clock),
        vitals,
        Rehearsal(name, around.now, around.sleep, around.chance),
        _gallery(name, policies, around, folder),
    )


def _repeating(policies: Policies, around: Surroundings) -> Repeating:
    budget = policies.retry.budget
    return Repeating(
        policies.retry.waits,
        RetryBudget(budget.percent / 100, budget.min_per_minute, around.clock),
        around.sleep,
        around.chance,
    )


def _gallery(name: str, policies: Policies, around: Surroundings, folder: Path | None) -> Gallery:
    return Gallery(
        name,
        policies.breaker.thresholds,
        _repeating(policies, around),
        asyncio.Semaphore(policies.concurrency.at_once),
        LastGood(f"{name}'s gallery", None if folder is None else folder / "gallery" / name),
        around.now,
        around.clock,
    )


def successor(before: State, policies: Policies) -> State:
    """The same breaker, line and budget under other policies; nothing of it changes yet."""
    return replace(before, repeating=replace(before.repeating, backoff=policies.retry.waits))


def adjust(state: State, policies: Policies) -> None:
    """Let the living go by these policies from now on."""
    budget, concurrency = policies.retry.budget, policies.concurrency
    state.breaker.adjust(policies.breaker.thresholds)
    state.slots.adjust(concurrency.at_once, concurrency.queue)
    repeats = replace(state.gallery.repeating, backoff=policies.retry.waits)
    state.gallery.adjust(policies.breaker.thresholds, repeats, concurrency.at_once)
    for repeating in (state.repeating, repeats):
        repeating.budget.adjust(budget.percent / 100, budget.min_per_minute)
