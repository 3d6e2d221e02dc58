"""The view that backdrops are painted for: its size, its horizon, its light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from imageway.painting import outlines as o
from imageway.painting.colours import Colour, darker, mix
from imageway.painting.outlines import Outline, Point
from imageway.painting.strokes import Stroke


@dataclass(frozen=True, slots=True)
class View:
    """All in pixels; `light` is where sun or moon would be, `haze` the colour of the distance."""

    width: int
    height: int
    horizon: float
    light: float
    haze: Colour
    dark: bool
    glitters: bool
    without: frozenset[str]
    random: Random

    @property
    def short(self) -> int:
        """The shorter edge."""
        return min(self.width, self.height)

    def lit(self, colour: Colour) -> Colour:
        """The colour as the light of this sky shows it."""
        return mix(darker(colour, 0.58), self.haze, 0.12) if self.dark else colour

    def tone(self, asked: Colour | None, usual: Colour) -> Colour:
        """The colour asked for as it is, else the usual one in this light."""
        return asked or self.lit(usual)

    def across(self, top: float, bottom: float | None = None) -> Outline:
        """A box from edge to edge."""
        return o.box(0, top, self.width, self.height if bottom is None else bottom)

    def wander(self, top: float, bottom: float) -> Point:
        """Any point between two heights."""
        return self.random.uniform(0, self.width), self.random.uniform(top, bottom)

    def ridge(self, level: float, swing: float, peaks: int, sharp: bool = False) -> Outline:
        """Land from a wavy line down to the lower edge."""
        step = self.width / peaks
        line = [
            (
                step * (n - 1),
                level
                + swing * (self.random.uniform(-1, 0) if n % 2 else self.random.uniform(0, 1)),
            )
            for n in range(peaks + 3)
        ]
        ends: list[Point] = [(self.width + step, self.height), (-step, self.height)]
        if sharp:
            return (*line, *ends)
        return (*o.curve(line), *ends)


Backdrop: TypeAlias = Callable[[View, Colour | None], list[Stroke]]
