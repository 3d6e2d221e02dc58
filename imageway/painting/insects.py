"""Insects: butterfly and bee."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    INK,
    darker,
    lighter,
)
from imageway.painting.faces import ROSE, eye
from imageway.painting.outlines import flipped
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, within


def butterfly(look: Look) -> list[Stroke]:
    """A butterfly with spots."""
    upper = o.smooth((0.04, -0.1), (0.3, -0.7), (0.8, -0.8), (0.94, -0.4), (0.6, 0.04), (0.1, 0.1))
    lower = o.smooth((0.04, 0.04), (0.5, 0.08), (0.76, 0.34), (0.6, 0.74), (0.26, 0.6), (0.06, 0.3))
    spots = [o.circle(0.66, -0.5, 0.14), o.circle(0.46, 0.42, 0.11)]
    pale = look.accent(lighter(look.main, 0.6))
    feelers = [o.limb([(0, -0.4), (s * 0.1, -0.64), (s * 0.24, -0.76)], 0.03) for s in (-1, 1)]
    return [
        shaded(darker(look.main, 0.16), lower, flipped(lower)),
        shaded(look.main, upper, flipped(upper)),
        shaded(pale, *spots, *(flipped(spot) for spot in spots)),
        flat(INK, *feelers),
        shaded((70, 56, 70), o.ellipse(0, 0.06, 0.075, 0.44), o.circle(0, -0.36, 0.1)),
    ]


def bee(look: Look) -> list[Stroke]:
    """A bee."""
    body = o.ellipse(0, 0.14, 0.72, 0.5)
    wings = (o.ellipse(-0.1, -0.48, 0.24, 0.42, -18), o.ellipse(0.26, -0.44, 0.2, 0.36, 22))
    bands = [o.limb([(x, -0.5), (x + 0.1, 0.14), (x, 0.8)], 0.17) for x in (-0.42, -0.02)]
    return [
        flat((222, 240, 252), *wings, opacity=0.85),
        shaded(INK, o.regular(3, -0.74, 0.14, 0.12)),
        shaded(look.main, body, depth=0.16),
        *within(body, shaded((58, 48, 52), *bands)),
        *eye(0.48, 0.04, 0.09),
        glow(ROSE, o.circle(0.42, 0.24, 0.13), 0.9),
    ]
