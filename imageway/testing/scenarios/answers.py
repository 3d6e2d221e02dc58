"""An answer may be anything; whatever it is, an error is told and nothing else is believed."""

from __future__ import annotations

import re

from imageway.core.errors import ErrorCode
from imageway.emulators.faults import Fault, Spot
from imageway.testing.lab import Lab
from imageway.testing.needs import previews, says, says_at_work, several
from imageway.testing.outcome import Outcome, described
from imageway.testing.samples import a_stream
from imageway.testing.scenario import Broken, expect, scenario

ELSEWHERE = "/elsewhere-of-the-kit"
A_TAG = re.compile(r"<\s*/?\s*[a-z!]", re.IGNORECASE)
# The usual limit, and one for answers that hold several pictures.
TOO_MUCH, FAR_TOO_MUCH = 66 << 20, 266 << 20
PIECE = 97


@scenario("does not believe an answer that it cannot read", says(Fault.GARBAGE))
async def garbage_is_a_bad_answer(lab: Lab) -> None:
    """Read the answer with a pydantic model by `http.json`, and let its fields be required."""
    outcome = await lab.suffer(Fault.GARBAGE)
    told = outcome.failure
    expect(
        told.code is ErrorCode.BAD_ANSWER,
        f"an answer without what it must hold is bad_answer, told was {described(told)}",
    )


@scenario("survives every kind of garbage", says(Fault.GARBAGE))
async def all_garbage_is_survived(lab: Lab) -> None:
    """Broken, empty, endless and wrong JSON must all end in `ImagewayError`.

    `http.json` sees to it; whoever parses by hand catches what the parser raises.
    """
    for variant in lab.vendor.variants(Fault.GARBAGE):
        outcome = await lab.suffer(Fault.GARBAGE, variant=variant)
        told = outcome.failure
        expect(not outcome.raised, f"garbage ({variant}): {_raised(outcome)}")
        expect(told.code is not ErrorCode.INTERNAL, f"garbage ({variant}): {described(told)}")


def _raised(outcome: Outcome) -> str:
    return ", ".join(f"it raised {error!r}" for error in outcome.raised)


@scenario("shows nobody a proxy's page", says(Fault.HTML))
async def no_html_outside(lab: Lab) -> None:
    """A page of HTML instead of JSON becomes an error in words: put no body into a message."""
    outcome = await lab.suffer(Fault.HTML)
    told = outcome.failure
    for words in (told.message, told.hint, told.vendor_message, told.vendor_code):
        expect(not A_TAG.search(words or ""), f"the error shows HTML: {words!r}")
    blamed = {ErrorCode.UNAVAILABLE, ErrorCode.BAD_ANSWER, ErrorCode.FAILED, ErrorCode.TIMEOUT}
    expect(told.code in blamed, f"a proxy's page was told as {described(told)}")


@scenario("follows no redirect with what it asks", says(Fault.REDIRECT))
async def no_redirect_is_followed(lab: Lab) -> None:
    """Speak to the vendor through `http` alone, which does not follow; never repeat a call at
    the address that an answer names.
    """
    outcome = await lab.suffer(Fault.REDIRECT, location=f"{lab.url}{ELSEWHERE}")
    expect(outcome.error is not None, "a redirect was told as a success")
    followed = [heard for heard in outcome.heard if heard.path == ELSEWHERE]
    expect(not followed, "it followed a redirect")


@scenario("takes no more than it can hold", says(Fault.OVERSIZED))
async def an_oversized_answer_is_too_large(lab: Lab) -> None:
    """Read answers through `http`, which cuts them at its limit, and pass its error on."""
    told = None
    for size in (TOO_MUCH, FAR_TOO_MUCH):
        told = (await lab.suffer(Fault.OVERSIZED, size=size)).error
        if told is not None and told.code is ErrorCode.TOO_LARGE:
            return
    raise Broken(f"{FAR_TOO_MUCH >> 20} MB must be too_large, told was {described(told)}")


@scenario("takes for a picture only what is one", says(Fault.NOT_A_PICTURE))
async def no_picture_is_a_bad_answer(lab: Lab) -> None:
    """`Picture.from_base64` and `from_bytes` raise bad_answer for what is no image: let that be
    the error of this picture, by `run.failed(error.info, index)` or by raising.
    """
    outcome = await lab.suffer(Fault.NOT_A_PICTURE)
    expect(not outcome.pictures, "something that is no picture was handed over as one")
    told = outcome.failure
    expect(
        told.code is ErrorCode.BAD_ANSWER,
        f"what is no picture must be bad_answer, told was {described(told)}",
    )


