"""Cancelled, an adapter stops at once; left, it ends what it paid for."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from imageway.emulators.faults import Fault, Spot
from imageway.testing.asking import Terms
from imageway.testing.clockwork import a_while, within
from imageway.testing.lab import Lab
from imageway.testing.midway import job_under_way, let_go
from imageway.testing.needs import no_wire, previews, progress, says, step, wire
from imageway.testing.outcome import described
from imageway.testing.scenario import Broken, expect, scenario

# By then the events that a stream began with are here.
HALF_A_SECOND = 0.5
PATIENCE = 2.0


async def _hung_up(lab: Lab) -> None:
    """See that no connection is held open."""
    try:
        await within(PATIENCE, lab.bell.until(lambda: lab.vendor.underway == 0))
    except TimeoutError:
        raise Broken("cancelled, it held its connection open") from None


@scenario("stops at once when it is cancelled before an answer", says(Fault.STALL))
async def cancelled_while_waiting(lab: Lab) -> None:
    """Let `asyncio.CancelledError` pass: catch it only to tell the vendor, and raise it again."""
    lab.script(Fault.STALL)
    asking = lab.begin(lab.request())
    await asking.until(lambda: lab.vendor.heard_at(Spot.WORK))
    await asking.cancel()
    await _hung_up(lab)


@scenario("stops at once when it is cancelled between polls", step(Spot.POLL))
async def cancelled_between_polls(lab: Lab) -> None:
    """Wait by `http.poll` alone, and let `asyncio.CancelledError` pass."""
    asking = await job_under_way(lab)
    polls = len(lab.vendor.heard_at(Spot.POLL))
    await asking.cancel()
    let_go(lab)
    await a_while()
    expect(len(lab.vendor.heard_at(Spot.POLL)) == polls, "cancelled, it went on asking for its job")


@scenario("tells its vendor when a job is cancelled", step(Spot.POLL), step(Spot.CANCEL))
async def the_vendor_is_told(lab: Lab) -> None:
    """Catch `asyncio.CancelledError` around the polls, tell the vendor, and raise it again."""
    asking = await job_under_way(lab)
    outcome = await asking.cancel()
    expect(outcome.at(Spot.CANCEL), "the vendor can be told to stop, and was not")


@scenario(
    "stops at once when it is cancelled in a download", step(Spot.DOWNLOAD), says(Fault.STALL)
)
async def cancelled_in_a_download(lab: Lab) -> None:
    """Fetch by `http.download`, and let `asyncio.CancelledError` pass."""
    lab.script(Fault.STALL, spot=Spot.DOWNLOAD)
    asking = lab.begin(lab.request())
    await asking.until(lambda: lab.vendor.heard_at(Spot.DOWNLOAD))
    await asking.cancel()
    await _hung_up(lab)


@scenario("stops at once when it is cancelled in a stream", previews, says(Fault.STALL))
async def cancelled_in_a_stream(lab: Lab) -> None:
    """Close the stream when you leave it: `async with aclosing(http.events(…)) as events`."""
    lab.script(Fault.STALL, after_events=2)
    asking = lab.begin(lab.request(previews=1))
    with suppress(TimeoutError):
        async with asyncio.timeout(HALF_A_SECOND):
            await asking.until(lambda: asking.events)
    await asking.cancel()
    await _hung_up(lab)


@scenario("stops at once when it is cancelled at its work", progress, no_wire)
async def cancelled_at_work(lab: Lab) -> None:
    """Let `asyncio.CancelledError` pass, and give work to threads in short steps."""
    asking = lab.begin(lab.request())
    await asking.until(lambda: asking.told)
    await asking.cancel()


@scenario("sends nothing for a caller who has left", wire)
async def nobody_waits_any_more(lab: Lab) -> None:
    """Mark the call that costs with `paid=run`: `run.paying()` refuses when nobody waits."""
    outcome = await lab.ask_on(Terms(leaves=True))
    expect(not outcome.at(Spot.WORK), "the caller had left, and a call that costs went out")
    expect(not outcome.charges, "the caller had left, and was charged")


@scenario("brings home what was paid for when its caller has left", wire)
async def what_is_paid_for_is_kept(lab: Lab) -> None:
    """Mark the call that costs with `paid=run`; it is then awaited though nobody reads."""
    lab.work.hold(lambda: lab.heard_at(Spot.WORK))
    asking = lab.begin(lab.request())
    await asking.until(lambda: lab.vendor.heard_at(Spot.WORK))
    asking.ledger.leaving.set()
    await asking.until(lambda: lab.work.naps)
    lab.work.wake()
    outcome = await asking.end()
    expect(outcome.pictures, f"it was paid for and not kept: {described(outcome.error)}")
