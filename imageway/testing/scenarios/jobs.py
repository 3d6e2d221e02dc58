"""A job outlives the call that began it: its ticket is kept, its polls are free."""

from __future__ import annotations

from imageway.core.errors import ErrorCode
from imageway.core.events import Accepted
from imageway.core.run import Hooks, Run
from imageway.emulators.faults import Fault, Spot
from imageway.testing.asking import Terms
from imageway.testing.lab import Lab
from imageway.testing.needs import key, says, says_of_jobs, step
from imageway.testing.outcome import described
from imageway.testing.scenario import expect, scenario

PATIENCE = 60.0
A_STRANGER = "localhost"


@scenario("has its ticket written down before it polls", step(Spot.POLL))
async def the_ticket_comes_first(lab: Lab) -> None:
    """Await `run.accepted(ticket)` as soon as the vendor has given it, and poll only then."""
    polled: list[int] = []

    async def on_accepted(run: Run, ticket: str) -> None:
        polled.append(len(lab.vendor.heard_at(Spot.POLL)))

    outcome = await lab.ask_on(Terms(hooks=Hooks(on_accepted=on_accepted)))
    tickets = [event for event in outcome.events if isinstance(event, Accepted)]
    expect(len(tickets) == 1, f"a job was begun, and {len(tickets)} tickets were told")
    expect(not any(polled), "it polled before its ticket was written down")


@scenario("survives a poll that fails", step(Spot.POLL), says(Fault.UNAVAILABLE))
async def a_failed_poll_is_survived(lab: Lab) -> None:
    """Poll by `http.poll`, which survives a few faults in a row; a poll costs nothing."""
    outcome = await lab.suffer(Fault.UNAVAILABLE, times=1, spot=Spot.POLL)
    expect(outcome.error is None, f"one failed poll ended it with {described(outcome.error)}")


@scenario("survives a cut while it listens to its job", says_of_jobs(Fault.CUT_STREAM))
async def a_cut_listening_is_survived(lab: Lab) -> None:
    """When the events of a job stop before their end, listen again or poll: it goes on by itself,
    and costs nothing more.
    """
    for events in (0, 1):
        outcome = await lab.suffer(Fault.CUT_STREAM, times=1, after_events=events)
        expect(outcome.error is None, f"one cut ended it with {described(outcome.error)}")
        calls = len(outcome.at(Spot.WORK))
        expect(calls == 1, f"the call that costs was sent {calls} times")


@scenario("does not take a lost job for a free one", step(Spot.POLL), says(Fault.NOT_FOUND))
async def a_lost_job_may_have_cost(lab: Lab) -> None:
    """A job that the vendor does not know any more was paid for; raise what `explain` says."""
    outcome = await lab.suffer(Fault.NOT_FOUND, spot=Spot.POLL)
    told = outcome.failure
    expect(told.charged != "no", f"told was charged='no' with {described(told)}")


@scenario("polls a job that never ends until its caller gives up", says(Fault.NEVER_ENDS))
async def an_endless_job_ends(lab: Lab) -> None:
    """Set no time-out of your own; the deadline above cancels you, and then you stop."""
    lab.script(Fault.NEVER_ENDS, times=None)
    outcome = await lab.ask_on(Terms(seconds=PATIENCE))
    told = outcome.failure
    expect(
        told.code in {ErrorCode.TIMEOUT, ErrorCode.OUTCOME_UNKNOWN},
        f"the caller's deadline passed, told was {described(told)}",
    )
    expect(told.charged != "no", "the job was begun, told was charged='no'")
    waited = outcome.seconds
    expect(waited >= PATIENCE, f"it gave up after {waited:.0f} s of its caller's {PATIENCE:.0f}")


@scenario("fetches a file again when its download is cut", step(Spot.DOWNLOAD), says(Fault.CUT))
async def a_cut_download_is_repeated(lab: Lab) -> None:
    """Fetch by `http.download`, which repeats what costs nothing."""
    outcome = await lab.suffer(Fault.CUT, times=1, spot=Spot.DOWNLOAD)
    expect(outcome.error is None, f"a cut download ended it with {described(outcome.error)}")
    calls = len(outcome.at(Spot.WORK))
    expect(calls == 1, f"the call that costs was sent {calls} times")


@scenario("blames a missing file on the file", step(Spot.DOWNLOAD), says(Fault.NOT_FOUND))
async def a_missing_file_is_a_bad_answer(lab: Lab) -> None:
    """Fetch by `http.download`: a 404 of a file is no missing model, and was paid for."""
    outcome = await lab.suffer(Fault.NOT_FOUND, spot=Spot.DOWNLOAD)
    told = outcome.failure
    expect(
        told.code is ErrorCode.BAD_ANSWER,
        f"a missing file must be bad_answer, told was {described(told)}",
    )
    expect(told.charged != "no", "the picture was made, told was charged='no'")


@scenario("shows no stranger its key", step(Spot.DOWNLOAD), key)
async def no_key_for_strangers(lab: Lab) -> None:
    """Fetch files without headers, or with them only where the file lies at the vendor's own
    host: a link in an answer may lead anywhere.
    """
    lab.vendor.files_host = A_STRANGER
    outcome = await lab.ask()
    expect(outcome.error is None, f"it failed with {described(outcome.error)}")
    for heard in outcome.at(Spot.DOWNLOAD):
        host = heard.header("Host") or ""
        shown = [value for _, value in heard.headers if lab.vendor.key and lab.vendor.key in value]
        expect(not (host.startswith(A_STRANGER) and shown), "a file's host was shown the key")
