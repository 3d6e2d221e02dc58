"""Water: the sea from above and from below, and the beach."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import WHITE, Colour, darker, lighter, mix
from imageway.painting.outlines import Outline
from imageway.painting.strokes import Fill, Stroke, flat, shaded
from imageway.painting.view import View


def underwater(view: View, colour: Colour | None) -> list[Stroke]:
    """The sea from below: rays of light, sand, weed and bubbles."""
    water = colour or (32, 124, 190)
    wash = Stroke((view.across(0),), Fill((lighter(water, 0.5), water, darker(water, 0.5))))
    rays: list[Outline] = []
    for n in range(5):
        x = view.width * (n + view.random.uniform(0, 0.6)) / 5
        wide = view.width * view.random.uniform(0.03, 0.08)
        rays.append(
            (
                (x, 0.0),
                (x + wide, 0.0),
                (x + wide * 0.6, view.height * 0.8),
                (x - wide * 2.4, view.height * 0.8),
            )
        )
    light = flat(WHITE, *rays, opacity=0.08)
    sand = [
        shaded((222, 200, 150), view.ridge(view.height * 0.9, view.height * 0.03, 5), depth=0.2)
    ]
    return [wash, light, *_weed(view), *sand, *_bubbles(view)]


def _weed(view: View) -> list[Stroke]:
    found: list[Stroke] = []
    for n in range(9):
        x = view.width * (0.04 + 0.92 * (n + view.random.uniform(0, 0.5)) / 9)
        if 0.3 < x / view.width < 0.7:
            continue
        tall, sway = view.height * view.random.uniform(0.1, 0.28), view.short * 0.02
        foot = view.height * 0.94
        line = [(x + sway * (-1) ** k, foot - tall * k / 4) for k in range(5)]
        green = view.random.choice(((44, 150, 110), (70, 170, 96), (196, 86, 120)))
        found.append(shaded(green, o.limb(line, view.short * 0.03, view.short * 0.008)))
    return found


def _bubbles(view: View) -> list[Stroke]:
    rings: list[Outline] = []
    for _ in range(14):
        x, y = view.wander(view.height * 0.1, view.height * 0.9)
        radius = view.short * view.random.uniform(0.004, 0.014)
        rings.append(o.sector(x, y, radius * 0.75, radius, 0, 360))
    return [flat(WHITE, *rings, opacity=0.5)]


def sea(view: View, colour: Colour | None) -> list[Stroke]:
    """Water with rows of small waves, and the light of the sky on it."""
    water = colour or mix((38, 122, 190), view.haze, 0.45 if view.dark else 0.16)
    if view.dark and colour is None:
        water = darker(water, 0.45)
    wash = Stroke(
        (view.across(view.horizon),), Fill((lighter(water, 0.28), water, darker(water, 0.22)))
    )
    depth = view.height - view.horizon
    waves: list[Stroke] = []
    for row in range(7):
        share = (row + 0.6) / 7
        y = view.horizon + depth * share**1.3
        long = view.short * (0.03 + 0.08 * share)
        crests = [
            _wave(
                view.random.uniform(0, view.width),
                y + view.random.uniform(-0.03, 0.03) * depth,
                long,
            )
            for _ in range(5)
        ]
        waves.append(flat(WHITE, *crests, opacity=0.22))
    return [wash, *_glitter(view), *waves]


def _wave(x: float, y: float, long: float) -> Outline:
    return o.smooth((x - long, y), (x, y - long * 0.09), (x + long, y), (x, y - long * 0.03))


def _glitter(view: View) -> list[Stroke]:
    """The path of light under a sun or moon that the sky has painted."""
    if not view.glitters:
        return []
    depth = view.height - view.horizon
    paths: list[Outline] = []
    for n in range(16):
        y = view.horizon + depth * (n + 0.5) / 17
        wide = view.short * (0.05 + 0.09 * view.random.random()) * (1 - n / 26)
        x = view.light + view.random.uniform(-0.03, 0.03) * view.short
        paths.append(o.limb([(x - wide, y), (x, y), (x + wide, y)], depth * 0.02, depth * 0.008))
    return [flat(mix(view.haze, (255, 240, 200), 0.7), *paths, opacity=0.5)]


def beach(view: View, colour: Colour | None) -> list[Stroke]:
    """Sand with a line of foam."""
    sand = view.tone(colour, (240, 214, 160))
    edge = view.ridge(view.height * 0.83, view.height * 0.012, 4)
    foam = o.moved(edge, 0, -view.height * 0.012)
    shells = [
        o.circle(*view.wander(view.height * 0.88, view.height), view.short * 0.005)
        for _ in range(14)
    ]
    return [
        flat(WHITE, foam, opacity=0.75),
        shaded(sand, edge),
        flat(darker(sand, 0.25), *shells, opacity=0.4),
    ]
