"""What may cost money is asked for once, with leave, and told as it is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from decimal import Decimal

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import Charged
from imageway.core.run import Hooks, Run
from imageway.emulators.answer import Charge
from imageway.emulators.faults import SAID, Fault, Spot
from imageway.testing.asking import Terms
from imageway.testing.lab import Lab
from imageway.testing.needs import previews, says, tells_cost, wire
from imageway.testing.outcome import Outcome, described
from imageway.testing.samples import a_stream
from imageway.testing.scenario import expect, scenario

# These end only when somebody moves the clock, or take too long to be played for every promise.
LONG = frozenset({Fault.STALL, Fault.DRIP, Fault.OVERSIZED, Fault.NEVER_ENDS})
# Of these the vendor proves by its status that nothing was done.
PROVEN_FREE = SAID - {Fault.SERVER_ERROR, Fault.HTML, Fault.REDIRECT}
NEARLY = Decimal("0.01")
# Some vendors bill time; it passes in no time here.
WORK = 2.5


@scenario("is charged once for what it brings, and says so", wire)
async def a_success_is_charged_once(lab: Lab) -> None:
    """Send one paid call for each `generate`, and read its answer to the end.

    Leaving a stream before its end leaves open whether it was charged: take every event.
    """
    for outcome in (await lab.ask(), await lab.ask(**a_stream(lab.can))):
        expect(outcome.error is None, f"it failed with {described(outcome.error)}")
        bill = len(outcome.charges)
        expect(bill == 1, f"the vendor charged {bill} times for one picture")
        known = {call.charged for call in outcome.calls}
        expect(known == {"yes"}, f"the call's charge is {sorted(known)}, it must be known: 'yes'")


@scenario("tells the price that its vendor tells", tells_cost)
async def the_price_is_told(lab: Lab) -> None:
    """Call `run.charge(amount, unit)` once for each paid call, with what the vendor says."""
    for outcome in (await lab.ask(count=2), await lab.ask(**a_stream(lab.can))):
        told = [event for event in outcome.events if isinstance(event, Charged)]
        expect(told, f"the vendor's bill is {_sum(outcome.charges)}, and no price was told")


@scenario("tells no other price than the vendor's bill", wire)
async def the_price_is_right(lab: Lab) -> None:
    """Tell what the vendor says it cost, in its own unit; a table of prices must be today's.

    Whoever does not know a price tells none.
    """
    lab.vendor.seconds_per_picture = WORK
    for outcome in (await lab.ask(count=2), await lab.ask(**a_stream(lab.can))):
        told, bill = _told(outcome), _sum(outcome.charges)
        for unit in told.keys() & bill.keys():
            amount, owed = told[unit], bill[unit]
            expect(
                abs(amount - owed) <= NEARLY * owed,
                f"told was {amount} {unit}, the vendor's bill says {owed}",
            )


def _told(outcome: Outcome) -> dict[str, Decimal]:
    told: dict[str, Decimal] = {}
    for event in outcome.events:
        if isinstance(event, Charged):
            told[event.unit] = told.get(event.unit, Decimal()) + Decimal(str(event.amount))
    return told


def _sum(charges: tuple[Charge, ...]) -> Mapping[str, Decimal]:
    owed: dict[str, Decimal] = {}
    for charge in charges:
        owed[charge.unit] = owed.get(charge.unit, Decimal()) + charge.amount
    return owed


@scenario("asks leave before it sends what may cost, and once for each call", wire)
async def leave_is_asked_first(lab: Lab) -> None:
    """Mark the call that costs with `paid=run`, and no other: `http` then awaits `run.paying()`."""
    heard_before: list[int] = []

    async def on_paying(run: Run) -> None:
        heard_before.append(len(lab.vendor.heard_at(Spot.WORK)))

    outcome = await lab.ask_on(Terms(hooks=Hooks(on_paying=on_paying)))
    calls = len(outcome.at(Spot.WORK))
    expect(
        len(heard_before) == calls, f"for {calls} calls leave was asked {len(heard_before)} times"
    )
    expect(not any(heard_before), "the call went out before leave was given")


@scenario("sends nothing that may cost when leave is refused", wire)
async def no_leave_no_call(lab: Lab) -> None:
    """Mark the call that costs with `paid=run`, and let the error of `run.paying()` pass."""

    async def on_paying(run: Run) -> None:
        raise ImagewayError(ErrorCode.QUOTA_EXHAUSTED, "the kit allows no spending")

    outcome = await lab.ask_on(Terms(hooks=Hooks(on_paying=on_paying)))
    expect(not outcome.at(Spot.WORK), "leave was refused, and the call went out all the same")
    told = outcome.failure
    expect(
        told.code is ErrorCode.QUOTA_EXHAUSTED,
        f"the refusal of leave was told as {described(told)}",
    )


@scenario("sends what may cost once, whatever comes back", says(Fault.UNAVAILABLE))
async def nothing_is_sent_twice(lab: Lab) -> None:
    """Never repeat a call: retry is a policy above the adapter, and knows what was charged.

    Where the vendor promises that the same key brings what it began, the very same call may be
    sent once more, when its answer was lost: there that is a look-up.
    """
    async for fault, outcome in _all_faults(lab):
        calls = outcome.at(Spot.WORK)
        looks_up = lab.vendor.knows_its_keys and len(calls) == 2
        same = looks_up and (calls[0].body, calls[0].raw) == (calls[1].body, calls[1].raw)
        told = f"after {fault} the call that costs was sent {len(calls)} times"
        expect(len(calls) < 2 or same, told)


@scenario("never says that nothing was charged when something was", says(Fault.GARBAGE))
async def charged_is_never_denied(lab: Lab) -> None:
    """An error after a paid call is charged at least as the call is: raise it, and call
    `run.settled` only where the vendor itself says that nothing was charged.
    """
    async for fault, outcome in _all_faults(lab):
        for failure in outcome.result.failures:
            denied = outcome.charges and failure.error.charged == "no"
            expect(not denied, f"after {fault} the vendor charged, told was charged='no'")


@scenario("says that a refusal cost nothing", says(Fault.UNAVAILABLE))
async def a_refusal_is_free(lab: Lab) -> None:
    """A status from 400 to 499, and 503, proves that nothing was charged: let it be known.

    Only then may another vendor be asked.
    """
    for fault in sorted((PROVEN_FREE & lab.vendor.can_say) - lab.vendor.unproven):
        if lab.vendor.spots.get(fault, Spot.WORK) is not Spot.WORK:
            continue
        told = (await lab.suffer(fault)).failure
        expect(told.charged == "no", f"{fault} is free, told was charged={told.charged!r}")


async def _all_faults(lab: Lab) -> AsyncGenerator[tuple[Fault, Outcome]]:
    for fault in sorted(lab.vendor.can_say - LONG):
        yield fault, await lab.suffer(fault)
    for fault in sorted({Fault.SERVER_ERROR, Fault.HTML} & lab.vendor.can_say):
        yield fault, await lab.suffer(fault, charged=True)
    if previews.holds(lab.facts) and Fault.SERVER_ERROR in lab.vendor.can_say:
        yield (
            Fault.SERVER_ERROR,
            await lab.suffer(Fault.SERVER_ERROR, a_stream(lab.can), charged=True, after_events=1),
        )
