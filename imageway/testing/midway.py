"""A job caught in the middle: begun and paid for, and not over."""

from __future__ import annotations

from imageway.emulators.faults import Spot
from imageway.testing.asking import Asking
from imageway.testing.lab import Lab
from imageway.testing.scenario import expect

POLLS = 3


async def job_under_way(lab: Lab) -> Asking:
    """Ask, and hold whoever waits for the job: the adapter between polls, else its vendor."""
    lab.vendor.polls_until_done = POLLS
    lab.polls.hold()
    asking = lab.begin(lab.request())
    await asking.until(lambda: lab.polls.held)
    if lab.polls.held:
        return asking
    # It did not wait, so it may have listened to its job.
    polls = len(lab.heard_at(Spot.POLL))
    expect(polls == 1, f"it polled {polls} times, and did not wait between by `http.poll`")
    return await _listening(lab)


async def _listening(lab: Lab) -> Asking:
    before = lab.last_number
    lab.work.hold(lambda: any(heard.number > before for heard in lab.heard_at(Spot.POLL)))
    asking = lab.begin(lab.request())
    await asking.until(lambda: lab.work.held)
    expect(lab.work.held, "its job was over before it could be looked at")
    # Nobody else: whoever tells the vendor to stop must be heard.
    lab.work.hold(bool)
    return asking


def let_go(lab: Lab) -> None:
    """Let everybody go on who was held."""
    lab.polls.wake()
    lab.work.wake()
