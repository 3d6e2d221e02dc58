"""Values to ask each option with: what a model allows, else samples that any model takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import Option, Range
from imageway.core.picture import Picture
from imageway.core.request import InputImage
from imageway.core.size import Aspect, Size

MOST_SAMPLES = 7
# A vendor in small paints larger ones too, but not in the twinkling of an eye.
MOST_PIXELS = 2_400_000
SEED = 424_242
EDGE = 64


@dataclass(frozen=True, slots=True)
class Reference:
    """How many references to send."""

    count: int


# Two or more for each; what the words mean is told of in the kit's prompt, so that it shows.
SAMPLES: Mapping[Option, tuple[object, ...]] = {
    Option.SIZE: (),
    Option.ASPECT: (Aspect(1, 1), Aspect(16, 9), Aspect(2, 3)),
    Option.SEED: (SEED, 7),
    Option.NEGATIVE_PROMPT: ("snow", "a house"),
    Option.QUALITY: ("low", "high"),
    Option.BACKGROUND: ("opaque", "transparent"),
    Option.FORMAT: ("png", "jpeg"),
    Option.REFERENCES: (Reference(1), Reference(2)),
    Option.MASK: (1, 2),
    Option.PREVIEWS: (1, 2),
    Option.GUIDANCE: (2.5, 7.5),
    Option.STEPS: (4, 9),
    Option.STYLE: ("vivid", "natural"),
}
TARGETS = (
    Size(512, 512),
    Size(768, 512),
    Size(512, 896),
    Size(1024, 1024),
    Size(1536, 1024),
    Size(4000, 500),
    Size(1, 1),
)
WHOLE = frozenset({Option.SEED, Option.PREVIEWS, Option.STEPS})


def wishes(option: Option, can: Capabilities) -> list[dict[str, object]]:
    """The fields of requests that differ in one option alone."""
    match option:
        case Option.REFERENCES:
            counts = range(1, min(can.references, 2) + 1)
            return [{"references": references(count)} for count in counts]
        case Option.MASK:
            return [{"references": references(1), "mask": mask(number)} for number in (1, 2)]
        case _:
            return [{option.value: value} for value in _values(option, can)]


def _values(option: Option, can: Capabilities) -> list[object]:
    if option is Option.SIZE:
        return [*_sizes(can.sizes)]
    allowed = can.allowed.get(option)
    if isinstance(allowed, frozenset):
        words = sorted(allowed)
        return [Aspect.parse(word) for word in words] if option is Option.ASPECT else [*words]
    if isinstance(allowed, Range):
        return [*_ends(option, allowed)]
    return [*SAMPLES[option]]


def _sizes(rule: SizeRule) -> Iterator[Size]:
    """Sizes that the rule allows, of every shape, the smallest and the usual among them."""
    if rule.choices:
        yield from rule.choices
        return
    found = dict.fromkeys([rule.usual, *(rule.fit(target) for target in TARGETS)])
    yield from [size for size in found if size.pixels <= MOST_PIXELS][:MOST_SAMPLES]


def _ends(option: Option, allowed: Range) -> Iterator[object]:
    """Both ends of a range, and the samples between them."""
    inner = [each for each in SAMPLES[option] if isinstance(each, int | float) and each in allowed]
    for value in dict.fromkeys((allowed.least, *inner, allowed.most)):
        yield int(value) if option in WHOLE else float(value)


def a_stream(can: Capabilities) -> dict[str, object]:
    """The wish that makes an adapter stream which does so for the sake of previews."""
    has_previews = can.sends_previews and Option.PREVIEWS in can.options
    return {"previews": 1} if has_previews else {}


@cache
def reference(number: int) -> InputImage:
    """A picture of its own; each has a width by which it is known again."""
    image = Image.new("RGB", (EDGE + 8 * number, EDGE), (40 * number % 256, 90, 160))
    image.paste((250, 200, 20), (8, 8, 24 + number, 40))
    return InputImage(picture=_png(image), name=f"reference-{number}.png")


def references(count: int) -> tuple[InputImage, ...]:
    """So many different pictures."""
    return tuple(reference(number) for number in range(1, count + 1))


@cache
def mask(number: int) -> InputImage:
    """A mask for the first reference, transparent on one side or the other."""
    width, height = EDGE + 8, EDGE
    image = Image.new("RGBA", (width, height), (0, 0, 0, 255))
    left = 0 if number == 1 else width // 2
    image.paste((0, 0, 0, 0), (left, 0, left + width // 2, height))
    return InputImage(picture=_png(image), name=f"mask-{number}.png")


def _png(image: Image.Image) -> Picture:
    file = BytesIO()
    image.save(file, "png")
    return Picture.from_bytes(file.getvalue())
