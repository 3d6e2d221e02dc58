"""The colours that have a name, and how they are mixed."""

from __future__ import annotations

from collections.abc import Iterable
from math import dist
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]

WHITE: Colour = (252, 251, 248)
BLACK: Colour = (30, 31, 38)
INK: Colour = (38, 32, 44)

COLOUR_BY_NAME: dict[str, Colour] = {
    "red": (224, 46, 48),
    "orange": (246, 132, 38),
    "yellow": (252, 206, 48),
    "green": (46, 164, 84),
    "blue": (40, 98, 216),
    "purple": (130, 70, 192),
    "pink": (246, 130, 176),
    "brown": (134, 88, 54),
    "black": BLACK,
    "white": WHITE,
    "grey": (140, 145, 152),
    "cyan": (42, 190, 214),
    "teal": (20, 136, 140),
    "turquoise": (56, 204, 190),
    "gold": (226, 174, 50),
    "silver": (190, 197, 206),
    "beige": (234, 216, 184),
    "navy": (28, 46, 112),
    "magenta": (214, 46, 156),
    "maroon": (128, 28, 48),
    "lime": (160, 214, 50),
    "indigo": (76, 62, 170),
    "coral": (250, 120, 98),
    "olive": (128, 130, 50),
    "lavender": (184, 166, 232),
    "mint": (150, 224, 190),
    "peach": (252, 190, 150),
}

MERRY = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "teal", "coral")


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with this share of `other` stirred in."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float = 0.12) -> Colour:
    """Towards the light."""
    return mix(colour, WHITE, share)


def darker(colour: Colour, share: float = 0.12) -> Colour:
    """Towards a bluish shadow, which looks warmer than black."""
    return mix(colour, (22, 18, 48), share)


def brightness(colour: Colour) -> float:
    """How light it looks, from 0 to 1."""
    red, green, blue = colour
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def apart(colour: Colour, others: Iterable[Colour]) -> float:
    """The distance to the nearest of the others."""
    return min((dist(colour, other) for other in others), default=1000.0)
