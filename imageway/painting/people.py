"""Those who look like people: a person, a robot, a snowman."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    INK,
    WHITE,
    Colour,
    darker,
    mix,
)
from imageway.painting.faces import ROSE, eyes, smile
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, shine

WOOD: Colour = (128, 88, 62)


def person(look: Look) -> list[Stroke]:
    """Somebody in a coat of the colour asked for."""
    skin: Colour = look.random.choice(
        ((252, 214, 180), (232, 180, 138), (168, 114, 80), (118, 78, 56))
    )
    hair: Colour = look.random.choice(((74, 50, 42), (40, 36, 44), (190, 130, 66), (214, 110, 60)))
    coat = o.smooth(
        (0, 0.02), (0.24, 0.12), (0.42, 0.7), (0.44, 0.9), (-0.44, 0.9), (-0.42, 0.7), (-0.24, 0.12)
    )
    arms = [
        o.limb([(s * 0.22, 0.22), (s * 0.44, 0.44), (s * 0.52, 0.62)], 0.17, 0.13) for s in (-1, 1)
    ]
    locks = o.smooth(
        (-0.44, -0.3),
        (-0.4, -0.76),
        (0, -0.96),
        (0.4, -0.76),
        (0.44, -0.3),
        (0.3, -0.54),
        (0, -0.62),
        (-0.3, -0.54),
    )
    return [
        shaded(
            mix(INK, look.main, 0.2),
            *(o.limb([(s * 0.14, 0.8), (s * 0.15, 0.95)], 0.16) for s in (-1, 1)),
        ),
        shaded(hair, o.ellipse(0, -0.4, 0.46, 0.46)),
        shaded(skin, *(o.circle(s * 0.53, 0.66, 0.075) for s in (-1, 1))),
        shaded(darker(look.main, 0.1), *arms),
        shaded(look.main, coat),
        shaded(skin, o.ellipse(0, -0.36, 0.4, 0.4)),
        shaded(hair, locks),
        *eyes(0.16, -0.34, 0.06),
        *smile(0, -0.22, 0.08),
        *(glow(ROSE, o.circle(s * 0.25, -0.22, 0.1), 0.8) for s in (-1, 1)),
        flat(WHITE, *(o.circle(0, y, 0.032) for y in (0.3, 0.48, 0.66)), opacity=0.85),
    ]


def robot(look: Look) -> list[Stroke]:
    """A friendly robot."""
    steel = look.main
    screen: Colour = (46, 54, 78)
    lit: Colour = (120, 236, 224)
    arms = [o.limb([(s * 0.46, 0.34), (s * 0.7, 0.5), (s * 0.66, 0.7)], 0.13) for s in (-1, 1)]
    return [
        flat(darker(steel, 0.4), o.limb([(0, -0.7), (0, -0.86)], 0.04)),
        shaded((250, 120, 110), o.circle(0, -0.9, 0.09)),
        shaded(
            darker(steel, 0.24),
            *arms,
            *(o.box(s * 0.22 - 0.1, 0.8, s * 0.22 + 0.1, 1.0, 0.05) for s in (-1, 1)),
        ),
        shaded(
            darker(steel, 0.14),
            *(o.box(s * 0.66 - 0.1, -0.42, s * 0.66 + 0.1, -0.1, 0.06) for s in (-1, 1)),
        ),
        shaded(steel, o.box(-0.42, 0.1, 0.42, 0.86, 0.16)),
        shaded(steel, o.box(-0.62, -0.72, 0.62, 0.16, 0.24)),
        shaded(screen, o.box(-0.48, -0.56, 0.48, 0.0, 0.18)),
        shaded(lit, *(o.ellipse(s * 0.22, -0.32, 0.085, 0.11) for s in (-1, 1))),
        flat(lit, o.limb([(-0.12, -0.15), (0, -0.1), (0.12, -0.15)], 0.035)),
        shaded(look.accent((250, 206, 96)), o.heart(0, 0.46, 0.14)),
        shine(o.limb([(-0.5, -0.56), (-0.4, -0.62), (-0.1, -0.65)], 0.04), 0.5),
    ]


def snowman(look: Look) -> list[Stroke]:
    """A snowman with hat, scarf and carrot."""
    scarf = look.accent((226, 70, 66))
    snow = look.main
    shadow = mix(snow, (150, 180, 220), 0.5)
    arms = [
        o.limb([(s * 0.4, 0.1), (s * 0.7, -0.06), (s * 0.9, -0.24)], 0.05, 0.04) for s in (-1, 1)
    ]
    twigs = [o.limb([(s * 0.76, -0.1), (s * 0.92, -0.04)], 0.035) for s in (-1, 1)]
    return [
        shaded(WOOD, *arms, *twigs),
        shaded(shadow, o.circle(0, 0.56, 0.46)),
        shaded(snow, o.ellipse(-0.02, 0.53, 0.44, 0.42)),
        shaded(shadow, o.circle(0, -0.28, 0.35)),
        shaded(snow, o.ellipse(-0.02, -0.3, 0.33, 0.32)),
        shaded(
            scarf,
            o.limb([(-0.28, -0.04), (0, 0.04), (0.28, -0.04)], 0.15),
            o.limb([(0.16, 0), (0.22, 0.34)], 0.14),
        ),
        shaded(
            (62, 58, 76),
            o.box(-0.4, -0.6, 0.4, -0.52, 0.04),
            o.box(-0.25, -0.98, 0.25, -0.54, 0.05),
        ),
        shaded(scarf, o.box(-0.25, -0.68, 0.25, -0.59)),
        *eyes(0.12, -0.36, 0.045),
        shaded((246, 140, 50), o.smooth((-0.03, -0.28), (0.0, -0.2), (0.3, -0.2))),
        flat(INK, *(o.circle(-0.02, y, 0.04) for y in (0.3, 0.48, 0.66))),
    ]
