"""Every claim is proven on the wire, and what is not claimed does not go there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from itertools import combinations

from PIL import Image

from imageway.core.capability import Capabilities
from imageway.core.options import Option
from imageway.core.picture import Picture
from imageway.core.size import Aspect, Size
from imageway.emulators.faults import Spot
from imageway.testing.asking import Terms
from imageway.testing.lab import Lab
from imageway.testing.needs import claims, provable, wire
from imageway.testing.outcome import Outcome, described
from imageway.testing.samples import SEED, references, wishes
from imageway.testing.scenario import Scenario, expect, named, scenario
from imageway.testing.wire import Trace, differences, pictures, trace

PAST_NEGOTIATION = Terms(negotiated=False)
ANYTHING = Capabilities.permissive()
# A vendor may round to steps of its own: one is known whose 3:4 has 896x1280 pixels.
NEARLY = 0.08


@scenario("describes its model, and its claims agree with each other")
async def claims_agree(lab: Lab) -> None:
    """Mend `describe`: `allowed` speaks of claimed options alone; references are a number and
    an option and the operation `edit`; a mask needs references; previews are sent and asked for.
    """
    can = lab.can
    expect(can.known, f"the model {lab.subject.model!r} is not known to `describe`")
    unclaimed = sorted(can.allowed.keys() - can.options)
    expect(not unclaimed, f"`allowed` speaks of {unclaimed}, which are not claimed")
    takes = {can.references > 0, Option.REFERENCES in can.options, "edit" in can.operations}
    expect(len(takes) == 1, "`references`, the option and the operation `edit` do not agree")
    expect(Option.MASK not in can.options or can.references, "a mask is claimed without references")
    expect(
        can.sends_previews == (Option.PREVIEWS in can.options),
        "`sends_previews` and the option `previews` do not agree",
    )
    expect(can.sizes.allows(can.sizes.usual), f"its usual size {can.sizes.usual} is not allowed")


def _arrives(option: Option) -> Scenario:
    """The scenario of one option."""

    async def play(lab: Lab) -> None:
        asked = wishes(option, lab.can)
        fixed = _fixed(lab, option)
        seen = [await _seen(lab, option, {**fixed, **each}) for each in asked]
        noise = differences(seen[0], await _seen(lab, option, {**fixed, **asked[0]}))
        without = fixed | _with(option)
        if len(asked) > 1:
            for one, other in combinations(range(len(asked)), 2):
                told = f"{_shown(asked[one])} and {_shown(asked[other])} were asked alike"
                expect(differences(seen[one], seen[other]) - noise, told)
        elif option not in lab.can.allowed and option is not Option.SIZE:
            plain = await _seen(lab, option, without)
            told = f"{_shown(asked[0])} changed nothing of what was asked"
            expect(differences(seen[0], plain) - noise, told)

    return named(
        f"{option.value}_arrives",
        SENTENCE_BY_OPTION.get(option, f"sends each {_spoken(option)} that it claims"),
        MEND,
        (claims(option), provable),
        play,
    )


MEND = """
    A claimed option must reach the vendor with each value that `allowed` names, and show in the
    picture where it can be seen. Send it; or take it out of `options`, or the value out of
    `allowed`, and negotiation tells the caller instead.
