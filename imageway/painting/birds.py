"""Birds: one in flight, one that floats, one that waddles."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    WHITE,
    Colour,
    darker,
    lighter,
)
from imageway.painting.faces import ROSE, eye, eyes
from imageway.painting.outlines import flipped
from imageway.painting.strokes import Look, Stroke, glow, shaded, within

BEAK: Colour = (250, 172, 54)


def bird(look: Look) -> list[Stroke]:
    """A round bird in flight."""
    body = o.smooth(
        (-0.7, 0.1),
        (-0.3, -0.2),
        (0.2, -0.44),
        (0.62, -0.34),
        (0.66, 0.0),
        (0.3, 0.4),
        (-0.2, 0.42),
    )
    tail = o.smooth((-0.5, 0.02), (-1.0, -0.16), (-0.92, 0.06), (-1.0, 0.26), (-0.5, 0.24))
    far = o.smooth((-0.02, -0.1), (-0.02, -0.6), (0.26, -0.92), (0.34, -0.5), (0.28, -0.1))
    near = o.smooth((0.22, 0.04), (-0.06, -0.42), (-0.5, -0.86), (-0.5, -0.3), (-0.28, 0.16))
    beak = o.smooth((0.6, -0.2), (0.9, -0.1), (0.6, -0.02))
    belly = o.ellipse(0.18, 0.28, 0.46, 0.26, -14)
    return [
        shaded(darker(look.main, 0.22), tail, far),
        shaded(BEAK, beak),
        shaded(look.main, body),
        *within(body, shaded(look.accent(lighter(look.main, 0.72)), belly)),
        glow(ROSE, o.circle(0.34, -0.02, 0.13), 0.8),
        shaded(darker(look.main, 0.12), near),
        *eye(0.44, -0.18, 0.085),
    ]


def duck(look: Look) -> list[Stroke]:
    """A duck, as it floats in a bath."""
    body = o.smooth(
        (-0.95, 0.1),
        (-0.5, 0.16),
        (0.1, 0.04),
        (0.6, 0.1),
        (0.72, 0.5),
        (0.4, 0.86),
        (-0.4, 0.88),
        (-0.82, 0.6),
    )
    wing = o.smooth((-0.5, 0.3), (0.1, 0.26), (0.2, 0.5), (-0.1, 0.68), (-0.46, 0.56))
    beak = o.smooth((0.62, -0.36), (1.0, -0.26), (0.98, -0.14), (0.6, -0.1))
    head = o.circle(0.34, -0.32, 0.44)
    return [
        shaded(BEAK if look.main != BEAK else (240, 120, 50), beak),
        shaded(look.main, body),
        shaded(look.main, head),
        *within(head, glow(lighter(look.main, 0.8), o.ellipse(0.2, -0.56, 0.3, 0.2), 0.5)),
        shaded(look.accent(darker(look.main, 0.1)), wing),
        *eye(0.48, -0.4, 0.08),
        glow(ROSE, o.circle(0.42, -0.16, 0.12), 0.8),
    ]


def penguin(look: Look) -> list[Stroke]:
    """A penguin that looks at you."""
    body = o.smooth(
        (0, -0.98),
        (0.46, -0.76),
        (0.6, -0.1),
        (0.6, 0.5),
        (0.34, 0.94),
        (-0.34, 0.94),
        (-0.6, 0.5),
        (-0.6, -0.1),
        (-0.46, -0.76),
    )
    front = o.smooth(
        (0, -0.5),
        (0.26, -0.66),
        (0.4, -0.36),
        (0.42, 0.4),
        (0.2, 0.84),
        (-0.2, 0.84),
        (-0.42, 0.4),
        (-0.4, -0.36),
        (-0.26, -0.66),
    )
    wing = o.smooth((0.5, -0.26), (0.78, 0.1), (0.84, 0.44), (0.66, 0.36), (0.54, 0.2))
    foot = o.ellipse(0.24, 0.94, 0.2, 0.08)
    return [
        shaded(BEAK, foot, flipped(foot)),
        shaded(darker(look.main, 0.2), wing, flipped(wing)),
        shaded(look.main, body),
        shaded(look.accent(WHITE), front, depth=0.06),
        *eyes(0.2, -0.42, 0.085),
        shaded(BEAK, o.smooth((-0.12, -0.28), (0.12, -0.28), (0, -0.14))),
        *(glow(ROSE, o.ellipse(s * 0.3, -0.24, 0.12, 0.08), 0.8) for s in (-1, 1)),
    ]
