"""Composes a picture: a backdrop, things in their places, weather; all as strokes in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random

from imageway.painting import outlines as o
from imageway.painting import skies, studio
from imageway.painting.areas import Land
from imageway.painting.catalogue import KINDS, Place
from imageway.painting.colours import COLOUR_BY_NAME, MERRY, WHITE, Colour, apart, darker, lighter
from imageway.painting.grounds import GROUNDS
from imageway.painting.layout import Spot, lay_out
from imageway.painting.scene import Scene, Thing
from imageway.painting.setting import Setting, setting
from imageway.painting.strokes import Look, Stroke, glow, mirrored, placed
from imageway.painting.view import View

EASILY_TOLD = 90.0
ONE_WAY = frozenset({"arrow"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A stroke, and what it is a part of."""

    stage: str
    stroke: Stroke


def compose(scene: Scene, width: int, height: int, random: Random) -> list[Passage]:
    """The whole picture."""
    where = setting(scene)
    view = _view(scene, where, width, height, random)
    if where.sky is None and not where.grounds:
        return [*_in_studio(scene, view)]
    backdrop = [*_landscape(where, view)]
    behind = [colour for passage in backdrop[:1] for colour in passage.stroke.fill.stops]
    land = Land(
        0, 0, width, height,
        view.horizon if where.grounds else None,
        where.shore * height,
        "underwater" in where.kinds,
        "sea" in where.kinds,
    )  # fmt: skip
    halo = 0.16 if view.dark else 0.32
    front = _told(skies.weather(view, where.sky or ""), "painting the weather")
    return [*backdrop, *_things(scene.things, land, behind, halo, random), *front]


def compose_cutout(
    scene: Scene, width: int, height: int, random: Random, frame: tuple[float, float, float, float]
) -> list[Passage]:
    """Without a background: the things inside a frame (left, top, width, height), else the land."""
    if scene.things:
        return [*_things(scene.things, Land(*frame), [], 0.0, random)]
    where = replace(setting(scene), sky=None)
    view = _view(scene, where, width, height, random)
    forms = _told(studio.abstract(view, _asked(scene)), "composing forms")
    return [*(_landscape(where, view) if where.grounds else forms)]


def compose_landscape(scene: Scene, width: int, height: int, random: Random) -> list[Passage]:
    """The backdrop alone."""
    where = setting(scene)
    return [*_landscape(where, _view(scene, where, width, height, random))]


def _view(scene: Scene, where: Setting, width: int, height: int, random: Random) -> View:
    without = scene.without | {thing.kind for thing in scene.things}
    dark = where.sky in skies.DARK
    lights = {"moon", "crescent"} if dark else {"sun"}
    shines = where.sky == "night" or where.sky in skies.GLOWING
    return View(
        width=width,
        height=height,
        horizon=where.horizon * height,
        light=width * random.choice((random.uniform(0.16, 0.36), random.uniform(0.64, 0.84))),
        haze=skies.stops(where.sky, where.sky_colour)[-1] if where.sky else WHITE,
        dark=dark,
        glitters=shines and not lights & without,
        without=without,
        random=random,
    )


def _in_studio(scene: Scene, view: View) -> Iterator[Passage]:
    asked = _asked(scene)
    tone = studio.paper(asked, view.random)
    yield from _told(studio.studio(view, tone), "toning the paper")
    if scene.says_nothing:
        yield from _told(studio.abstract(view, asked), "composing forms")
        return
    land = Land(0, 0, view.width, view.height)
    yield from _things(scene.things, land, [tone], 0.0, view.random, studio=True)


def _asked(scene: Scene) -> tuple[Colour, ...]:
    usual = [KINDS[thing.kind].colour for thing in scene.things if not thing.colours]
    named = [colour for thing in scene.things for colour in thing.colours]
    return (*named, *(colour for colour in usual if colour), *scene.palette)


def _landscape(where: Setting, view: View) -> Iterator[Passage]:
    if where.sky:
        yield from _told(skies.sky(view, where.sky, where.sky_colour), "painting the sky")
    for ground in where.grounds:
        strokes = GROUNDS[ground.kind](view, ground.colour)
        yield from _told(strokes, f"painting the {ground.kind}")


def _things(
    things: tuple[Thing, ...], land: Land, behind: list[Colour], halo: float, random: Random,
    studio: bool = False,
) -> Iterator[Passage]:  # fmt: skip
    for spot in lay_out(things, land, random):
        look = Look(_colours(spot, behind, random), random)
        strokes = KINDS[spot.thing.kind].draw(look)
        if spot.thing.kind not in ONE_WAY and random.random() < 0.5:
            strokes = [mirrored(stroke) for stroke in strokes]
        foot = _rise(strokes) * spot.size / 2 if spot.place is Place.STANDS else 0.0
        drawn = [placed(stroke, spot.x, spot.y + foot, spot.size / 2) for stroke in strokes]
        shadow = _shadow(spot, studio, halo) if behind else []
        yield from _told([*shadow, *drawn], f"painting the {spot.thing.kind}")


def _rise(strokes: list[Stroke]) -> float:
    """How far a drawing ends above the lower edge of its box."""
    solid = [outline for stroke in strokes if not stroke.soft for outline in stroke.outlines]
    return 1 - o.bounds(solid)[3]


def _shadow(spot: Spot, studio: bool, halo: float) -> list[Stroke]:
    size = spot.size
    if spot.place is Place.STANDS:
        return [
            glow(
                (20, 26, 52),
                o.ellipse(spot.x, spot.foot - size * 0.01, size * 0.5, size * 0.08),
                0.6,
            )
        ]
    if studio:
        return [
            glow(
                (20, 20, 60),
                o.ellipse(spot.x, spot.foot + size * 0.04, size * 0.46, size * 0.07),
                0.3,
            )
        ]
    if KINDS[spot.thing.kind].place is Place.FLOATS and halo:
        return [glow(WHITE, o.circle(spot.x, spot.y, size * 0.85), halo)]
    return []


def _colours(spot: Spot, behind: list[Colour], random: Random) -> tuple[Colour, ...]:
    asked, usual = spot.thing.colours, KINDS[spot.thing.kind].colour
    if asked:
        return (asked[spot.number % len(asked)],) if spot.thing.count > 1 else asked
    if usual:
        return (random.choice((lighter, darker))(usual, random.uniform(0, 0.08)),)
    merry = [COLOUR_BY_NAME[name] for name in MERRY]
    return (random.choice([each for each in merry if apart(each, behind) > EASILY_TOLD] or merry),)


def _told(strokes: Iterable[Stroke], stage: str) -> Iterator[Passage]:
    return (Passage(stage, stroke) for stroke in strokes)
