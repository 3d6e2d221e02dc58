"""Creatures that sit and look at you, put together from their traits."""

from __future__ import annotations

from collections.abc import Callable

from imageway.painting import outlines as o
from imageway.painting.colours import INK, WHITE, Colour, brightness, darker, lighter, mix
from imageway.painting.faces import ROSE, blush, eyes, pair, smile
from imageway.painting.marks import MARKS_BEHIND, MARKS_ON_COAT, MARKS_ON_TOP
from imageway.painting.outlines import flipped
from imageway.painting.strokes import Look, Stroke, flat, glow, shaded, within
from imageway.painting.traits import (
    BODY,
    EAR_BY_NAME,
    HEAD,
    SHARP_HEAD,
    TAIL_BY_NAME,
    TRAITS_BY_KIND,
    Traits,
)

DARK_LIMBS: Colour = (48, 44, 56)


def creature(kind: str) -> Callable[[Look], list[Stroke]]:
    """A drawer of the named creature."""
    traits = TRAITS_BY_KIND[kind]

    def draw(look: Look) -> list[Stroke]:
        coat = look.main
        behind = [
            s for mark in traits.marks if mark in MARKS_BEHIND for s in MARKS_BEHIND[mark](coat)
        ]
        return [
            *behind,
            *_tail(traits, coat),
            *_body(traits, coat),
            *_ears(traits, coat),
            *_head(traits, coat),
            *_face(traits, coat),
        ]

    return draw


def _tail(traits: Traits, coat: Colour) -> list[Stroke]:
    outline = TAIL_BY_NAME.get(traits.tail)
    if outline is None:
        return []
    strokes = [shaded(darker(coat, 0.06), outline)]
    if traits.tail == "bushy":
        strokes.extend(within(outline, flat(WHITE, o.ellipse(0.7, 0.16, 0.3, 0.24, -12))))
    if traits.tail == "tuft":
        strokes.append(shaded(darker(coat, 0.45), o.ellipse(0.63, 0.36, 0.1, 0.14, -20)))
    if traits.tail == "rainbow":
        strokes.append(
            flat(
                (244, 142, 190),
                o.limb([(0.34, 0.74), (0.56, 0.58), (0.7, 0.72), (0.8, 0.9)], 0.09, 0.04),
            )
        )
    return strokes


def _body(traits: Traits, coat: Colour) -> list[Stroke]:
    limbs = DARK_LIMBS if {"panda", "socks"} & set(traits.marks) else coat
    torso = DARK_LIMBS if "panda" in traits.marks else coat
    belly = o.ellipse(0, 0.62, 0.22, 0.3)
    strokes = [shaded(torso, BODY, depth=0.12)]
    if "panda" in traits.marks:
        strokes.extend(within(BODY, shaded(coat, o.ellipse(0, 0.8, 0.5, 0.36))))
    else:
        pale = mix(traits.muzzle, lighter(coat, 0.5), 0.35)
        strokes.append(shaded(pale, belly, depth=0.05))
    # The head throws a soft shadow on the chest.
    strokes.extend(within(BODY, glow(darker(torso, 0.6), o.ellipse(0, 0.22, 0.6, 0.24), 0.5)))
    for side in (-1, 1):
        leg = o.limb([(side * 0.17, 0.6), (side * 0.19, 0.9)], 0.17, 0.2)
        paw = o.ellipse(side * 0.2, 0.94, 0.15, 0.075)
        strokes.append(shaded(lighter(coat, 0.04) if torso is coat else torso, leg, depth=0.04))
        strokes.append(shaded(lighter(limbs, 0.08), paw))
    return strokes


def _ears(traits: Traits, coat: Colour) -> list[Stroke]:
    outer, inner = EAR_BY_NAME[traits.ears]
    hue, lining = coat, mix(ROSE, coat, 0.25)
    if "panda" in traits.marks:
        hue, lining = DARK_LIMBS, (72, 66, 80)
    if traits.ears in {"floppy", "tufts"}:
        hue, lining = darker(coat, 0.3 if brightness(coat) > 0.3 else 0.1), darker(coat, 0.2)
    if traits.ears == "horns":
        hue, lining = (250, 226, 170), (240, 204, 130)
    if traits.ears == "eyes":
        lining = WHITE
    return [
        stroke
        for outline, colour in ((outer, hue), (inner, lining))
        for stroke in (shaded(colour, outline), shaded(colour, flipped(outline)))
    ]


def _head(traits: Traits, coat: Colour) -> list[Stroke]:
    outline = SHARP_HEAD if "cheeks" in traits.marks else HEAD
    light = glow(lighter(coat, 0.7), o.ellipse(-0.18, -0.52, 0.44, 0.26), 0.35)
    return [shaded(coat, outline), *within(outline, light)]


def _face(traits: Traits, coat: Colour) -> list[Stroke]:
    """Everything on the front of the head, from the coat's marks to the smile."""
    on_coat = [
        stroke
        for mark in traits.marks
        if mark in MARKS_ON_COAT
        for stroke in MARKS_ON_COAT[mark](coat)
    ]
    on_top = [
        stroke
        for mark in traits.marks
        if mark in MARKS_ON_TOP
        for stroke in MARKS_ON_TOP[mark](coat)
    ]
    return [*on_coat, *_muzzle(traits), *_eyes(traits, coat), *blush(), *on_top]


def _muzzle(traits: Traits) -> list[Stroke]:
    if {"snout", "trunk", "beak"} & set(traits.marks):
        return []
    if traits.ears == "eyes":
        wide = o.limb([(-0.3, -0.1), (0, 0.04), (0.3, -0.1)], 0.03)
        return [flat(darker(traits.muzzle, 0.7), wide)]
    nose = o.smooth((-0.1, -0.08), (0, -0.1), (0.1, -0.08), (0.03, 0.0), (-0.03, 0.0))
    patch = (
        []
        if "cheeks" in traits.marks
        else [shaded(traits.muzzle, o.ellipse(0, 0.04, 0.23, 0.16), depth=0.04)]
    )
    light = flat(WHITE, o.ellipse(-0.03, -0.07, 0.025, 0.014), opacity=0.7)
    return [*patch, shaded(INK, nose), light, *smile(0, 0.0, 0.13)]


def _eyes(traits: Traits, coat: Colour) -> list[Stroke]:
    if traits.ears == "eyes":
        return eyes(0.32, -0.72, 0.1)
    if traits.ears == "tufts":
        disc = o.circle(0.24, -0.22, 0.25)
        return [pair(WHITE, disc), *eyes(0.22, -0.22, 0.13)]
    if brightness(coat) < 0.25 and "cheeks" not in traits.marks:
        return [
            pair(lighter(coat, 0.75), o.ellipse(0.26, -0.2, 0.135, 0.15)),
            *eyes(0.26, -0.2, 0.1),
        ]
    return eyes(0.26, -0.2, 0.098)