@scenario("keeps the pictures that came when others are missing", several, says(Fault.FEWER_IMAGES))
async def fewer_pictures_are_a_part(lab: Lab) -> None:
    """Hand over what came, and return: what is missing is then failed by the adapter's door.

    Never raise for the whole call because its answer is short.
    """
    count = min(lab.can.images_per_call, 3)
    outcome = await lab.suffer(Fault.FEWER_IMAGES, {"count": count})
    came = len(outcome.pictures)
    expect(came == count - 1, f"the vendor made {count - 1} of {count}, handed over were {came}")
    expect(outcome.result.status == "partial", f"told was {outcome.result.status}, not partial")


@scenario("tells when a picture is worse than it was asked for", says(Fault.DEGRADED))
async def a_worse_picture_is_noted(lab: Lab) -> None:
    """Bring the picture all the same, and say `run.note("degraded", …)` with the reason."""
    outcome = await lab.suffer(Fault.DEGRADED)
    expect(outcome.error is None, f"it failed with {described(outcome.error)}")
    kinds = {note.kind for note in outcome.result.notes}
    expect("degraded" in kinds, "the vendor said that its picture is worse, and nobody was told")


@scenario("reads an answer however it is cut up", says(Fault.DRIP))
async def a_sliced_answer_is_read(lab: Lab) -> None:
    """Bytes come in any portions: parse whole lines and whole events, by `http.events`."""
    wishes = a_stream(lab.can)
    async with lab.another() as fresh:
        whole = await fresh.ask(**wishes)
    outcome = await lab.suffer(Fault.DRIP, wishes, step=PIECE, pause=0)
    expect(outcome.error is None, f"in small pieces it failed with {described(outcome.error)}")
    same = outcome.picture.bytes == whole.picture.bytes
    expect(same, "in small pieces another picture came out")


@scenario("skips comments and events that it does not know", previews, says(Fault.CHATTER))
async def chatter_is_skipped(lab: Lab) -> None:
    """Ignore events of other names; a vendor adds new ones without asking."""
    for spot in (Spot.WORK, Spot.POLL):
        outcome = await lab.suffer(Fault.CHATTER, {"previews": 1}, spot=spot)
        expect(outcome.error is None, f"it failed with {described(outcome.error)}")


@scenario(
    "puts pictures that come out of order where they belong", several, says(Fault.OUT_OF_ORDER)
)
async def order_is_by_index(lab: Lab) -> None:
    """Where the vendor says which picture an event brings, pass that on as `index`."""
    count = min(lab.can.images_per_call, 3)
    async with lab.another() as fresh:
        usual = (await fresh.ask(count=count)).pictures
    outcome = await lab.suffer(Fault.OUT_OF_ORDER, {"count": count})
    expect(outcome.error is None, f"it failed with {described(outcome.error)}")
    moved = [i for i, picture in outcome.pictures.items() if picture.bytes != usual[i].bytes]
    expect(not moved, f"the pictures {moved} are not where they belong")


@scenario(
    "keeps the pictures that came before its stream was cut",
    previews,
    several,
    says_at_work(Fault.CUT_STREAM),
)
async def what_came_before_a_cut_stays(lab: Lab) -> None:
    """Hand each picture over when its event comes, not when the stream is over."""
    count = min(lab.can.images_per_call, 3)
    came = [len((await _cut(lab, count, events)).pictures) for events in range(1, 4 * count)]
    expect(
        any(0 < each < count for each in came),
        f"wherever its stream of {count} pictures was cut, handed over were {sorted(set(came))}",
    )
    expect(came == sorted(came), f"a later cut left fewer pictures: {came}")


async def _cut(lab: Lab, count: int, events: int) -> Outcome:
    return await lab.suffer(Fault.CUT_STREAM, {"previews": 1, "count": count}, after_events=events)


@scenario(
    "does not take a stream that was cut for a whole one", previews, says_at_work(Fault.CUT_STREAM)
)
async def a_cut_stream_is_no_success(lab: Lab) -> None:
    """When the stream ends without its last event, raise `outcome_unknown`: nobody knows."""
    outcome = await lab.suffer(Fault.CUT_STREAM, {"previews": 1}, after_events=1)
    expect(not outcome.pictures, "a picture came out of a stream that was cut before it")
    told = outcome.failure
    expect(
        not told.another_may_cure,
        f"nobody knows how it ended, told was {described(told)}: another vendor would be paid too",
    )
