"""What shines or drifts above: sun, moon, cloud, rainbow."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    WHITE,
    Colour,
    darker,
    lighter,
)
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, within

RAINBOW: tuple[Colour, ...] = (
    (236, 84, 80), (250, 156, 72), (252, 216, 96), (108, 196, 116), (92, 156, 232), (150, 110, 214),
)  # fmt: skip


def sun(look: Look) -> list[Stroke]:
    """A warm disc with rays of light."""
    rays = [
        o.turned(o.limb([(0, -0.74), (0, -0.92 if n % 2 else -0.84)], 0.1, 0.05), n * 22.5)
        for n in range(16)
    ]
    disc = o.circle(0, 0, 0.6)
    return [
        glow(lighter(look.main, 0.4), o.circle(0, 0, 1.7), 0.75),
        flat(lighter(look.main, 0.12), *rays, opacity=0.9),
        shaded(look.main, disc, depth=0.14),
        *within(disc, glow(lighter(look.main, 0.8), o.ellipse(-0.2, -0.24, 0.4, 0.34), 0.5)),
    ]


def moon(look: Look) -> list[Stroke]:
    """A full moon with craters and a halo."""
    disc = o.circle(0, 0, 0.86)
    craters = [
        o.circle(x, y, r)
        for x, y, r in ((-0.3, -0.2, 0.2), (0.3, 0.3, 0.16), (0.36, -0.36, 0.1), (-0.2, 0.46, 0.1))
    ]
    return [
        glow(lighter(look.main, 0.3), o.circle(0, 0, 1.9), 0.55),
        shaded(look.main, disc, depth=0.12),
        *within(disc, flat(darker(look.main, 0.16), *craters, opacity=0.6)),
    ]


def cloud(look: Look) -> list[Stroke]:
    """A heap of soft balls with a flat foot."""
    heap = [
        (-0.58, 0.2, 0.32),
        (-0.24, -0.08, 0.42),
        (0.24, -0.02, 0.4),
        (0.6, 0.22, 0.3),
        (0, 0.2, 0.36),
    ]
    balls = [o.circle(x, y * look.random.uniform(0.9, 1.1), r) for x, y, r in heap]
    foot = o.box(-0.72, 0.16, 0.74, 0.52, 0.18)
    return [shaded(look.main, *balls, foot, depth=0.14)]


def rainbow(look: Look) -> list[Stroke]:
    """Six bands and two clouds at their feet."""
    width = 0.075
    bands = [
        flat(
            colour,
            o.sector(0, 0.5, 0.96 - width * (n + 1), 0.97 - width * n, 180, 360),
            opacity=0.92,
        )
        for n, colour in enumerate(RAINBOW)
    ]
    feet = [
        o.circle(s * (0.74 + x), 0.52 + y, r)
        for s in (-1, 1)
        for x, y, r in ((-0.16, 0.05, 0.14), (0, -0.02, 0.19), (0.17, 0.05, 0.14))
    ]
    return [*bands, shaded(WHITE, *feet)]
