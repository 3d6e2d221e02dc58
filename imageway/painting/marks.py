"""Marks: stripes, manes, trunks and horns, each in its layer of a creature."""

from __future__ import annotations

from collections.abc import Callable

from imageway.painting import outlines as o
from imageway.painting.colours import (
    INK,
    WHITE,
    Colour,
    brightness,
    darker,
    lighter,
    mix,
)
from imageway.painting.faces import ROSE, pair, smile
from imageway.painting.outlines import flipped
from imageway.painting.strokes import Stroke, flat, shaded, within
from imageway.painting.traits import BODY, HEAD, SHARP_HEAD

MarkDrawer = Callable[[Colour], list[Stroke]]


def _cheeks(coat: Colour) -> list[Stroke]:
    cheek = o.smooth((0.02, -0.1), (0.16, -0.1), (0.4, -0.12), (0.72, -0.06), (0.5, 0.2), (0, 0.4))
    white = mix(WHITE, coat, 0.04)
    return list(within(SHARP_HEAD, shaded(white, cheek, flipped(cheek), depth=0.05)))


def _stripes(coat: Colour) -> list[Stroke]:
    dark = darker(coat, 0.45)
    crown = [o.limb([(x, -0.78), (x * 0.7, -0.52)], 0.09, 0.02) for x in (-0.16, 0, 0.16)]
    sides = [
        o.limb([(s * 0.64, y), (s * 0.4, y + 0.03)], 0.07, 0.01)
        for s in (-1, 1)
        for y in (-0.34, 0.1)
    ]
    flanks = [
        o.limb([(s * 0.44, y), (s * 0.26, y + 0.02)], 0.07, 0.01)
        for s in (-1, 1)
        for y in (0.5, 0.66)
    ]
    return [
        *within(HEAD, flat(dark, *crown, *sides, opacity=0.8)),
        *within(BODY, flat(dark, *flanks, opacity=0.6)),
    ]


def _patch(coat: Colour) -> list[Stroke]:
    return list(
        within(HEAD, shaded(darker(coat, 0.36), o.ellipse(0.3, -0.26, 0.25, 0.3, 20), depth=0.05))
    )


def _panda(coat: Colour) -> list[Stroke]:
    return [
        pair((48, 44, 56), o.ellipse(0.27, -0.18, 0.16, 0.2, 28)),
        pair(coat, o.circle(0.26, -0.2, 0.115)),
    ]


def _whiskers(coat: Colour) -> list[Stroke]:
    colour = INK if brightness(coat) > 0.35 else WHITE
    hairs = [
        o.limb([(s * 0.26, y), (s * 0.7, y + slope)], 0.016, 0.008)
        for s in (-1, 1)
        for y, slope in ((0.0, -0.05), (0.06, 0.03))
    ]
    return [flat(colour, *hairs, opacity=0.5)]


def _tongue(coat: Colour) -> list[Stroke]:
    return [shaded((244, 110, 124), o.ellipse(0.0, 0.13, 0.055, 0.08))]


def _snout(coat: Colour) -> list[Stroke]:
    dark = darker(coat, 0.45)
    return [
        shaded(mix(coat, ROSE, 0.4), o.ellipse(0, 0.0, 0.2, 0.14)),
        pair(dark, o.ellipse(0.07, 0, 0.035, 0.055)),
        *smile(0, 0.14, 0.1),
    ]


def _big_nose(coat: Colour) -> list[Stroke]:
    return [shaded((58, 54, 66), o.ellipse(0, -0.1, 0.12, 0.17))]


def _trunk(coat: Colour) -> list[Stroke]:
    trunk = o.limb([(0, -0.16), (0, 0.16), (0.06, 0.4), (0.24, 0.42)], 0.26, 0.13)
    folds = [o.limb([(-0.09, y), (0.09, y)], 0.018) for y in (0.02, 0.12, 0.22)]
    return [shaded(lighter(coat, 0.06), trunk), flat(darker(coat, 0.3), *folds, opacity=0.5)]


def _beak(coat: Colour) -> list[Stroke]:
    return [
        shaded((250, 180, 60), o.smooth((-0.08, -0.14), (0.08, -0.14), (0.02, 0.06), (-0.02, 0.06)))
    ]


def _mane(coat: Colour) -> list[Stroke]:
    mane = darker(mix(coat, (170, 70, 20), 0.5), 0.1)
    tufts = [o.turned(o.ellipse(0.6, -0.24, 0.3, 0.2), n * 24, (0, -0.24)) for n in range(15)]
    return [shaded(mane, *tufts), shaded(darker(mane, 0.15), o.circle(0, -0.24, 0.66))]


def _wool(coat: Colour) -> list[Stroke]:
    curls = [o.turned(o.circle(0.5, 0.58, 0.2), n * 36, (0, 0.58)) for n in range(10)]
    crown = [o.circle(x, -0.7, 0.18) for x in (-0.3, 0, 0.3)]
    return [shaded(lighter(coat, 0.2), *curls, *crown, o.circle(0, 0.58, 0.5))]


def _antlers(coat: Colour) -> list[Stroke]:
    horn = (150, 104, 70)
    beam = o.limb([(0.2, -0.6), (0.4, -0.78), (0.44, -0.98)], 0.08, 0.04)
    branch = o.limb([(0.36, -0.74), (0.6, -0.82), (0.66, -0.92)], 0.06, 0.03)
    return [shaded(horn, beam, flipped(beam)), shaded(horn, branch, flipped(branch))]


def _wings(coat: Colour) -> list[Stroke]:
    wing = o.smooth(
        (0.2, 0.4), (0.5, 0.02), (0.96, -0.1), (0.86, 0.24), (0.7, 0.34), (0.62, 0.56), (0.4, 0.6)
    )
    return [shaded(mix(coat, (250, 200, 110), 0.55), wing, flipped(wing))]


def _horn(coat: Colour) -> list[Stroke]:
    horn = ((-0.09, -0.6), (0, -1.0), (0.09, -0.6))
    lock = o.smooth(
        (0.02, -0.72), (0.3, -0.7), (0.56, -0.3), (0.5, 0.02), (0.4, -0.3), (0.1, -0.56)
    )
    return [
        shaded((250, 206, 90), horn),
        shaded((244, 142, 190), lock),
        shaded((166, 140, 236), flipped(lock)),
    ]


MARKS_BEHIND: dict[str, MarkDrawer] = {
    "mane": _mane,
    "wool": _wool,
    "antlers": _antlers,
    "wings": _wings,
}
MARKS_ON_COAT: dict[str, MarkDrawer] = {
    "cheeks": _cheeks,
    "stripes": _stripes,
    "patch": _patch,
    "panda": _panda,
}
MARKS_ON_TOP: dict[str, MarkDrawer] = {
    "whiskers": _whiskers,
    "tongue": _tongue,
    "snout": _snout,
    "nose": _big_nose,
    "trunk": _trunk,
    "beak": _beak,
    "horn": _horn,
}
