"""The parts of a picture where a thing may be: its column and row, sky, ground or water."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

from imageway.painting.catalogue import KINDS, Place
from imageway.painting.scene import Thing

Area: TypeAlias = tuple[float, float, float, float]

ACROSS_BY_COLUMN = {"left": (0.03, 0.48), "right": (0.52, 0.97), "centre": (0.24, 0.76)}
DOWN_BY_ROW = {"top": (0.03, 0.49), "bottom": (0.51, 0.97), "centre": (0.2, 0.8)}
STANDING = (0.3, 0.84)
CROWDED = (0.12, 0.92)
CROWD = 8


@dataclass(frozen=True, slots=True)
class Land:
    """Where things may be put: a frame in pixels, the horizon, and the shore one stands below."""

    left: float
    top: float
    width: float
    height: float
    horizon: float | None = None
    shore: float = 0.0
    underwater: bool = False
    sea: bool = False


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


def area_of(thing: Thing, place: Place, land: Land) -> Area:
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
        share = {"top": (0.12, 0.4), "bottom": (0.6, 0.9)}.get(
            thing.row or "", STANDING if thing.count <= CROWD else CROWDED
        )
        depth = height - land.shore
        return land.shore + depth * share[0], land.shore + depth * share[1]
    if place in {Place.SAILS, Place.SWIMS}:
        share = (0.12, 0.66) if place is Place.SAILS else (0.06, 0.94)
        depth = (land.shore if land.shore > land.horizon else height) - land.horizon
        return land.horizon + depth * share[0], land.horizon + depth * share[1]
    low = {"top": 0.98, "bottom": 1.0}.get(thing.row or "", 0.94)
    return height * 0.04, land.horizon * (min(low, 0.72) if place is Place.SKY else low)


def cells(number: int, area: Area, depth: float) -> list[Area]:
    """The area cut into rows and columns of cells as square as can be, flatter at a small depth."""
    left, top, right, bottom = area
    shape = (right - left) * depth / max(bottom - top, 1)
    rows = max(min(round(sqrt(number / shape)), number), 1) if number > 3 else 1
    columns = -(-number // rows)
    down = (bottom - top) / rows
    found: list[Area] = []
    for n in range(number):
        row, column = divmod(n, columns)
        across = (right - left) / min(columns, number - row * columns)
        x, y = left + across * column, top + down * row
        found.append((x, y, x + across, y + down))
    return found
