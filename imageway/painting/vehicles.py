"""What travels: boat, car, rocket, balloons."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    WHITE,
    Colour,
    darker,
    lighter,
)
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, shine, within

GLASS: Colour = (176, 222, 244)
WARM: Colour = (255, 226, 140)
WOOD: Colour = (140, 94, 64)


def boat(look: Look) -> list[Stroke]:
    """A sailing boat and the wave it makes."""
    hull = o.smooth(
        (-0.88, 0.46),
        (-0.4, 0.5),
        (0.5, 0.5),
        (0.96, 0.38),
        (0.7, 0.82),
        (0.3, 0.92),
        (-0.4, 0.92),
        (-0.7, 0.78),
    )
    sail = o.smooth((0.06, -0.9), (0.5, -0.3), (0.74, 0.34), (0.4, 0.38), (0.06, 0.36))
    jib = o.smooth((-0.06, -0.74), (-0.34, -0.1), (-0.6, 0.34), (-0.3, 0.38), (-0.06, 0.34))
    cloth = look.accent((255, 247, 230))
    wave = o.limb(
        [(-1, 0.9), (-0.6, 0.84), (-0.2, 0.92), (0.2, 0.85), (0.6, 0.92), (1, 0.86)], 0.09, 0.05
    )
    return [
        shaded(WOOD, o.limb([(0, -0.94), (0, 0.6)], 0.055)),
        shaded(cloth, sail),
        shaded(darker(cloth, 0.08), jib),
        flat((240, 96, 92), ((0, -1.0), (-0.2, -0.93), (0, -0.86))),
        shaded(look.main, hull, depth=0.14),
        *within(hull, flat(WHITE, o.limb([(-1, 0.58), (0, 0.64), (1, 0.54)], 0.06), opacity=0.85)),
        flat(WHITE, wave, opacity=0.75),
    ]


def car(look: Look) -> list[Stroke]:
    """A small round car."""
    body = o.smooth(
        (-0.96, 0.3),
        (-0.8, 0.06),
        (-0.4, -0.02),
        (0.5, -0.02),
        (0.9, 0.12),
        (0.98, 0.4),
        (0.9, 0.62),
        (0, 0.66),
        (-0.9, 0.62),
    )
    cabin = o.smooth((-0.6, 0.1), (-0.46, -0.4), (-0.1, -0.56), (0.26, -0.5), (0.6, 0.1))
    glass = (
        o.smooth((-0.46, 0.02), (-0.36, -0.34), (-0.06, -0.42), (-0.04, 0.02)),
        o.smooth((0.06, 0.02), (0.06, -0.42), (0.22, -0.36), (0.44, 0.02)),
    )
    wheels = [o.circle(x, 0.64, 0.24) for x in (-0.52, 0.54)]
    hubs = [o.circle(x, 0.64, 0.11) for x in (-0.52, 0.54)]
    return [
        shaded(look.accent(lighter(look.main, 0.1)), cabin),
        shaded(GLASS, *glass),
        shaded(look.main, body, depth=0.14),
        flat(
            darker(look.main, 0.35),
            o.limb([(0.0, 0.1), (0.0, 0.5)], 0.016),
            o.limb([(0.06, 0.18), (0.16, 0.18)], 0.03),
        ),
        shaded((54, 52, 64), *wheels),
        shaded((206, 212, 222), *hubs),
        shaded(WARM, o.ellipse(0.9, 0.28, 0.075, 0.1)),
        shine(o.limb([(-0.6, 0.13), (0, 0.08), (0.5, 0.1)], 0.05), 0.3),
    ]


def rocket(look: Look) -> list[Stroke]:
    """A rocket under way."""
    body = o.smooth(
        (0, -0.96),
        (0.3, -0.5),
        (0.34, 0.1),
        (0.24, 0.54),
        (-0.24, 0.54),
        (-0.34, 0.1),
        (-0.3, -0.5),
    )
    fin = o.smooth((0.24, 0.1), (0.56, 0.36), (0.6, 0.68), (0.24, 0.52))
    flame = o.smooth((-0.18, 0.54), (0.18, 0.54), (0.16, 0.78), (0, 1.02), (-0.16, 0.78))
    accent = look.accent((236, 84, 78))
    return [
        glow((255, 190, 90), o.circle(0, 0.76, 0.5), 0.7),
        shaded((252, 160, 60), flame),
        shaded((255, 230, 130), o.moved(flame, 0, 0.26, 0.52)),
        shaded(accent, fin, o.flipped(fin)),
        shaded(look.main, body),
        *within(
            body,
            shaded(accent, o.box(-0.5, -1, 0.5, -0.54)),
            shine(o.ellipse(-0.18, -0.1, 0.07, 0.5), 0.3),
        ),
        shaded((214, 220, 232), o.circle(0, -0.18, 0.19)),
        shaded((86, 150, 214), o.circle(0, -0.18, 0.14)),
        shine(o.circle(-0.05, -0.23, 0.045), 0.8),
    ]


def balloon(look: Look) -> list[Stroke]:
    """A balloon on a string."""
    skin = o.smooth(
        (0, -0.98),
        (0.46, -0.82),
        (0.6, -0.38),
        (0.36, 0.1),
        (0, 0.3),
        (-0.36, 0.1),
        (-0.6, -0.38),
        (-0.46, -0.82),
    )
    return [
        flat((120, 110, 120), o.limb([(0, 0.34), (0.1, 0.56), (-0.07, 0.78), (0.02, 1.0)], 0.022)),
        shaded(darker(look.main, 0.12), o.regular(3, 0, 0.34, 0.09)),
        shaded(look.main, skin, depth=0.12),
        *within(skin, glow(lighter(look.main, 0.85), o.ellipse(-0.22, -0.62, 0.26, 0.3, 24), 0.75)),
    ]


def airship(look: Look) -> list[Stroke]:
    """A hot air balloon in stripes."""
    skin = o.smooth(
        (0, -0.98),
        (0.5, -0.86),
        (0.74, -0.4),
        (0.52, 0.06),
        (0.2, 0.4),
        (-0.2, 0.4),
        (-0.52, 0.06),
        (-0.74, -0.4),
        (-0.5, -0.86),
    )
    pale = look.accent((255, 240, 214))
    stripes = [o.ellipse(0, -0.3, 0.5, 1.0), o.ellipse(0, -0.3, 0.17, 1.0)]
    ropes = [o.limb([(s * 0.18, 0.36), (s * 0.13, 0.72)], 0.02) for s in (-1, 1)]
    return [
        flat((110, 84, 66), *ropes),
        shaded(look.main, skin, depth=0.12),
        *within(
            skin,
            shaded(pale, stripes[0]),
            shaded(look.main, stripes[1]),
            glow(WHITE, o.ellipse(-0.34, -0.6, 0.3, 0.34), 0.45),
        ),
        shaded((176, 120, 74), o.box(-0.17, 0.7, 0.17, 0.98, 0.06)),
        flat(darker((176, 120, 74), 0.3), o.box(-0.2, 0.68, 0.2, 0.76, 0.04)),
    ]
