"""Plain shapes: circle, square, triangle, and the others of the box of bricks."""

from __future__ import annotations

from collections.abc import Callable

from imageway.painting import outlines as o
from imageway.painting.colours import lighter
from imageway.painting.outlines import Outline
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, within

OUTLINE_BY_KIND: dict[str, Outline] = {
    "circle": o.circle(0, 0, 1),
    "oval": o.ellipse(0, 0, 1, 0.66),
    "square": o.box(-0.86, -0.86, 0.86, 0.86),
    "rectangle": o.box(-1, -0.6, 1, 0.6),
    "triangle": ((0, -0.9), (1, 0.84), (-1, 0.84)),
    "diamond": ((0, -1), (0.76, 0), (0, 1), (-0.76, 0)),
    "pentagon": o.regular(5),
    "hexagon": o.regular(6),
    "octagon": o.turned(o.regular(8), 22.5),
    "star": o.star(0, 0.06, 1.04),
    "heart": o.heart(),
    "cross": (
        *((-0.32, -0.95), (0.32, -0.95), (0.32, -0.32), (0.95, -0.32)),
        *((0.95, 0.32), (0.32, 0.32), (0.32, 0.95), (-0.32, 0.95)),
        *((-0.32, 0.32), (-0.95, 0.32), (-0.95, -0.32), (-0.32, -0.32)),
    ),
    "ring": o.sector(0, 0, 0.6, 1, 0, 360),
    "crescent": o.turned(o.crescent(0.4, 0, 1), 18),
    "arrow": (
        *((-1, -0.28), (0.2, -0.28), (0.2, -0.68), (1, 0)),
        *((0.2, 0.68), (0.2, 0.28), (-1, 0.28)),
    ),
    "spiral": o.limb(
        [o.turned(((n / 26, 0.0),), n * 36)[0] for n in range(26)],
        0.1,
        0.2,
    ),
}
ROUND = frozenset({"circle", "oval"})


def shape(kind: str) -> Callable[[Look], list[Stroke]]:
    """A drawer of the named shape, with a light from the upper left on it."""
    outline = OUTLINE_BY_KIND[kind]

    def draw(look: Look) -> list[Stroke]:
        if len(look.colours) > 1:
            return _striped(outline, look)
        if kind not in ROUND:
            return [shaded(look.main, outline, depth=0.08)]
        light = glow(lighter(look.main, 0.6), o.ellipse(-0.3, -0.4, 0.6, 0.5), opacity=0.3)
        return [shaded(look.main, outline, depth=0.08), *within(outline, light)]

    return draw


def _striped(outline: Outline, look: Look) -> list[Stroke]:
    """One slanted band for each further colour."""
    bands = len(look.colours) * 2
    strokes = [shaded(look.main, outline, depth=0.08)]
    for n in range(1, bands):
        left = 2.8 * n / bands - 1.4
        stripe = o.turned(o.box(left, -2, left + 2.8 / bands, 2), 24)
        if n % len(look.colours):
            colour = look.colours[n % len(look.colours)]
            strokes.extend(within(outline, flat(colour, stripe)))
    return strokes
