"""What stands on a table: cup, cake, gift; and an umbrella."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    WHITE,
    Colour,
    darker,
    lighter,
)
from imageway.painting.faces import eyes, smile
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, within

WOOD: Colour = (140, 94, 64)


def cup(look: Look) -> list[Stroke]:
    """A steaming cup."""
    body = o.smooth((-0.6, -0.2), (0.6, -0.2), (0.56, 0.4), (0.3, 0.8), (-0.3, 0.8), (-0.56, 0.4))
    steam = [
        o.limb([(x, -0.4), (x + 0.08, -0.58), (x - 0.06, -0.76), (x + 0.04, -0.94)], 0.06, 0.02)
        for x in (-0.2, 0.16)
    ]
    return [
        flat(WHITE, *steam, opacity=0.7),
        shaded(darker(look.main, 0.1), o.sector(0.56, 0.14, 0.18, 0.32, -100, 110)),
        shaded(darker(look.main, 0.06), o.ellipse(0, 0.82, 0.72, 0.12)),
        shaded(look.main, body),
        shaded(lighter(look.main, 0.3), o.ellipse(0, -0.22, 0.63, 0.15)),
        shaded((112, 72, 48), o.ellipse(0, -0.2, 0.54, 0.11)),
        *eyes(0.18, 0.2, 0.06),
        *smile(0, 0.28, 0.07),
    ]


def cake(look: Look) -> list[Stroke]:
    """A cake with three candles."""
    icing = o.smooth(
        (-0.72, -0.02),
        (0.72, -0.02),
        (0.72, 0.2),
        (0.54, 0.36),
        (0.36, 0.2),
        (0.16, 0.4),
        (-0.06, 0.22),
        (-0.28, 0.38),
        (-0.5, 0.2),
        (-0.7, 0.34),
    )
    candles = [o.box(x - 0.04, -0.5, x + 0.04, 0.0, 0.02) for x in (-0.36, 0, 0.36)]
    flames = [
        o.smooth((x, -0.8), (x + 0.07, -0.6), (x, -0.52), (x - 0.07, -0.6))
        for x in (-0.36, 0, 0.36)
    ]
    return [
        shaded((226, 232, 240), o.ellipse(0, 0.86, 0.94, 0.12)),
        shaded((246, 212, 160), o.box(-0.72, 0.1, 0.72, 0.86, 0.12)),
        flat((228, 150, 120), o.box(-0.72, 0.56, 0.72, 0.64)),
        shaded((132, 190, 240), *candles),
        *(glow((255, 214, 120), o.circle(x, -0.64, 0.26), 0.8) for x in (-0.36, 0, 0.36)),
        shaded((255, 176, 66), *flames),
        shaded(look.main, icing, o.ellipse(0, 0.0, 0.72, 0.12)),
        shaded(
            look.accent((224, 46, 66)),
            *(o.circle(x, -0.04, 0.07) for x in (-0.56, -0.18, 0.18, 0.56)),
        ),
    ]


def gift(look: Look) -> list[Stroke]:
    """A present with a bow."""
    ribbon = look.accent(
        (255, 222, 120) if look.main[2] > look.main[0] or look.main[1] < 150 else (224, 60, 70)
    )
    bows = [
        o.smooth((0, -0.42), (s * 0.3, -0.84), (s * 0.6, -0.7), (s * 0.4, -0.42)) for s in (-1, 1)
    ]
    return [
        shaded(look.main, o.box(-0.7, -0.2, 0.7, 0.96, 0.06)),
        shaded(lighter(look.main, 0.1), o.box(-0.8, -0.42, 0.8, -0.04, 0.07)),
        shaded(ribbon, o.box(-0.13, -0.42, 0.13, 0.96)),
        shaded(ribbon, *bows),
        shaded(darker(ribbon, 0.15), o.circle(0, -0.44, 0.1)),
    ]


def umbrella(look: Look) -> list[Stroke]:
    """An open umbrella."""
    roof = o.smooth(
        (-0.96, 0.1),
        (-0.7, -0.5),
        (0, -0.84),
        (0.7, -0.5),
        (0.96, 0.1),
        (0.62, 0.02),
        (0.32, 0.1),
        (0, 0.02),
        (-0.32, 0.1),
        (-0.62, 0.02),
    )
    panels = o.smooth((0, -0.84), (0.32, -0.4), (0.32, 0.1), (0, 0.02), (-0.32, 0.1), (-0.32, -0.4))
    return [
        shaded(WOOD, o.limb([(0, -0.9), (0, 0.2), (0, 0.78), (0.12, 0.94), (0.26, 0.8)], 0.06)),
        shaded(look.main, roof, depth=0.14),
        *within(roof, shaded(look.accent(lighter(look.main, 0.4)), panels)),
    ]
