"""What the vendor says no with is told in the house's words, with the vendor's own beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from imageway.core.errors import ErrorCode
from imageway.emulators.faults import Fault
from imageway.testing.lab import Lab
from imageway.testing.needs import key, previews, says, says_at_work
from imageway.testing.outcome import described
from imageway.testing.samples import a_stream
from imageway.testing.scenario import Scenario, expect, named, scenario

WORDS = "these are the vendor's own words, number 4711"
LATER = 90
# The vendor says these itself, so that everybody knows who is to blame.
BLAMED = (
    Fault.RATE_LIMITED,
    Fault.UNAVAILABLE,
    Fault.BAD_KEY,
    Fault.REFUSED,
    Fault.REGION,
    Fault.FORBIDDEN,
    Fault.QUOTA,
    Fault.NOT_FOUND,
    Fault.SERVER_ERROR,
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One fault, the codes that say it, and what callers do with the code."""

    fault: Fault
    codes: tuple[ErrorCode, ...]
    name: str
    sentence: str
    why: str


MEANINGS = (
    Meaning(
        Fault.RATE_LIMITED,
        (ErrorCode.RATE_LIMITED,),
        "a_rate_limit_is_known",
        "knows a rate limit",
        "it is asked again later, and others are asked meanwhile",
    ),
    Meaning(
        Fault.UNAVAILABLE,
        (ErrorCode.UNAVAILABLE,),
        "being_down_is_known",
        "knows that its vendor is down",
        "it is asked again, and the breaker counts it",
    ),
    Meaning(
        Fault.BAD_KEY,
        (ErrorCode.UNAUTHENTICATED,),
        "a_bad_key_is_known",
        "knows that its key is refused",
        "the reader must know that it is not their own key",
    ),
    Meaning(
        Fault.REFUSED,
        (ErrorCode.REJECTED,),
        "a_refusal_is_final",
        "knows that the content is refused",
        "a refusal is an answer: nobody else is asked",
    ),
    Meaning(
        Fault.REGION,
        (ErrorCode.FORBIDDEN,),
        "a_region_block_is_known",
        "knows that its region is blocked",
        "another vendor may be asked",
    ),
    Meaning(
        Fault.FORBIDDEN,
        (ErrorCode.FORBIDDEN, ErrorCode.NOT_ENTITLED),
        "a_missing_right_is_known",
        "knows that its account may not",
        "another vendor may be asked, and the owner must act",
    ),
    Meaning(
        Fault.QUOTA,
        (ErrorCode.QUOTA_EXHAUSTED,),
        "an_empty_purse_is_known",
        "knows that its money is spent, and does not take it for a rate limit",
        "waiting would not help",
    ),
    Meaning(
        Fault.NOT_FOUND,
        (ErrorCode.NOT_FOUND,),
        "a_missing_model_is_known",
        "knows that there is no such model",
        "another vendor may have one",
    ),
    Meaning(
        Fault.SERVER_ERROR,
        (ErrorCode.UNAVAILABLE, ErrorCode.FAILED, ErrorCode.TIMEOUT),
        "a_failure_of_the_vendor_is_known",
        "knows that its vendor failed",
        "the caller is not to blame",
    ),
    Meaning(
        Fault.NO_IMAGE,
        (ErrorCode.FAILED, ErrorCode.REJECTED),
        "no_picture_is_a_failure",
        "does not take an answer without a picture for a success",
        "another vendor may be asked",
    ),
)


def _is_known(meaning: Meaning) -> Scenario:
    async def play(lab: Lab) -> None:
        for variant in lab.vendor.variants(meaning.fault):
            outcome = await lab.suffer(meaning.fault, variant=variant)
            told = outcome.failure
            codes = " or ".join(meaning.codes)
            way = f" ({variant})" if variant else ""
            expect(
                told.code in meaning.codes,
                f"{meaning.fault}{way} must be {codes}, told was {described(told)}",
            )

    mend = f"""
        Turn the vendor's words into {" or ".join(meaning.codes)} in `explain`, by the table:
        {meaning.why}. A status alone is often not enough.
    """
    # Of a job it would mean that the job is lost, and not the model.
    need = says_at_work if meaning.fault is Fault.NOT_FOUND else says
    return named(meaning.name, meaning.sentence, mend, (need(meaning.fault),), play)


