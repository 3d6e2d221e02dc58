"""Buildings: a cottage and a castle."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    WHITE,
    Colour,
    darker,
)
from imageway.painting.strokes import Look, Stroke, flat, shaded

GLASS: Colour = (176, 222, 244)
WARM: Colour = (255, 226, 140)
ROOF: Colour = (206, 84, 72)
WOOD: Colour = (140, 94, 64)


def house(look: Look) -> list[Stroke]:
    """A cottage with smoke from its chimney."""
    wall = o.box(-0.7, -0.04, 0.7, 1.0)
    roof_colour = look.accent(ROOF if look.main != ROOF else darker(ROOF, 0.4))
    gable = ((-0.7, 0.0), (0, -0.66), (0.7, 0.0))
    windows = [o.box(x, 0.26, x + 0.34, 0.6, 0.04) for x in (-0.56, 0.22)]
    bars = [
        bar
        for x in (-0.39, 0.39)
        for bar in (o.box(x - 0.018, 0.26, x + 0.018, 0.6), o.box(x - 0.17, 0.415, x + 0.17, 0.445))
    ]
    puffs = [o.circle(0.48 + 0.1 * n, -0.86 - 0.12 * n, 0.07 + 0.025 * n) for n in range(3)]
    return [
        flat(WHITE, *puffs, opacity=0.75),
        shaded(darker(roof_colour, 0.35), o.box(0.36, -0.76, 0.56, -0.2)),
        shaded(look.main, wall, gable),
        flat(darker(look.main, 0.4), o.box(-0.7, 0.06, 0.7, 0.14), opacity=0.35),
        shaded(
            roof_colour,
            ((0, -0.82), (0.96, 0.08), (0.8, 0.14), (0, -0.6), (-0.8, 0.14), (-0.96, 0.08)),
        ),
        *_door(roof_colour),
        shaded(WARM, *windows),
        flat(WHITE, *bars),
        shaded(GLASS, o.circle(0, -0.22, 0.14)),
    ]


def _door(colour: Colour) -> list[Stroke]:
    return [
        shaded(darker(colour, 0.3), o.box(-0.17, 0.5, 0.17, 1.0, 0.0), o.circle(0, 0.5, 0.17)),
        flat(WARM, o.circle(0.1, 0.74, 0.028)),
    ]


def castle(look: Look) -> list[Stroke]:
    """A castle with two towers and flags."""
    towers = [o.box(s * 0.66 - 0.24, -0.34, s * 0.66 + 0.24, 1.0) for s in (-1, 1)]
    caps = [((s * 0.66 - 0.32, -0.3), (s * 0.66, -0.86), (s * 0.66 + 0.32, -0.3)) for s in (-1, 1)]
    teeth = [o.box(x, 0.02, x + 0.14, 0.24) for x in (-0.38, -0.16, 0.06, 0.26)]
    flags = [((s * 0.66, -1.0), (s * 0.66 + 0.2, -0.94), (s * 0.66, -0.87)) for s in (-1, 1)]
    windows = [o.limb([(s * 0.66, -0.02), (s * 0.66, 0.12)], 0.13) for s in (-1, 1)]
    roof = look.accent((112, 92, 184))
    return [
        shaded(darker(look.main, 0.08), o.box(-0.46, 0.16, 0.46, 1.0), *teeth),
        shaded(look.main, *towers),
        shaded(roof, *caps),
        flat((240, 100, 110), *flags),
        flat(
            darker(look.main, 0.7),
            *(o.box(s * 0.66 - 0.012, -1.0, s * 0.66 + 0.012, -0.84) for s in (-1, 1)),
        ),
        shaded(WARM, *windows),
        shaded(WOOD, o.box(-0.2, 0.6, 0.2, 1.0), o.circle(0, 0.6, 0.2)),
        flat(darker(WOOD, 0.4), o.box(-0.01, 0.42, 0.01, 1.0)),
    ]
