"""What grows: trees, flowers, mushrooms, an apple."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import (
    INK,
    WHITE,
    Colour,
    darker,
    lighter,
)
from imageway.painting.faces import ROSE, eyes, smile
from imageway.painting.outlines import Outline
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, shine, within

WOOD: Colour = (128, 88, 62)
LEAF: Colour = (84, 160, 86)


def tree(look: Look) -> list[Stroke]:
    """A round tree, its crown in three tones."""
    crown = [(-0.4, -0.2, 0.42), (0.4, -0.2, 0.42), (0, -0.5, 0.48), (0, -0.08, 0.5)]
    shake = [(x + look.random.uniform(-0.05, 0.05), y, r) for x, y, r in crown]
    lights = [o.circle(x - 0.1, y - 0.12, r * 0.56) for x, y, r in shake]
    trunk = o.smooth((-0.1, 0.2), (0.1, 0.2), (0.12, 0.7), (0.24, 1.0), (-0.24, 1.0), (-0.12, 0.7))
    branch = o.limb([(0.02, 0.56), (0.2, 0.34)], 0.08, 0.05)
    crowns: list[Outline] = [o.circle(x, y, r) for x, y, r in shake]
    return [
        shaded(WOOD, trunk, branch),
        shaded(look.main, *crowns, depth=0.2),
        flat(lighter(look.main, 0.35), *lights[:3], opacity=0.3),
    ]


def pine(look: Look) -> list[Stroke]:
    """A fir with four tiers."""
    trunk = shaded(WOOD, o.box(-0.09, 0.6, 0.09, 1.0))
    tiers: list[Stroke] = []
    for n in range(4):
        wide, top = 0.68 - 0.13 * n, 0.16 - 0.36 * n
        tier = o.smooth(
            (0, top - 0.16),
            (wide * 0.45, top + 0.24),
            (wide, top + 0.58),
            (0, top + 0.66),
            (-wide, top + 0.58),
            (-wide * 0.45, top + 0.24),
        )
        tiers.append(shaded(lighter(look.main, 0.05 * n), tier, depth=0.18))
    return [trunk, *tiers]


def palm(look: Look) -> list[Stroke]:
    """A palm that leans."""
    trunk = o.limb([(-0.2, 1.0), (-0.08, 0.4), (0.12, -0.34)], 0.22, 0.1)
    leaves = [
        o.limb([(0.12, -0.38), (0.12 + x * 0.5, -0.5 + y * 0.3), (0.12 + x, -0.38 + y)], 0.2, 0.02)
        for x, y in (
            (-0.84, 0.4),
            (-0.9, -0.02),
            (-0.5, -0.4),
            (0.3, -0.5),
            (0.76, -0.1),
            (0.68, 0.38),
        )
    ]
    nuts = [o.circle(0.12 + x, -0.28, 0.08) for x in (-0.09, 0.08)]
    return [
        shaded(WOOD, trunk, depth=0.2),
        shaded(look.main, *leaves, depth=0.2),
        shaded((106, 70, 48), *nuts),
    ]


def flower(look: Look) -> list[Stroke]:
    """One flower, smiling."""
    petals = [o.turned(o.ellipse(0, -0.74, 0.2, 0.26), n * 45, (0, -0.4)) for n in range(8)]
    stem = o.limb([(0.02, 1.0), (-0.03, 0.4), (0, -0.2)], 0.075)
    leaf = o.smooth((0, 0.74), (0.2, 0.4), (0.5, 0.36), (0.36, 0.66))
    return [
        shaded(LEAF, stem, leaf, o.moved(o.flipped(leaf), 0, 0.12)),
        shaded(darker(look.main, 0.14), *(o.turned(petal, 22.5, (0, -0.4)) for petal in petals)),
        shaded(look.main, *petals),
        shaded(look.accent((252, 204, 84)), o.circle(0, -0.4, 0.24)),
        *(flat(INK, o.ellipse(s * 0.085, -0.43, 0.03, 0.042)) for s in (-1, 1)),
        *smile(0, -0.36, 0.07),
    ]


def mushroom(look: Look) -> list[Stroke]:
    """A toadstool with a face."""
    cap = o.smooth(
        (-0.9, 0.02), (-0.7, -0.54), (0, -0.9), (0.7, -0.54), (0.9, 0.02), (0.5, 0.16), (-0.5, 0.16)
    )
    stem = o.smooth((-0.32, 0), (0.32, 0), (0.4, 0.7), (0.34, 0.98), (-0.34, 0.98), (-0.4, 0.7))
    dots = [
        o.ellipse(x, y, r, r * 0.86)
        for x, y, r in (
            (-0.44, -0.3, 0.15),
            (0.1, -0.52, 0.19),
            (0.56, -0.2, 0.14),
            (0.04, -0.06, 0.1),
        )
    ]
    return [
        shaded((250, 238, 218), stem, depth=0.12),
        *eyes(0.14, 0.46, 0.06),
        *smile(0, 0.54, 0.06),
        *(glow(ROSE, o.circle(s * 0.25, 0.56, 0.09), 0.8) for s in (-1, 1)),
        shaded(look.main, cap, depth=0.14),
        *within(cap, shaded(look.accent(WHITE), *dots)),
    ]


def cactus(look: Look) -> list[Stroke]:
    """A cactus with one flower."""
    arms = (
        o.limb([(0, 0.46), (-0.5, 0.4), (-0.54, -0.1)], 0.26, 0.24),
        o.limb([(0, 0.2), (0.48, 0.16), (0.52, -0.34)], 0.24, 0.22),
    )
    trunk = o.limb([(0, 0.9), (0, 0), (0, -0.62)], 0.46, 0.4)
    ribs = [o.limb([(x, 0.8), (x, -0.56)], 0.03) for x in (-0.1, 0.08)]
    return [
        shaded(darker(look.main, 0.1), *arms),
        shaded(look.main, trunk),
        flat(lighter(look.main, 0.4), *ribs, opacity=0.5),
        shaded(
            (246, 120, 160),
            *(o.turned(o.ellipse(0, -0.95, 0.08, 0.12), n * 72, (0, -0.84)) for n in range(5)),
        ),
        flat((252, 214, 96), o.circle(0, -0.84, 0.07)),
    ]


def apple(look: Look) -> list[Stroke]:
    """An apple with a leaf."""
    body = o.smooth(
        (0, -0.42),
        (0.4, -0.6),
        (0.82, -0.3),
        (0.76, 0.36),
        (0.36, 0.88),
        (0, 0.78),
        (-0.36, 0.88),
        (-0.76, 0.36),
        (-0.82, -0.3),
        (-0.4, -0.6),
    )
    return [
        shaded(WOOD, o.limb([(0, -0.4), (0.02, -0.66), (0.12, -0.9)], 0.1, 0.08)),
        shaded(look.main, body, depth=0.14),
        *within(body, shine(o.ellipse(-0.46, -0.18, 0.13, 0.24, 24), 0.4)),
        shaded(LEAF, o.smooth((0.08, -0.6), (0.26, -0.92), (0.62, -0.9), (0.46, -0.62))),
    ]
