"""Faces: eyes, smiles, blushes, shared by everything that looks at you."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import INK, WHITE, Colour
from imageway.painting.outlines import Outline, flipped
from imageway.painting.strokes import Stroke, flat, glow

ROSE: Colour = (250, 156, 160)


def eyes(x: float, y: float, radius: float) -> list[Stroke]:
    """Two dark eyes with a light in them."""
    eye = o.ellipse(x, y, radius, radius * 1.16)
    left, right = (
        o.circle(s * x - radius * 0.3, y - radius * 0.42, radius * 0.36) for s in (-1, 1)
    )
    low = [o.circle(s * x + radius * 0.3, y + radius * 0.46, radius * 0.18) for s in (-1, 1)]
    return [pair(INK, eye), flat(WHITE, left, right), flat(WHITE, *low, opacity=0.7)]


def eye(x: float, y: float, radius: float) -> list[Stroke]:
    """One eye, seen from the side."""
    light = o.circle(x - radius * 0.3, y - radius * 0.35, radius * 0.36)
    return [flat(INK, o.circle(x, y, radius)), flat(WHITE, light)]


def smile(x: float, y: float, size: float) -> list[Stroke]:
    """Two small arcs under a nose."""
    arcs = [
        o.limb(
            [(x, y), (x + s * size * 0.4, y + size * 0.42), (x + s * size, y + size * 0.16)], 0.024
        )
        for s in (-1, 1)
    ]
    return [flat(INK, *arcs, opacity=0.85)]


def blush() -> list[Stroke]:
    """Two rosy cheeks."""
    cheek = o.ellipse(0.42, 0.0, 0.13, 0.09)
    return [glow(ROSE, cheek, 0.8), glow(ROSE, flipped(cheek), 0.8)]


def pair(colour: Colour, outline: Outline, opacity: float = 1.0) -> Stroke:
    """The same form on both sides."""
    return flat(colour, outline, flipped(outline), opacity=opacity)
