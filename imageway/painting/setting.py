"""Chooses the landscape for a scene: what was asked for, else where the things are at home."""

from __future__ import annotations

from dataclasses import dataclass

from imageway.painting.catalogue import KINDS, Place
from imageway.painting.colours import Colour
from imageway.painting.grounds import HORIZON_BY_GROUND
from imageway.painting.scene import Ground, Scene

ANYWHERE = frozenset({"meadow", "underwater"})
BEHIND_WATER = frozenset({"mountains", "forest", "beach"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A sky and the grounds under it, back to front; neither means a studio."""

    sky: str | None
    sky_colour: Colour | None
    grounds: tuple[Ground, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """The names of the grounds."""
        return frozenset(ground.kind for ground in self.grounds)

    @property
    def horizon(self) -> float:
        """The share of the height where sky and ground meet."""
        kinds = [each.kind for each in self.grounds if each.kind != "beach"]
        return HORIZON_BY_GROUND[kinds[-1]] if kinds else 1.0

    @property
    def shore(self) -> float:
        """The share of the height below which one can stand."""
        return HORIZON_BY_GROUND["beach"] if "beach" in self.kinds else self.horizon


def setting(scene: Scene) -> Setting:
    """The landscape that suits a scene."""
    grounds = _grounds(scene)
    if "underwater" in {ground.kind for ground in grounds}:
        return Setting(None, None, grounds)
    return Setting(_sky(scene, grounds), scene.sky_colour, grounds)


def _sky(scene: Scene, grounds: tuple[Ground, ...]) -> str | None:
    if scene.sky:
        return scene.sky
    if {"moon", "crescent"} & {thing.kind for thing in scene.things}:
        return "night"
    homes = [KINDS[thing.kind].sky for thing in scene.things]
    usual = "winter" if "snow" in {ground.kind for ground in grounds} else "day"
    if scene.grounds or usual == "winter":
        return usual
    return next((home for home in homes if home), usual if grounds else None)


def _grounds(scene: Scene) -> tuple[Ground, ...]:
    found = {ground.kind: ground for ground in scene.grounds}
    places = {KINDS[thing.kind].place for thing in scene.things}
    if not found and scene.sky != "space":
        found = {home: Ground(home) for home in _homes(scene)[:1]}
    if found and found.keys() <= BEHIND_WATER and ("beach" in found or Place.SAILS in places):
        found.setdefault("sea", Ground("sea"))
    if "sea" in found and Place.STANDS in places:
        found.setdefault("beach", Ground("beach"))
    if "underwater" in found:
        return (found["underwater"],)
    return tuple(
        found[kind] for kind in HORIZON_BY_GROUND if kind in found and kind not in scene.without
    )


def _homes(scene: Scene) -> list[str]:
    """Where the things live, the best first."""
    unfit = scene.without | ({"underwater"} if scene.sky else frozenset[str]())
    homes = [KINDS[thing.kind].ground for thing in scene.things]
    # A snowman needs its snow more than a tree its meadow; nobody is drowned by a fish.
    return sorted((home for home in homes if home and home not in unfit), key=ANYWHERE.__contains__)
