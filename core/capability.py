"""What a model can do, as data, and how a size is fitted to what it can draw."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf

from imageway.core.options import Option, Range
from imageway.core.size import Aspect, Size

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
        if self.allows(size):
            return size
        if self.choices:
            return min(self.choices, key=lambda choice: _distance(choice, size))
        ratio = min(max(size.ratio, 1 / self.widest), self.widest)
        pixels = min(max(size.pixels, self.least_pixels), self.most_pixels)
        return self._snapped(sqrt(pixels * ratio), sqrt(pixels / ratio))

    def shaped(self, aspect: Aspect) -> Size:
        """A size of this aspect with about as many pixels as the usual one."""
        pixels = self.usual.pixels
        wanted = Size(
            max(1, round(sqrt(pixels * aspect.ratio))), max(1, round(sqrt(pixels / aspect.ratio)))
        )
        return self.fit(wanted)

    def _snapped(self, width: float, height: float) -> Size:
        scale = max(1.0, self.least_edge / min(width, height))
        scale = min(scale, self.most_edge / max(width, height))
        edges = [self._edge(width * scale), self._edge(height * scale)]
        while edges[0] * edges[1] > self.most_pixels and max(edges) > self._smallest:
            edges[edges.index(max(edges))] -= self.multiple_of
        while edges[0] * edges[1] < self.least_pixels and min(edges) < self._largest:
            edges[edges.index(min(edges))] += self.multiple_of
        return Size(*edges)

    def _edge(self, wanted: float) -> int:
        snapped = round(wanted / self.multiple_of) * self.multiple_of
        return min(max(snapped, self._smallest), self._largest)

    @property
    def _smallest(self) -> int:
        return -(-self.least_edge // self.multiple_of) * self.multiple_of

    @property
    def _largest(self) -> int:
        return self.most_edge // self.multiple_of * self.multiple_of


def _distance(choice: Size, wanted: Size) -> tuple[float, float]:
    """The shape counts first, then the number of pixels; both as factors."""
    shape = max(choice.ratio / wanted.ratio, wanted.ratio / choice.ratio)
    area = max(choice.pixels / wanted.pixels, wanted.pixels / choice.pixels)
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
