"""Connections break; what may have been charged is then unknown, and is never asked again."""

from __future__ import annotations

from imageway.core.errors import ErrorCode
from imageway.core.outgoing import Times
from imageway.core.run import Hooks
from imageway.emulators.faults import Fault, Spot
from imageway.testing.asking import Terms
from imageway.testing.lab import Lab
from imageway.testing.needs import says, wire
from imageway.testing.outcome import Outcome, described
from imageway.testing.scenario import expect, scenario

LOCAL = Terms(hooks=Hooks(free=True))
IMPATIENT = Times(total=120.0)


def _expect_unknown(outcome: Outcome, what: str) -> None:
    told = outcome.failure
    expect(
        told.code is ErrorCode.OUTCOME_UNKNOWN,
        f"{what} of a paid call leaves outcome_unknown, told was {described(told)}",
    )
    expect(told.charged != "no", f"{what} of a paid call may have cost, told was charged='no'")


@scenario("knows that nobody is there", wire)
async def nobody_is_there(lab: Lab) -> None:
    """A refused connection is `network` or `unavailable`, and proves that nothing was charged.

    Let the error of `http` pass as it is.
    """
    async with lab.deserted() as deserted:
        outcome = await deserted.ask()
    told = outcome.failure
    known = {ErrorCode.NETWORK, ErrorCode.UNAVAILABLE}
    expect(told.code in known, f"a refused connection was told as {described(told)}")
    expect(told.charged == "no", f"nothing was sent, told was charged={told.charged!r}")


@scenario("does not know what became of a paid call whose answer was lost", says(Fault.HANG_UP))
async def a_hang_up_leaves_it_unknown(lab: Lab) -> None:
    """Mark the call that costs with `paid=run`; `http` then says `outcome_unknown` by itself."""
    _expect_unknown(await lab.suffer(Fault.HANG_UP), "a hang-up")


@scenario("knows that a lost answer cost nothing where nothing costs", says(Fault.HANG_UP))
async def a_hang_up_is_a_network_fault_at_home(lab: Lab) -> None:
    """With `cost = "local"` a paid call is free; let the error of `http` pass as it is."""
    lab.script(Fault.HANG_UP)
    told = (await lab.ask_on(LOCAL)).failure
    expect(told.code is ErrorCode.NETWORK, f"told was {described(told)}, it must be network")
    expect(told.charged == "no", f"nothing costs here, told was charged={told.charged!r}")


@scenario("does not know what became of a paid call whose answer was cut", says(Fault.CUT))
async def a_cut_answer_leaves_it_unknown(lab: Lab) -> None:
    """Let the error of `http` pass as it is; half an answer is none."""
    _expect_unknown(await lab.suffer(Fault.CUT), "a cut")


@scenario("does not wait for ever for a paid call", says(Fault.STALL))
async def a_stall_leaves_it_unknown(lab: Lab) -> None:
    """`http` gives up after its own times; let its error pass, and set no time-out of your own."""
    lab.script(Fault.STALL)
    asking = lab.begin(lab.request())
    await asking.until(lambda: lab.vendor.heard_at(Spot.WORK))
    _expect_unknown(await asking.end_in_a_hurry(), "a time-out")


@scenario("says that it took too long where nothing costs", says(Fault.STALL))
async def a_stall_is_a_timeout_at_home(lab: Lab) -> None:
    """With `cost = "local"` a paid call is free; let the error of `http` pass as it is."""
    lab.script(Fault.STALL)
    asking = lab.begin(lab.request(), LOCAL)
    await asking.until(lambda: lab.vendor.heard_at(Spot.WORK))
    told = (await asking.end_in_a_hurry()).failure
    expect(told.code is ErrorCode.TIMEOUT, f"told was {described(told)}, it must be timeout")


@scenario("does not read for ever what only trickles", says(Fault.DRIP))
async def a_slow_drip_ends(lab: Lab) -> None:
    """Read through `http`, which has a time for the whole; set none of your own."""
    async with lab.another(IMPATIENT) as fresh:
        outcome = await fresh.suffer(Fault.DRIP, step=1, pause=20)
    _expect_unknown(outcome, "a trickle")
