"""Where everything goes: left or right as asked, at home in the landscape, not on a neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt
from random import Random

from imageway.painting.areas import CROWD, Area, Land, area_of, cells, home
from imageway.painting.catalogue import KINDS, Place
from imageway.painting.scene import Thing

NEAT_SCALES = (1.0, 0.92, 0.85, 0.78, 0.72, 0.66, 0.6, 0.55)
FREE_SCALES = (0.9, 0.75, 0.62, 0.5, 0.4, 0.3, 0.22)
CANDIDATES = 24
LARGEST = 1.5


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing and its place: the middle of its box and the box's edge, in pixels."""

    thing: Thing
    number: int
    x: float
    y: float
    size: float
    place: Place
    depth: float = 1.0

    @property
    def foot(self) -> float:
        """The lower edge."""
        return self.y + self.size / 2


@dataclass(frozen=True, slots=True)
class _Item:
    """A single thing before its size is known: its area, its cell, and its own small shift."""

    thing: Thing
    number: int
    place: Place
    area: Area
    cell: Area
    depth: float
    shift: tuple[float, float]
    size: float


def lay_out(things: tuple[Thing, ...], land: Land, random: Random) -> list[Spot]:
    """A spot for every single thing, those at the back first."""
    items = _items(things, land, random)
    weight = sum(0.35 if item.place is Place.SKY else 1.0 for item in items)
    edge = min(land.width, land.height)
    usual = min(0.64 * edge, 0.8 * sqrt(land.width * land.height / max(weight, 1)))
    spots: list[Spot] = []
    for free, scales in ((False, NEAT_SCALES), (True, FREE_SCALES)):
        for scale in scales:
            spots = []
            for item in items:
                # What is in the sky seldom is in the way, so it shrinks less.
                share = scale**0.4 if item.place is Place.SKY else scale
                spots.append(_spot(item, usual * share, spots, random if free else None))
            if not any(_overlap((n.x, n.y), n.size, spots[:k]) for k, n in enumerate(spots)):
                return _back_to_front(spots)
    return _back_to_front(spots)


def _back_to_front(spots: list[Spot]) -> list[Spot]:
    order = {Place.SKY: 0, Place.FLOATS: 1}
    return sorted(spots, key=lambda spot: (order.get(spot.place, 2), spot.foot))


def _items(things: tuple[Thing, ...], land: Land, random: Random) -> list[_Item]:
    """Every single thing with its cell: those that share an area share it evenly."""
    order = list(things) if random.random() < 0.5 else list(reversed(things))
    groups: dict[tuple[Place, str | None, str | None], list[tuple[Thing, int]]] = {}
    for thing in order:
        place = home(thing, land)
        row = None if place is Place.STANDS else thing.row
        group = groups.setdefault((place, thing.column, row), [])
        group.extend((thing, number) for number in range(thing.count))
    items: list[_Item] = []
    for (place, _, _), group in groups.items():
        # In a crowd those in front may hide the feet of those behind.
        depth = 0.5 if place is Place.STANDS and len(group) > CROWD else 1.0
        shared = cells(len(group), area_of(group[0][0], place, land), depth)
        for (thing, number), cell in zip(group, shared, strict=True):
            shift = random.uniform(-1, 1), random.uniform(-1, 1)
            size = min(_size(thing, place, land), LARGEST)
            area = area_of(thing, place, land)
            items.append(_Item(thing, number, place, area, cell, depth, shift, size))
    return sorted(items, key=lambda item: -item.size)


def _size(thing: Thing, place: Place, land: Land) -> float:
    """As a share of the usual size; a shape in a landscape leaves room for the landscape."""
    share = 0.72 if place is Place.FLOATS and land.horizon else 1.0
    return KINDS[thing.kind].size * thing.size * share


def _spot(item: _Item, usual: float, taken: list[Spot], random: Random | None) -> Spot:
    area, low = item.area, item.place in {Place.STANDS, Place.SAILS}
    size = min(usual * item.size, area[2] - area[0])
    # What stands may rise above its ground; all else stays inside its area.
    size = size if low else min(size, area[3] - area[1])
    left, right = area[0] + size / 2, area[2] - size / 2
    top, bottom = area[1] + (-size if low else size) / 2, area[3] - size / 2
    wish = _wish(item, size, low)
    point = min(max(wish[0], left), right), min(max(wish[1], top), bottom)
    if random:
        point = _best(point, (left, top, right, bottom), size, taken, random)
    return Spot(item.thing, item.number, *point, size, item.place, item.depth)


def _wish(item: _Item, size: float, low: bool) -> tuple[float, float]:
    """The middle of its cell, a little aside."""
    left, top, right, bottom = item.cell
    across, down = (
        max(right - left - size, 0),
        max(bottom - top - (0 if low and item.depth == 1 else size * item.depth), 0),
    )
    aside = min(across * 0.4, size * 0.3) * item.shift[0]
    below = min(down * 0.4, size * 0.3) * item.shift[1] - (size / 2 if low else 0)
    return (left + right) / 2 + aside, (top + bottom) / 2 + below


def _best(
    wish: tuple[float, float], area: Area, size: float, taken: list[Spot], random: Random
) -> tuple[float, float]:
    """The wish if it lies on nobody, else the best of some other points."""
    best, least = wish, _overlap(wish, size, taken)
    for _ in range(CANDIDATES if least else 0):
        point = random.uniform(area[0], area[2]), random.uniform(area[1], area[3])
        away = hypot(point[0] - wish[0], point[1] - wish[1])
        cost = _overlap(point, size, taken) + 0.02 * size * away
        if cost < least:
            best, least = point, cost
    return best


def _overlap(point: tuple[float, float], size: float, taken: list[Spot]) -> float:
    total = 0.0
    for spot in taken:
        reach = (size + spot.size) / 2 * 1.02
        across = reach - abs(point[0] - spot.x)
        down = reach * spot.depth - abs(point[1] - spot.y)
        if across > 0 and down > 0:
            total += across * down
    return total