"""
SENTENCE_BY_OPTION: Mapping[Option, str] = {
    Option.SIZE: "sends each size that its rule allows, and the picture has it",
    Option.FORMAT: "sends each format that it claims, and the picture has it",
    Option.ASPECT: "sends each aspect that it claims, and the picture has it",
    Option.SEED: "sends the seed, and the same one asks for the same",
}


def _spoken(option: Option) -> str:
    return option.value.replace("_", " ")


def _shown(fields: Mapping[str, object]) -> str:
    """The wishes of a request in a few words."""
    told = {name: value for name, value in fields.items() if name not in {"references", "mask"}}
    pictures = [name for name in fields if name not in told]
    return ", ".join([*(f"{name} {value!s}" for name, value in told.items()), *pictures])


def _fixed(lab: Lab, option: Option) -> dict[str, object]:
    """A seed, so that nothing but the option differs."""
    has_seed = Option.SEED in lab.can.options and option is not Option.SEED
    return {"seed": SEED} if has_seed else {}


async def _seen(lab: Lab, option: Option, fields: Mapping[str, object]) -> Trace:
    async with lab.another() as fresh:
        outcome = await fresh.ask(**fields)
    expect(outcome.error is None, f"{_shown(fields)} failed: {described(outcome.error)}")
    if option in DRAWN_BY_OPTION and option.value in fields:
        told = DRAWN_BY_OPTION[option](fields[option.value], outcome.picture)
        expect(not told, f"{_shown(fields)}: the picture {told}")
    if option is not Option.PREVIEWS:
        return trace(outcome)
    # A vendor that shows as many as it likes is asked the same, and what is shown is chosen here.
    shown = sum(told.what == "preview" for told in outcome.told)
    return {**trace(outcome), "previews shown": str(shown)}


def _has_size(size: object, picture: Picture) -> str | None:
    came = Size(picture.width, picture.height)
    return None if came == size else f"is {came}"


def _has_format(word: object, picture: Picture) -> str | None:
    return None if picture.format == str(word).replace("jpg", "jpeg") else f"is {picture.format}"


def _has_aspect(aspect: object, picture: Picture) -> str | None:
    wanted = Aspect.parse(str(aspect)).ratio
    came = picture.width / picture.height
    is_near = abs(came - wanted) <= NEARLY * wanted
    return None if is_near else f"is {picture.width}x{picture.height}"


def _has_background(word: object, picture: Picture) -> str | None:
    opened = Image.open(BytesIO(picture.bytes)).convert("RGBA")
    lowest = opened.getchannel("A").getextrema()[0]
    if word == "transparent" and lowest == 255:
        return "is opaque"
    return "is transparent" if word == "opaque" and lowest != 255 else None


DRAWN_BY_OPTION: Mapping[Option, Callable[[object, Picture], str | None]] = {
    Option.SIZE: _has_size,
    Option.FORMAT: _has_format,
    Option.ASPECT: _has_aspect,
    Option.BACKGROUND: _has_background,
}
ARRIVALS = tuple(_arrives(option) for option in Option)


@scenario("sends as many references as it claims, in their order", claims(Option.REFERENCES), wire)
async def references_keep_their_order(lab: Lab) -> None:
    """Send every one of `request.references`, in order, as a whole picture.

    If the vendor takes fewer, let `references` in the capabilities say so.
    """
    sent = references(lab.can.references)
    outcome = await lab.ask(references=sent)
    expect(outcome.error is None, f"{len(sent)} references failed: {described(outcome.error)}")
    found = [(each.width, each.height) for heard in outcome.heard for each in pictures(heard)]
    wanted = [(each.picture.width, each.picture.height) for each in sent]
    expect(
        [each for each in found if each in wanted] == wanted,
        f"{len(sent)} references of widths {[width for width, _ in wanted]} were sent, "
        f"heard were {[width for width, _ in found]}",
    )


@scenario("keeps what it does not claim to itself", provable)
async def unclaimed_stays_here(lab: Lab) -> None:
    """An option that reaches the vendor belongs into `options`, or callers are told it is not
    there; one that is not claimed must change nothing.
    """
    fixed = _fixed(lab, Option.SIZE)
    if lab.emulator is None:
        fixed["size"] = None
    for option in sorted(set(Option) - lab.can.options):
        plain, again = [trace(await _asked_anyway(lab, fixed | _with(option))) for _ in range(2)]
        outcome = await _asked_anyway(lab, {**fixed, **wishes(option, ANYTHING)[1]})
        if outcome.at(Spot.WORK) or (lab.emulator is None and outcome.pictures):
            told = sorted(differences(plain, trace(outcome)) - differences(plain, again))
            expect(not told, f"{option.value} is not claimed, and changed {told[:3]}")


def _with(option: Option) -> dict[str, object]:
    """What an option cannot be without."""
    return {"references": references(1)} if option is Option.MASK else {}


async def _asked_anyway(lab: Lab, fields: Mapping[str, object]) -> Outcome:
    async with lab.another() as fresh:
        return await fresh.ask_on(PAST_NEGOTIATION, **fields)
