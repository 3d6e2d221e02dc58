"""Pictures come, as many as asked, each in its place."""

from __future__ import annotations

import asyncio

from imageway.core.events import Preview
from imageway.core.options import Option
from imageway.emulators.faults import Fault, Spot
from imageway.testing.lab import Lab
from imageway.testing.needs import previews, progress, says, several, wire
from imageway.testing.outcome import described
from imageway.testing.samples import a_stream, references
from imageway.testing.scenario import expect, scenario
from imageway.testing.wire import texts

SIDE_BY_SIDE = 4
# Nobody makes more in one call, and the emulator would paint all afternoon.
MOST_IN_A_CALL = 10
NO_WISHES: dict[str, object] = {}


@scenario("brings one picture for a plain request, and no error")
async def a_picture_comes(lab: Lab) -> None:
    """Hand each picture to `run.image(picture)` the moment its bytes are here.

    If an error is told instead, read its message: the request that the adapter builds without
    any wish is not what its vendor takes. When every picture is handed over, return.
    """
    for wishes in (NO_WISHES, a_stream(lab.can)):
        outcome = await lab.ask(**wishes)
        expect(outcome.error is None, f"it failed with {described(outcome.error)}")
        came = list(outcome.pictures)
        expect(came == [0], f"the pictures that came are {came}")
        thrown = ", ".join(described(error) for error in outcome.thrown)
        expect(not thrown, f"its picture had come, and it raised {thrown}")


@scenario("brings as many pictures as are asked for, each at its own index")
async def as_many_come_as_asked(lab: Lab) -> None:
    """`request.count` is how many this call shall make, never more than `images_per_call`.

    Fan-out calls `generate` once for each part; an index counts within the part, from 0.
    """
    outcome = await lab.ask(count=3)
    expect(
        sorted(outcome.pictures) == [0, 1, 2],
        f"of three pictures came {sorted(outcome.pictures)}: {described(outcome.error)}",
    )


@scenario("makes as many pictures in one call as it claims", wire, several)
async def several_in_one_call(lab: Lab) -> None:
    """`images_per_call` in the capabilities is how many one paid call brings.

    Send the count to the vendor; if it makes one at a time, claim 1 and leave the rest to
    fan-out.
    """
    count = min(lab.can.images_per_call, MOST_IN_A_CALL)
    outcome = await lab.ask(count=count)
    came, calls = len(outcome.pictures), len(outcome.at(Spot.WORK))
    expect(came == count, f"of {count} pictures came {came}: {described(outcome.error)}")
    expect(calls == 1, f"{count} pictures took {calls} calls, claimed is one")


@scenario("keeps requests that run side by side apart", wire)
async def side_by_side(lab: Lab) -> None:
    """Keep nothing of a request on `self`: one adapter serves many requests at once."""
    prompts = [f"picture of the number {number}" for number in range(SIDE_BY_SIDE)]
    outcomes = await asyncio.gather(*(lab.ask(prompt=prompt) for prompt in prompts))
    asked = [" ".join(texts(heard)) for heard in lab.heard if heard.spot is Spot.WORK]
    for prompt, outcome in zip(prompts, outcomes, strict=True):
        times = sum(prompt in each for each in asked)
        expect(times == 1, f"{prompt!r} was asked {times} times, it must be once")
        expect(outcome.error is None, f"{prompt!r} failed: {described(outcome.error)}")


@scenario("shows previews before the picture, and no more than asked for", previews)
async def previews_come_first(lab: Lab) -> None:
    """Hand each unfinished picture to `run.preview(picture)` before `run.image`.

    If the vendor cannot be asked for them, claim no previews.
    """
    edit = {"references": references(1)} if Option.REFERENCES in lab.can.options else NO_WISHES
    for wishes in (NO_WISHES, edit):
        outcome = await lab.ask(previews=2, **wishes)
        before = [event for event in outcome.before_the_picture() if isinstance(event, Preview)]
        shown = [told for told in outcome.told if told.what == "preview"]
        expect(before, "previews were asked for and claimed, and none came before the picture")
        expect(len(shown) <= 2, f"two previews were asked for and {len(shown)} came")


@scenario("shows no preview that nobody asked for")
async def no_preview_unasked(lab: Lab) -> None:
    """Ask the vendor for previews only when `request.previews` is more than 0."""
    outcome = await lab.ask()
    shown = [told for told in outcome.told if told.what == "preview"]
    expect(not shown, f"{len(shown)} previews came unasked")


@scenario("brings the picture also when the vendor sends no preview", says(Fault.NO_PREVIEWS))
async def previews_may_be_absent(lab: Lab) -> None:
    """A preview is a courtesy; do not wait for it, and do not count on it."""
    outcome = await lab.suffer(Fault.NO_PREVIEWS, a_stream(lab.can))
    expect(outcome.error is None, f"it failed with {described(outcome.error)}")


@scenario("says how far it is, never backwards, from 0 to 1", progress)
async def progress_counts_up(lab: Lab) -> None:
    """Call `run.progress(fraction)` with a fraction from 0 to 1 that never shrinks.

    A vendor's percent must be divided by 100.
    """
    outcome = await lab.ask()
    outcome.before_the_picture()
    told = [told.fraction for told in outcome.told if told.what == "progress"]
    known = [fraction for fraction in told if fraction is not None]
    expect(told, "progress is claimed and was never told")
    expect(all(0 <= each <= 1 for each in known), f"not all of {known} are from 0 to 1")
    expect(known == sorted(known), f"it went backwards: {known}")
