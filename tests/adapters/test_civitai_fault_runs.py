"""Two hundred runs with seeded faults: what the vendor took is what is told, and never twice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

import pytest

from imageway.core.errors import ImagewayError
from imageway.core.events import Accepted, Charged, Event, Finished, ImageFailed, ImageReady
from imageway.core.powers import Lost
from imageway.core.request import ImageRequest
from imageway.core.run import Ledger, Run
from imageway.core.streaming import play
from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.civitai_facts import Refund
from imageway.emulators.civitai_workflows import Script, Status
from imageway.emulators.faults import Fault, Scripted, Spot
from imageway.providers.tables.policies import Policies
from tests.adapters.civitai_stand import Stand, stand
from tests.emulators.civitai_lab import SDXL, emulator

pytestmark = pytest.mark.slow

# A long hunt: RUNS=5000 python -m pytest tests/adapters/test_civitai_fault_runs.py
RUNS = int(os.environ.get("RUNS", "200"))
OUTCOMES = ("ok", "ok", "ok", "missing", "mature", "blocked:ChildReference")
ENDS: Sequence[Status] = ("succeeded", "succeeded", "succeeded", "failed", "expired")
REFUNDS: Sequence[Refund | None] = (None, None, "none", "partial", "full")
AT_WORK = (
    Fault.HANG_UP,
    Fault.CUT,
    Fault.GARBAGE,
    Fault.HTML,
    Fault.SERVER_ERROR,
    Fault.UNAVAILABLE,
    Fault.RATE_LIMITED,
    Fault.FORBIDDEN,
)
AT_POLL = (
    Fault.HANG_UP,
    Fault.CUT,
    Fault.GARBAGE,
    Fault.HTML,
    Fault.UNAVAILABLE,
    Fault.SERVER_ERROR,
    Fault.RATE_LIMITED,
)
AT_DOWNLOAD = (Fault.HANG_UP, Fault.CUT, Fault.NOT_FOUND, Fault.NOT_A_PICTURE, Fault.UNAVAILABLE)
AT_LOOK = (Fault.HANG_UP, Fault.UNAVAILABLE, Fault.GARBAGE, Fault.RATE_LIMITED)
FAULTS_BY_SPOT = {
    Spot.WORK: AT_WORK,
    Spot.POLL: AT_POLL,
    Spot.DOWNLOAD: AT_DOWNLOAD,
    Spot.LOOK: AT_LOOK,
}
RETRYING = Policies.model_validate({"retry": {"attempts": 3}})


@dataclass(slots=True)
class Played:
    """One run, and what came of it."""

    found: Stand
    request: ImageRequest
    events: list[Event]
    tickets: list[str]

    @property
    def told(self) -> float:
        return sum(event.amount for event in self.events if isinstance(event, Charged))


def prepared(chance: Random) -> CivitaiEmulator:
    """An emulator with switches, a script and faults of its own."""
    vendor = emulator(
        blocked_refund=chance.choice(["none", "full"]),
        failed_refund=chance.choice(["none", "partial", "full"]),
        has_jobs=chance.random() < 0.8,
        boolean_wait=chance.random() < 0.1,
        put_answers_workflow=chance.random() < 0.5,
        relative_redirect=chance.random() < 0.5,
    )
    vendor.play(_script(chance))
    for spot, faults in FAULTS_BY_SPOT.items():
        for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
            vendor.add(_fault(chance, spot, faults))
    return vendor


def _script(chance: Random) -> Script:
    return Script(
        outcomes=[chance.choice(OUTCOMES) for _ in range(4)],
        ends=chance.choice(ENDS),
        refund=chance.choice(REFUNDS),
        left_out=chance.choice([0, 0, 0, 1]),
        last_first=chance.random() < 0.3,
        unknown_status=chance.choice([None, None, "dreaming"]),
    )


def _fault(chance: Random, spot: Spot, faults: Sequence[Fault]) -> Scripted:
    fault = chance.choice(faults)
    # Only what is said may come before or after the work; what is spoilt always comes after.
    charged = chance.choice([True, None]) if fault in {Fault.HTML, Fault.SERVER_ERROR} else None
    return Scripted(
        fault=fault,
        spot=spot,
        times=chance.choice([1, 1, 2, 3]),
        after=chance.choice([0, 0, 1]),
        charged=charged if spot is Spot.WORK else None,
    )


async def played(found: Stand, chance: Random) -> Played:
    """Ask once, through everything that stands before an adapter, and perhaps cancel it."""
    request = ImageRequest(prompt="a lighthouse", model=SDXL, count=chance.choice([1, 2, 3, 4]))
    events: list[Event] = []
    run = Run(Ledger(events.append, request.count), tuple(range(request.count)))
    task = asyncio.create_task(play(found.handler(), request, run))
    if chance.random() < 0.2:
        for _ in range(chance.choice([1, 20, 60, 100, 150])):
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait((task,))
    tickets = [event.ticket for event in events if isinstance(event, Accepted)]
    return Played(found, request, events, tickets)


async def settled(run: Played) -> float:
    """What is told at last: a workflow whose order was lost is looked for, as a journal would."""
    if run.told or any(isinstance(event, Charged) for event in run.events):
        return run.told
    found = run.found
    found.vendor.playlist.clear()
    for workflow in found.vendor.board.workflows.values():
        key = (workflow.external_id or "").partition("-")[2]
        told: list[Event] = []
        again = Run(Ledger(told.append, run.request.count), tuple(range(run.request.count)))
        sent_at = datetime.fromtimestamp(found.vendor.now(), UTC)
        try:
            await found.adapter.resume(Lost(key, None, run.request, sent_at), again)
        except ImagewayError:
            continue
        finally:
            run.events += [event for event in told if isinstance(event, Charged)]
    return run.told


async def judged(seed: int) -> list[str]:
    """Everything that is wrong with one run."""
    chance = Random(seed)
    async with stand(prepared(chance)) as found:
        found.policies = RETRYING
        run = await played(found, chance)
        workflows = found.vendor.board.workflows
        ends = [e.index for e in run.events if isinstance(e, ImageReady | ImageFailed)]
        wrong = {
            "paid twice": len(workflows) > 1,
            "an end is missing": sorted(ends) != list(range(run.request.count)),
            "it ended twice": sum(isinstance(e, Finished) for e in run.events) != 1,
            "a charge was denied": bool(workflows) and _denied(run),
        }
        told, spent = await settled(run), found.vendor.user.spent
        wrong[f"told {told}, taken {spent}"] = told != spent
        wrong["the bill is not the ledger"] = spent != sum(w.net for w in workflows.values())
    return [what for what, is_so in wrong.items() if is_so]


def _denied(run: Played) -> bool:
    failures = [event.error for event in run.events if isinstance(event, ImageFailed)]
    return any(error.charged == "no" for error in failures)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_what_the_vendor_took_is_told_and_nothing_is_paid_twice() -> None:
    wrong = {seed: told for seed in range(RUNS) if (told := await judged(seed))}
    assert wrong == {}


@pytest.mark.slow
async def test_the_runs_meet_lost_orders_cancels_and_partial_ends() -> None:
    met = {"lost": 0, "partial": 0, "whole": 0, "failed": 0}
    for seed in range(60):
        chance = Random(seed)
        async with stand(prepared(chance)) as found:
            found.policies = replace(found, policies=RETRYING).policies
            run = await played(found, chance)
        came = sum(isinstance(event, ImageReady) for event in run.events)
        met["lost"] += len(found.ordered) > 1
        met["partial"] += 0 < came < run.request.count
        met["whole"] += came == run.request.count
        met["failed"] += came == 0
    assert min(met.values()) >= 5, met
