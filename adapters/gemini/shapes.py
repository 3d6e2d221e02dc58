"""The shapes of Google's pictures: aspect and size class, and the pixels that they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log

from imageway.core.size import Aspect, Size

CLASSIC = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
ALL = (*CLASSIC, "1:4", "4:1", "1:8", "8:1")
FIVE = ("1:1", "3:4", "4:3", "9:16", "16:9")


def _pixels(**sizes: str) -> Mapping[str, Size]:
    return {name[1:].replace("_", ":"): Size.parse(size) for name, size in sizes.items()}


# At 1K. The classic ones are documented; 4:1 and 1:8 mirror the two that were measured.
NEW = _pixels(
    a1_1="1024x1024",
    a2_3="848x1264",
    a3_2="1264x848",
    a3_4="896x1200",
    a4_3="1200x896",
    a4_5="928x1152",
    a5_4="1152x928",
    a9_16="768x1376",
    a16_9="1376x768",
    a21_9="1584x672",
    a1_4="512x2064",
    a4_1="2064x512",
    a1_8="352x2928",
    a8_1="2928x352",
)
OLD = _pixels(
    a1_1="1024x1024",
    a2_3="832x1248",
    a3_2="1248x832",
    a3_4="864x1184",
    a4_3="1184x864",
    a4_5="896x1152",
    a5_4="1152x896",
    a9_16="768x1344",
    a16_9="1344x768",
    a21_9="1536x672",
)
IMAGEN = _pixels(
    a1_1="1024x1024", a3_4="896x1280", a4_3="1280x896", a9_16="768x1408", a16_9="1408x768"
)
# What is known of 512 is the square alone.
SCALE_BY_CLASS: Mapping[str, int] = {"1K": 1, "2K": 2, "4K": 4}
HALF = "512"
SQUARE = "1:1"
# Above this edge the next class is nearer.
LONGEST_BY_CLASS: Mapping[str, int] = {"512": 640, "1K": 1600, "2K": 3200}


@dataclass(frozen=True, slots=True)
class Shape:
    """What is said to Google; where something is missing its own default counts."""

    aspect: str | None = None
    size: str | None = None


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes that a model draws; one with a single class need not be told it."""

    pixels: Mapping[str, Size]
    aspects: tuple[str, ...]
    classes: tuple[str, ...]
    says_size: bool = True

    @property
    def sizes(self) -> Mapping[Size, Shape]:
        """Every size in pixels that is known to come of a shape."""
        return dict(self._sizes())

    def _sizes(self) -> Iterator[tuple[Size, Shape]]:
        for aspect in self.aspects:
            base = self.pixels[aspect]
            for size in self.classes:
                scale = SCALE_BY_CLASS.get(size)
                if scale is not None:
                    pixels = Size(base.width * scale, base.height * scale)
                    yield pixels, Shape(aspect, self.spoken(size))
        if HALF in self.classes:
            yield Size(512, 512), Shape(SQUARE, HALF)

    def spoken(self, size: str) -> str | None:
        """The class as it is sent: 1K goes without saying."""
        return size if self.says_size and size != "1K" else None

    def of_size(self, size: Size) -> Shape:
        """The shape whose pixels are these, else the nearest aspect and a class by the edge."""
        exact = self.sizes.get(size)
        if exact is not None:
            return exact
        return Shape(self.nearest(size.aspect), self._class_of(max(size.width, size.height)))

    def nearest(self, aspect: Aspect) -> str:
        """The aspect of the nearest shape."""
        wanted = log(aspect.ratio)
        return min(
            self.aspects or FIVE, key=lambda each: abs(log(Aspect.parse(each).ratio) - wanted)
        )

    def _class_of(self, edge: int) -> str | None:
        for size, longest in LONGEST_BY_CLASS.items():
            if edge <= longest and size in self.classes:
                return self.spoken(size)
        return self.spoken(self.classes[-1]) if self.classes else None
