"""What a model can do, as data, and how a size is fitted to what it can draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, sqrt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf

from imageway.core.options import Option, Range
from imageway.core.size import MAX_EDGE, Aspect, Size

Operation = Literal["generate", "edit"]


class SizeRule(BaseModel):
    """Either a list of sizes, or any size whose edges are multiples within bounds, in pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    choices: tuple[InstanceOf[Size], ...] = ()
    multiple_of: Annotated[int, Field(ge=1)] = 1
    least_edge: Annotated[int, Field(ge=1)] = 1
    most_edge: Annotated[int, Field(ge=1)] = 16_384
    least_pixels: Annotated[int, Field(ge=1)] = 1
    most_pixels: Annotated[int, Field(ge=1)] = 50_000_000
    widest: Annotated[float, Field(ge=1)] = 32.0
    usual: InstanceOf[Size] = Size(1024, 1024)

    def allows(self, size: Size) -> bool:
        """Whether this size can be drawn exactly."""
        if self.choices:
            return size in self.choices
        edges = (size.width, size.height)
        return (
            all(edge % self.multiple_of == 0 for edge in edges)
            and self.least_edge <= min(edges)
            and max(edges) <= self.most_edge
            and self.least_pixels <= size.pixels <= self.most_pixels
            and max(edges) <= self.widest * min(edges)
        )

    def fit(self, size: Size) -> Size:
        """The nearest size that can be drawn: the same when allowed, else the shape kept first."""
        return size if self.allows(size) else self._nearest(size.ratio, size.pixels)

    def shaped(self, aspect: Aspect) -> Size:
        """A size of this aspect with about as many pixels as the usual one."""
        return self._nearest(aspect.ratio, self.usual.pixels)

    def _nearest(self, ratio: float, pixels: int) -> Size:
        """A size near this shape and area; the usual one where the rule allows none at all."""
        if self.choices:
            return min(self.choices, key=lambda choice: _distance(choice, ratio, pixels))
        ratio = min(max(ratio, 1 / self.widest), self.widest)
        pixels = min(max(pixels, self.least_pixels), self.most_pixels)
        width, height = sqrt(pixels * ratio), sqrt(pixels / ratio)
        scale = max(1.0, self.least_edge / min(width, height))
        scale = min(scale, self.most_edge / max(width, height))
        near = self._sizes_near(width * scale, height * scale)
        return next((size for size in near if self.allows(size)), self.usual)

    def _sizes_near(self, width: float, height: float) -> Iterator[Size]:
        """Sizes within the bounds, the nearest width first, each with its nearest height."""
        largest = min(self.most_edge, MAX_EDGE)
        widths = self._multiples(self.least_edge, largest)
        for edge in sorted(widths, key=lambda each: abs(each - width)):
            least = max(self.least_edge, self.least_pixels / edge, edge / self.widest)
            most = min(largest, self.most_pixels / edge, edge * self.widest)
            heights = self._multiples(least, most)
            if heights:
                step = round((height - heights[0]) / self.multiple_of)
                yield Size(edge, heights[min(max(step, 0), len(heights) - 1)])

    def _multiples(self, least: float, most: float) -> range:
        step = self.multiple_of
        return range(ceil(least / step) * step, int(most) + 1, step)


def _distance(choice: Size, ratio: float, pixels: int) -> tuple[float, float]:
    """The shape counts first, then the number of pixels; both as factors."""
    shape = max(choice.ratio / ratio, ratio / choice.ratio)
    area = max(choice.pixels / pixels, pixels / choice.pixels)
    return round(shape, 3), area


class Capabilities(BaseModel):
    """The facts about one model that callers, policies and the conformance kit all read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    known: bool = True
    options: frozenset[Option] = frozenset()
    allowed: Mapping[Option, InstanceOf[Range] | frozenset[str]] = {}
    operations: frozenset[Operation] = frozenset({"generate"})
    sizes: SizeRule = SizeRule()
    images_per_call: Annotated[int, Field(ge=1)] = 1
    references: Annotated[int, Field(ge=0)] = 0
    reports_progress: bool = False
    sends_previews: bool = False

    @classmethod
    def permissive(cls) -> Capabilities:
        """A model nobody knows: everything is passed on, and `known` is false."""
        return cls(
            known=False,
            options=frozenset(Option),
            operations=frozenset({"generate", "edit"}),
            references=16,
        )