KNOWN = tuple(_is_known(meaning) for meaning in MEANINGS)


async def _retry_after(lab: Lab, said: str) -> float | None:
    outcome = await lab.suffer(Fault.RATE_LIMITED, retry_after=said)
    return outcome.failure.retry_after


@scenario("carries how long its vendor wants to be left alone", says(Fault.RATE_LIMITED))
async def retry_after_is_carried(lab: Lab) -> None:
    """`Http` reads `Retry-After` in seconds and dates; do not put another error in the place of
    the one that `explain` gave. Where the vendor says it in the body, put it into `retry_after`.
    """
    found = await _retry_after(lab, str(LATER))
    expect(found == LATER, f"the vendor said {LATER} s, the error says {found!r}")
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=LATER), usegmt=True)
    found = await _retry_after(lab, date)
    expect(
        found is not None and LATER - 20 < found <= LATER,
        f"the vendor gave a date in {LATER} s, the error says {found!r}",
    )


@scenario("does not wait when its vendor asks it to", says(Fault.RATE_LIMITED))
async def waiting_is_for_others(lab: Lab) -> None:
    """Raise at once: retry is a policy above the adapter, which holds no slot while it sleeps."""
    lab.script(Fault.RATE_LIMITED, retry_after="3")
    asking = lab.begin(lab.request())
    await asyncio.wait((asking.task,), timeout=2.0)
    expect(asking.task.done(), "told to come back in 3 s, it was still waiting after 2 s")
    expect(not lab.polls.naps, f"it slept for {lab.polls.naps} s before it told")


@scenario("gives the vendor's own words of a refusal", says(Fault.REFUSED))
async def the_vendors_words_are_kept(lab: Lab) -> None:
    """Put the vendor's sentence into `vendor_message`, and its code into `vendor_code`."""
    outcome = await lab.suffer(Fault.REFUSED, message=WORDS)
    said = outcome.failure.vendor_message or ""
    expect(WORDS in said, f"the vendor said {WORDS!r}, `vendor_message` is {said!r}")


@scenario("tells of no key when its key is refused", key, says(Fault.BAD_KEY))
async def no_key_in_the_error(lab: Lab) -> None:
    """No message, hint or detail may hold the key. `http` takes it out of what `explain` gives;
    do not put it back, and take it out of errors that you make of an answer yourself.
    """
    secret = lab.vendor.key or ""
    for message in (None, f"there is no key {secret} here"):
        outcome = await lab.suffer(Fault.BAD_KEY, message=message)
        expect(secret not in outcome.failure.model_dump_json(), "the error holds the key")


@scenario("says that it was the vendor who said no", says(Fault.UNAVAILABLE))
async def the_vendor_is_to_blame(lab: Lab) -> None:
    """Give errors that the vendor caused `origin="vendor"`; retry and breaker look at it."""
    for fault in _those(lab, BLAMED):
        # What was learnt under another fault may spare a step of this one.
        async with lab.another() as fresh:
            told = (await fresh.suffer(fault)).failure
        expect(told.origin == "vendor", f"{fault} is told as if imageway had said it")
    if Fault.REFUSED in lab.vendor.can_say and previews.holds(lab.facts):
        told = (await lab.suffer(Fault.REFUSED, a_stream(lab.can), after_events=1)).failure
        expect(told.origin == "vendor", "an error in a stream is told as if imageway had said it")


@scenario("knows an error inside a stream", previews, says(Fault.REFUSED))
async def an_error_in_the_stream_is_known(lab: Lab) -> None:
    """A stream may end with an error event instead of a picture; read it like a plain error."""
    outcome = await lab.suffer(Fault.REFUSED, {"previews": 1}, after_events=1)
    told = outcome.failure
    expect(
        told.code is ErrorCode.REJECTED,
        f"a refusal inside a stream must be rejected, told was {described(told)}",
    )


@scenario("takes an error inside a success for an error", says(Fault.SERVER_ERROR))
async def an_error_in_a_success_is_known(lab: Lab) -> None:
    """A vendor may answer 200 with an error in it; look for it before looking for pictures."""
    outcome = await lab.suffer(Fault.SERVER_ERROR, status=200)
    expect(outcome.error is not None, "an error with the status 200 was told as a success")


def _those(lab: Lab, faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault in lab.vendor.can_say]
