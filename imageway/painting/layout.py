"""Where everything goes: left or right as asked, at home in the landscape, not on a neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt
from random import Random
from typing import TypeAlias

from imageway.painting.catalogue import KINDS, Place
from imageway.painting.scene import Thing

Area: TypeAlias = tuple[float, float, float, float]

ACROSS_BY_COLUMN = {"left": (0.03, 0.48), "right": (0.52, 0.97), "centre": (0.24, 0.76)}
DOWN_BY_ROW = {"top": (0.03, 0.49), "bottom": (0.51, 0.97), "centre": (0.2, 0.8)}
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

    @property
    def foot(self) -> float:
        """The lower edge."""
        return self.y + self.size / 2


@dataclass(frozen=True, slots=True)
class _Item:
    """A single thing before its size is known: its area, its cell of it, and its own small shift."""

    thing: Thing
    number: int
    place: Place
    area: Area
    cell: Area
    shift: tuple[float, float]
    size: float


@dataclass(frozen=True, slots=True)
class Land:
    """Where things may be put: a frame in pixels, the horizon, and the line below which one stands."""

    left: float
    top: float
    width: float
    height: float
    horizon: float | None = None
    shore: float = 0.0
    underwater: bool = False
    sea: bool = False


def lay_out(things: tuple[Thing, ...], land: Land, random: Random) -> list[Spot]:
    """A spot for every single thing, those at the back first."""
    items = _items(things, land, random)
    weight = sum(0.35 if item.place is Place.SKY else 1.0 for item in items)
    edge = min(land.width, land.height)
    usual = min(0.64 * edge, 0.68 * sqrt(land.width * land.height / max(weight, 1)))
    spots: list[Spot] = []
    for free, scales in ((False, NEAT_SCALES), (True, FREE_SCALES)):
        for scale in scales:
            spots = []
            for item in items:
                spots.append(_spot(item, usual * scale, spots, random if free else None))
            if not any(_overlap((n.x, n.y), n.size, spots[:k]) for k, n in enumerate(spots)):
                return _back_to_front(spots)
    return _back_to_front(spots)


def _back_to_front(spots: list[Spot]) -> list[Spot]:
    order = {Place.SKY: 0, Place.FLOATS: 1}
    return sorted(spots, key=lambda spot: (order.get(spot.place, 2), spot.foot))


def home(thing: Thing, land: Land) -> Place:
    """Where the thing is in this landscape."""
    place = KINDS[thing.kind].place
    if land.horizon is None or (land.underwater and place is not Place.STANDS):
        return Place.FLOATS
    if place is Place.SAILS and not land.sea:
        return Place.STANDS
    if place is Place.SWIMS and not land.sea:
        return Place.FLOATS
    if place is Place.FLOATS and thing.row == "bottom":
        return Place.STANDS
    return place


def _items(things: tuple[Thing, ...], land: Land, random: Random) -> list[_Item]:
    """Every single thing with its cell: those that share an area share it evenly."""
    order = list(things) if random.random() < 0.5 else list(reversed(things))
    groups: dict[tuple[Place, str | None, str | None], list[tuple[Thing, int]]] = {}
    for thing in order:
        group = groups.setdefault((home(thing, land), thing.column, thing.row), [])
        group.extend((thing, number) for number in range(thing.count))
    items: list[_Item] = []
    for (place, _, _), group in groups.items():
        area = _area(group[0][0], place, land)
        for (thing, number), cell in zip(group, _cells(len(group), area), strict=True):
            shift = random.uniform(-1, 1), random.uniform(-1, 1)
            size = min(_size(thing, place, land), LARGEST)
            items.append(_Item(thing, number, place, area, cell, shift, size))
    return sorted(items, key=lambda item: -item.size)


def _size(thing: Thing, place: Place, land: Land) -> float:
    """As a share of the usual size; a shape in a landscape leaves room for the landscape."""
    share = 0.72 if place is Place.FLOATS and land.horizon is not None else 1.0
    return KINDS[thing.kind].size * thing.size * share


def _cells(number: int, area: Area) -> list[Area]:
    """The area cut into rows and columns of cells as square as can be."""
    left, top, right, bottom = area
    shape = (right - left) / max(bottom - top, 1)
    rows = max(min(round(sqrt(number / shape)), number), 1) if number > 3 else 1
    columns = -(-number // rows)
    down = (bottom - top) / rows
    cells: list[Area] = []
    for n in range(number):
        row, column = divmod(n, columns)
        across = (right - left) / min(columns, number - row * columns)
        x, y = left + across * column, top + down * row
        cells.append((x, y, x + across, y + down))
    return cells


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
    return Spot(item.thing, item.number, *point, size, item.place)


def _wish(item: _Item, size: float, low: bool) -> tuple[float, float]:
    """The middle of its cell, a little aside."""
    left, top, right, bottom = item.cell
    across, down = max(right - left - size, 0), max(bottom - top - (0 if low else size), 0)
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
        across, down = reach - abs(point[0] - spot.x), reach - abs(point[1] - spot.y)
        if across > 0 and down > 0:
            total += across * down
    return total


def _area(thing: Thing, place: Place, land: Land) -> Area:
    """The part of the frame where the thing may be, after its column, its row and its place."""
    across = ACROSS_BY_COLUMN.get(thing.column or "", (0.03, 0.97))
    top, bottom = _down(thing, place, land)
    left = land.left + land.width * across[0]
    return left, land.top + top, land.left + land.width * across[1], land.top + bottom


def _down(thing: Thing, place: Place, land: Land) -> tuple[float, float]:
    height = land.height
    if land.horizon is None or land.underwater:
        share = DOWN_BY_ROW.get(thing.row or "", (0.05, 0.95))
        floor = 0.9 if land.underwater else 1.0
        return height * share[0], height * share[1] * floor
    if place is Place.STANDS:
        share = {"top": (0.12, 0.4), "bottom": (0.6, 0.9)}.get(thing.row or "", (0.3, 0.84))
        depth = height - land.shore
        return land.shore + depth * share[0], land.shore + depth * share[1]
    if place in {Place.SAILS, Place.SWIMS}:
        share = (0.12, 0.66) if place is Place.SAILS else (0.06, 0.94)
        depth = (land.shore if land.shore > land.horizon else height) - land.horizon
        return land.horizon + depth * share[0], land.horizon + depth * share[1]
    low = {"top": 0.98, "bottom": 1.0}.get(thing.row or "", 0.94)
    return height * 0.04, land.horizon * (min(low, 0.72) if place is Place.SKY else low)
