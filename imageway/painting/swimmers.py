"""Animals of the water: fish, whale, turtle."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    INK,
    WHITE,
    Colour,
    darker,
    lighter,
    mix,
)
from imageway.painting.faces import ROSE, eye
from imageway.painting.outlines import Outline
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, within


def fish(look: Look) -> list[Stroke]:
    """A fish with stripes, two fins and bubbles."""
    body = o.smooth(
        (-0.56, 0.0),
        (-0.2, -0.36),
        (0.3, -0.46),
        (0.76, -0.2),
        (0.84, 0.06),
        (0.6, 0.34),
        (0.1, 0.44),
        (-0.3, 0.28),
    )
    tail = o.smooth(
        (-0.46, 0.0), (-0.76, -0.36), (-1, -0.42), (-0.86, 0.0), (-1, 0.44), (-0.76, 0.36)
    )
    fins = (
        o.smooth((-0.3, -0.24), (-0.14, -0.68), (0.3, -0.62), (0.46, -0.36)),
        o.smooth((-0.1, 0.34), (-0.2, 0.66), (0.1, 0.6), (0.24, 0.4)),
    )
    stripe = look.accent(lighter(look.main, 0.7))
    stripes = [o.limb([(x, -0.6), (x + 0.08, 0), (x, 0.6)], 0.13) for x in (-0.24, 0.14)]
    side = o.smooth((0.2, 0.06), (-0.06, 0.0), (-0.14, 0.16), (0.06, 0.24))
    return [
        shaded(darker(look.main, 0.18), tail, *fins),
        shaded(look.main, body, depth=0.16),
        *within(body, flat(stripe, *stripes, opacity=0.85)),
        shaded(darker(look.main, 0.14), side),
        *eye(0.56, -0.1, 0.1),
        glow(ROSE, o.circle(0.54, 0.12, 0.11), 0.9),
        flat(INK, o.limb([(0.8, 0.1), (0.7, 0.17), (0.62, 0.15)], 0.024), opacity=0.7),
        flat(WHITE, o.circle(0.96, -0.3, 0.05), o.circle(0.9, -0.54, 0.07), opacity=0.6),
    ]


def whale(look: Look) -> list[Stroke]:
    """A whale that blows."""
    body = o.smooth(
        (0.96, 0.2),
        (0.8, -0.2),
        (0.3, -0.36),
        (-0.2, -0.26),
        (-0.62, 0.06),
        (-0.7, 0.3),
        (-0.4, 0.56),
        (0.2, 0.68),
        (0.76, 0.56),
    )
    fluke = o.smooth(
        (-0.5, 0.2),
        (-0.8, -0.08),
        (-1.0, -0.34),
        (-0.76, -0.34),
        (-0.7, -0.22),
        (-0.56, -0.4),
        (-0.4, -0.36),
        (-0.54, -0.06),
        (-0.4, 0.2),
    )
    belly = o.smooth((1.0, 0.26), (0.5, 0.38), (0, 0.42), (-0.5, 0.4), (-0.4, 0.9), (0.9, 0.9))
    spout = [
        o.limb(
            [(0.42, -0.38), (0.42, -0.66), (0.42 + s * 0.24, -0.8), (0.42 + s * 0.3, -0.6)],
            0.06,
            0.04,
        )
        for s in (-1, 1)
    ]
    return [
        flat(mix(WHITE, (120, 200, 250), 0.5), *spout, opacity=0.9),
        shaded(darker(look.main, 0.1), fluke),
        shaded(look.main, body, depth=0.16),
        *within(body, shaded(look.accent(lighter(look.main, 0.75)), belly)),
        shaded(darker(look.main, 0.16), o.ellipse(0.2, 0.48, 0.14, 0.26, 40)),
        *eye(0.62, 0.14, 0.06),
        glow(ROSE, o.circle(0.52, 0.28, 0.12), 0.8),
    ]


def turtle(look: Look) -> list[Stroke]:
    """A turtle on its way."""
    skin: Colour = (154, 200, 110) if look.main != (154, 200, 110) else (210, 200, 120)
    shell = o.smooth(
        (-0.7, 0.5), (-0.6, -0.1), (-0.14, -0.46), (0.34, -0.3), (0.6, 0.12), (0.62, 0.5), (0, 0.6)
    )
    plates: list[Outline] = [
        o.regular(6, x, y, 0.17) for x, y in ((-0.06, -0.08), (-0.4, 0.16), (0.3, 0.14))
    ]
    legs = [o.limb([(x, 0.5), (x * 1.1, 0.86)], 0.24, 0.26) for x in (-0.46, 0.4)]
    neck = o.limb([(0.4, 0.4), (0.62, 0.24), (0.74, 0.06)], 0.26, 0.3)
    return [
        shaded(darker(skin, 0.08), *legs, o.limb([(-0.6, 0.5), (-0.86, 0.6)], 0.16, 0.04)),
        shaded(skin, neck, o.circle(0.76, 0.02, 0.2)),
        shaded(look.main, shell, depth=0.16),
        *within(
            shell,
            shaded(lighter(look.main, 0.18), *plates),
            flat(lighter(look.main, 0.35), o.limb([(-0.8, 0.5), (0, 0.6), (0.8, 0.46)], 0.12)),
        ),
        *eye(0.8, -0.04, 0.06),
        glow(ROSE, o.circle(0.72, 0.1, 0.09), 0.8),
    ]
