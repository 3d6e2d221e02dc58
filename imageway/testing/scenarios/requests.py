"""What is asked reaches the vendor: unchanged, complete, and not a word more."""

from __future__ import annotations

from imageway.core.options import Option
from imageway.emulators.faults import Spot
from imageway.testing.lab import Lab
from imageway.testing.needs import claims, has_extras, wire
from imageway.testing.outcome import Outcome, described
from imageway.testing.samples import SEED, wishes
from imageway.testing.scenario import expect, scenario
from imageway.testing.wire import Trace, differences, texts, trace

PROMPTS = (
    "a fox 🦊 with a family 👨‍👩‍👧 and a flag 🏳️‍🌈",
    "雪の中の赤い狐、小さな家のそば",
    "ثعلب أحمر في الثلج",
    "  spaces around  ",
    "first line\nsecond line\r\n\ttabbed",
    """it's "quoted", \\escaped\\, {braced} [listed] <tagged> & 100 % $HOME""",
    "e\u0301 is not \u00e9, and \u200bnothing is hidden",
)
A_STRANGER = "no-such-model-of-the-kit"
CANARY = "extra-for-somebody-else"


@scenario("sends the prompt as it was written", wire)
async def the_prompt_is_unchanged(lab: Lab) -> None:
    """Pass `request.prompt` on as it is: no strip, no escape, no format, no normalising.

    Let pydantic or the form encode it; never put it into JSON or a URL by hand.
    """
    for prompt in PROMPTS:
        outcome = await lab.ask(prompt=prompt)
        expect(outcome.error is None, f"{prompt!r} failed: {described(outcome.error)}")
        found = any(prompt in text for heard in outcome.heard for text in texts(heard))
        expect(found, f"{prompt!r} was not heard as it is")


@scenario("sends the model that was asked for", wire)
async def the_model_is_asked_for(lab: Lab) -> None:
    """`request.model` is the vendor's own name for it; send that, not a default of your own.

    A name that you do not know is the vendor's to refuse; where a vendor has one model and hears
    no name, refuse another yourself.
    """
    outcome = await lab.ask(model=A_STRANGER)
    asked = outcome.at(Spot.WORK)
    said = [text for heard in asked for text in (heard.path, *texts(heard))]
    expect(
        any(A_STRANGER in each for each in said) or not asked,
        f"{A_STRANGER!r} is asked, and another model was asked for",
    )


@scenario("sends the same for the same request, whoever asks and whatever was asked before")
async def the_same_asks_the_same(lab: Lab) -> None:
    """Take everything from the request and `run.call_id`: no clock, no chance, no counter.

    A vendor that needs a seed or an id gets one that is derived from `run.call_id`.
    """
    traces: list[Trace] = []
    for _ in range(2):
        async with lab.another() as fresh:
            traces.append(trace(await fresh.ask()))
    places = sorted(differences(*traces))
    expect(not places, f"two fresh adapters asked differently at {places[:3]}")


@scenario("remembers nothing of one request in the next", wire)
async def nothing_is_remembered(lab: Lab) -> None:
    """Keep nothing on `self` between calls; the memo is the only memory, and it is for facts."""
    second = await _after(lab, {})
    noise = differences(second, await _after(lab, {}))
    places = sorted(differences(second, await _after(lab, _everything(lab))) - noise)
    expect(not places, f"what was asked before showed at {places[:3]}")


async def _after(lab: Lab, fields: dict[str, object]) -> Trace:
    """What a second request sends after a first one."""
    async with lab.another() as fresh:
        await fresh.ask(**fields)
        return _trace_of_work(await fresh.ask(prompt="and now a boat"))


def _trace_of_work(outcome: Outcome) -> dict[str, str]:
    """Only the call that costs; facts may well be remembered."""
    return {
        place: value
        for place, value in trace(outcome).items()
        if place.partition(" ")[2].startswith(tuple(_paths(outcome)))
    }


def _paths(outcome: Outcome) -> list[str]:
    return [f"{heard.method} {heard.path} " for heard in outcome.at(Spot.WORK)]


def _everything(lab: Lab) -> dict[str, object]:
    """One sample of each wish that goes with any other."""
    plain = (Option.SEED, Option.QUALITY, Option.STEPS, Option.GUIDANCE, Option.NEGATIVE_PROMPT)
    wished: dict[str, object] = {}
    for option in plain:
        if option in lab.can.options:
            wished |= wishes(option, lab.can)[-1]
    return wished


@scenario("says the same seed for the same pictures, and never the same twice", claims(Option.SEED))
async def four_pictures_have_four_seeds(lab: Lab) -> None:
    """Send `request.seed` as it is: fan-out has added the index already.

    Where one call makes several pictures the vendor counts up from that seed.
    """
    count = 4
    outcome = await lab.ask(count=count, seed=SEED)
    expect(
        len(outcome.pictures) == count,
        f"of {count} pictures came {len(outcome.pictures)}: {described(outcome.error)}",
    )
    if lab.emulator is None:
        drawn = {picture.base64 for picture in outcome.pictures.values()}
        expect(len(drawn) == count, f"four pictures of one seed are {len(drawn)} different ones")
        return
    said = {text for heard in outcome.heard for text in texts(heard)}
    expected = {str(SEED + first) for first in range(0, count, lab.can.images_per_call)}
    missing = sorted(expected - said)
    expect(not missing, f"the seeds {missing} were not heard")


@scenario("keeps what is said to somebody else to itself", wire)
async def extras_of_others_stay_here(lab: Lab) -> None:
    """Read `request.extra(run.provider, "your-adapter")`, never all of `request.extras`."""
    outcome = await lab.ask(extras={"somebody_else": {CANARY: CANARY}})
    told = [text for heard in outcome.heard for text in (*texts(heard), *trace(outcome))]
    expect(not any(CANARY in text for text in told), "extras for another provider were sent")


@scenario("passes on what is said to it alone", wire, has_extras)
async def own_extras_are_sent(lab: Lab) -> None:
    """Merge `request.extra(run.provider, "your-adapter")` into what is sent."""
    plain = trace(await lab.ask())
    extras = {lab.subject.name: dict(lab.vendor.extras)}
    async with lab.another() as fresh:
        outcome = await fresh.ask(extras=extras)
    expect(outcome.error is None, f"{extras} failed: {described(outcome.error)}")
    expect(differences(plain, trace(outcome)), f"{extras} changed nothing of what was sent")
