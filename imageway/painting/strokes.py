"""Strokes: what a picture is made of, as plain values that a brush can lay on a canvas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from imageway.painting.colours import WHITE, Colour, darker, lighter
from imageway.painting.outlines import Outline, flipped, moved


@dataclass(frozen=True, slots=True)
class Fill:
    """Colours from top to bottom, evenly spaced."""

    stops: tuple[Colour, ...]


@dataclass(frozen=True, slots=True)
class Stroke:
    """Outlines filled together; a soft one fades from its middle to its edge."""

    outlines: tuple[Outline, ...]
    fill: Fill
    opacity: float = 1.0
    soft: bool = False
    clip: Outline | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How one thing shall look; a drawer asks for nothing else."""

    colours: tuple[Colour, ...]
    random: Random

    @property
    def main(self) -> Colour:
        """The colour that was asked for."""
        return self.colours[0]

    def accent(self, usual: Colour) -> Colour:
        """The second colour asked for, else the usual one."""
        return self.colours[1] if len(self.colours) > 1 else usual


def flat(colour: Colour, *outlines: Outline, opacity: float = 1.0) -> Stroke:
    """One colour everywhere."""
    return Stroke(outlines, Fill((colour,)), opacity)


def shaded(colour: Colour, *outlines: Outline, depth: float = 0.1) -> Stroke:
    """The colour with light from above; its middle is exactly the colour."""
    stops = lighter(colour, depth), colour, darker(colour, depth)
    return Stroke(outlines, Fill(stops))


def glow(colour: Colour, outline: Outline, opacity: float = 1.0) -> Stroke:
    """A light, or a shadow, that fades outwards."""
    return Stroke((outline,), Fill((colour,)), opacity, soft=True)


def shine(outline: Outline, opacity: float = 0.35) -> Stroke:
    """A white reflection."""
    return flat(WHITE, outline, opacity=opacity)


def within(clip: Outline, *strokes: Stroke) -> tuple[Stroke, ...]:
    """The strokes cut off at the clip's edge."""
    return tuple(replace(stroke, clip=clip) for stroke in strokes)


def mirrored(stroke: Stroke) -> Stroke:
    """The stroke as a mirror at x = 0 shows it."""
    clip = flipped(stroke.clip) if stroke.clip else None
    return replace(stroke, outlines=tuple(flipped(each) for each in stroke.outlines), clip=clip)


def placed(stroke: Stroke, x: float, y: float, scale: float) -> Stroke:
    """The stroke scaled, then moved."""
    clip = moved(stroke.clip, x, y, scale) if stroke.clip else None
    outlines = tuple(moved(outline, x, y, scale) for outline in stroke.outlines)
    return replace(stroke, outlines=outlines, clip=clip)
