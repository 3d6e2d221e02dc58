"""Every kind of thing: who draws it, its usual colour, how big it is, and where it is at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from imageway.painting import (
    birds,
    buildings,
    heavens,
    household,
    insects,
    people,
    plants,
    swimmers,
    vehicles,
)
from imageway.painting.colours import COLOUR_BY_NAME, WHITE, Colour
from imageway.painting.creatures import creature
from imageway.painting.shapes import OUTLINE_BY_KIND, shape
from imageway.painting.strokes import Look, Stroke
from imageway.painting.traits import TRAITS_BY_KIND


class Place(StrEnum):
    """Where a thing belongs in a landscape."""

    FLOATS = "floats"
    SKY = "sky"
    STANDS = "stands"
    SAILS = "sails"
    SWIMS = "swims"


@dataclass(frozen=True, slots=True)
class Kind:
    """What the painter knows of a kind; without a colour every one gets a merry one."""

    draw: Callable[[Look], list[Stroke]]
    place: Place
    size: float = 1.0
    colour: Colour | None = None
    sky: str | None = None
    ground: str | None = None


def _colour(name: str) -> Colour:
    return COLOUR_BY_NAME[name]


_DAY = ("day", "meadow")
KINDS: dict[str, Kind] = {
    **{kind: Kind(shape(kind), Place.FLOATS) for kind in OUTLINE_BY_KIND},
    **{
        kind: Kind(creature(kind), Place.STANDS, 1.0, traits.coat, *_DAY)
        for kind, traits in TRAITS_BY_KIND.items()
    },
    "star": Kind(shape("star"), Place.FLOATS, 0.9, _colour("yellow")),
    "heart": Kind(shape("heart"), Place.FLOATS, 1.0, _colour("red")),
    "crescent": Kind(shape("crescent"), Place.SKY, 0.5, (252, 226, 140), "night"),
    "bird": Kind(birds.bird, Place.SKY, 0.62, (66, 132, 220), "day"),
    "butterfly": Kind(insects.butterfly, Place.SKY, 0.6, None, *_DAY),
    "bee": Kind(insects.bee, Place.SKY, 0.55, (252, 206, 48), *_DAY),
    "duck": Kind(birds.duck, Place.SAILS, 0.7, (254, 214, 72), "day", "sea"),
    "penguin": Kind(birds.penguin, Place.STANDS, 0.95, (54, 62, 92), "winter", "snow"),
    "fish": Kind(swimmers.fish, Place.SWIMS, 0.8, (250, 136, 48), None, "underwater"),
    "whale": Kind(swimmers.whale, Place.SWIMS, 1.1, (72, 130, 196), "day", "sea"),
    "turtle": Kind(swimmers.turtle, Place.STANDS, 0.8, (70, 142, 92), "day", "beach"),
    "sun": Kind(heavens.sun, Place.SKY, 0.56, (255, 208, 66), "day"),
    "moon": Kind(heavens.moon, Place.SKY, 0.48, (252, 242, 208), "night"),
    "cloud": Kind(heavens.cloud, Place.SKY, 0.6, WHITE, "day"),
    "rainbow": Kind(heavens.rainbow, Place.SKY, 1.3, WHITE, "day"),
    "tree": Kind(plants.tree, Place.STANDS, 1.15, (74, 156, 78), *_DAY),
    "pine": Kind(plants.pine, Place.STANDS, 1.15, (42, 118, 92), *_DAY),
    "palm": Kind(plants.palm, Place.STANDS, 1.2, (66, 164, 92), "day", "beach"),
    "flower": Kind(plants.flower, Place.STANDS, 0.66, None, *_DAY),
    "mushroom": Kind(plants.mushroom, Place.STANDS, 0.7, _colour("red"), "day", "forest"),
    "cactus": Kind(plants.cactus, Place.STANDS, 0.95, (72, 152, 102), "day", "desert"),
    "apple": Kind(plants.apple, Place.FLOATS, 0.9, _colour("red")),
    "snowman": Kind(people.snowman, Place.STANDS, 1.05, WHITE, "winter", "snow"),
    "house": Kind(buildings.house, Place.STANDS, 1.15, (252, 232, 196), *_DAY),
    "castle": Kind(buildings.castle, Place.STANDS, 1.15, (214, 208, 224), *_DAY),
    "boat": Kind(vehicles.boat, Place.SAILS, 0.9, (222, 74, 66), "day", "sea"),
    "car": Kind(vehicles.car, Place.STANDS, 0.95, (232, 84, 72), *_DAY),
    "rocket": Kind(vehicles.rocket, Place.SKY, 1.05, (240, 240, 246), "space"),
    "balloon": Kind(vehicles.balloon, Place.SKY, 0.8, None, "day"),
    "airship": Kind(vehicles.airship, Place.SKY, 1.0, None, "day", "meadow"),
    "robot": Kind(people.robot, Place.STANDS, 1.0, (158, 182, 206), "day", "city"),
    "person": Kind(people.person, Place.STANDS, 1.0, None, *_DAY),
    "cup": Kind(household.cup, Place.FLOATS, 1.0, None),
    "cake": Kind(household.cake, Place.FLOATS, 1.0, (250, 154, 184)),
    "gift": Kind(household.gift, Place.FLOATS, 0.95, None),
    "umbrella": Kind(household.umbrella, Place.FLOATS, 1.0, None, "rain"),
}
