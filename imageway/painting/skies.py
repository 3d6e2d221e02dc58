"""Skies: their colours from the zenith to the horizon, and what drifts in them."""

from __future__ import annotations

from collections.abc import Callable

from imageway.painting import outlines as o
from imageway.painting.colours import WHITE, Colour, darker, lighter, mix
from imageway.painting.heavens import cloud, moon
from imageway.painting.strokes import Fill, Look, Stroke, flat, glow, placed, shaded
from imageway.painting.view import View

STOPS_BY_SKY: dict[str, tuple[Colour, ...]] = {
    "day": ((84, 158, 232), (146, 202, 246), (224, 240, 248)),
    "night": ((12, 16, 50), (34, 40, 98), (88, 78, 142)),
    "sunset": ((72, 58, 132), (206, 92, 122), (250, 158, 92), (255, 218, 148)),
    "dawn": ((120, 162, 222), (226, 188, 214), (255, 224, 192)),
    "rain": ((92, 108, 130), (136, 150, 168), (184, 194, 204)),
    "winter": ((140, 174, 214), (196, 214, 234), (238, 243, 248)),
    "space": ((8, 8, 28), (24, 18, 60), (58, 30, 92)),
}
DARK = frozenset({"night", "space"})
GLOWING = frozenset({"sunset", "dawn"})


def stops(kind: str, colour: Colour | None) -> tuple[Colour, ...]:
    """The sky's colours from above to the horizon; one asked for stays what it is in the middle."""
    if colour is None:
        return STOPS_BY_SKY[kind]
    if kind in DARK:
        return darker(colour, 0.8), darker(colour, 0.6), darker(colour, 0.3)
    return darker(colour, 0.12), colour, lighter(colour, 0.55)


def sky(view: View, kind: str, colour: Colour | None) -> list[Stroke]:
    """The whole sky of a kind."""
    wash = Stroke((view.across(0, view.horizon + view.height * 0.08),), Fill(stops(kind, colour)))
    return [wash, *DRIFTING_BY_SKY[kind](view)]


def _clouds(view: View) -> list[Stroke]:
    if "cloud" in view.without:
        return []
    found: list[Stroke] = []
    tone = mix(WHITE, view.haze, 0.06)
    for n in range(3):
        scale = view.short * view.random.uniform(0.09, 0.17)
        x = view.width * (n + view.random.uniform(0.1, 0.9)) / 3
        y = view.horizon * view.random.uniform(0.1, 0.56)
        puff = cloud(Look((tone,), view.random))[0]
        found.append(placed(Stroke(puff.outlines, puff.fill, 0.9), x, y, scale))
    return found


def _stars(view: View) -> list[Stroke]:
    if "star" in view.without:
        return []
    sizes = ((70, 0.0014, 0.75), (22, 0.0026, 0.95))
    dots = [
        flat(
            (255, 250, 230),
            *(
                o.circle(*view.wander(0, view.horizon * 0.92), max(view.short * radius, 0.6))
                for _ in range(count)
            ),
            opacity=opacity,
        )
        for count, radius, opacity in sizes
    ]
    sparks: list[Stroke] = []
    for _ in range(5):
        x, y = view.wander(0, view.horizon * 0.7)
        sparks.append(glow((190, 200, 255), o.circle(x, y, view.short * 0.022), 0.6))
        sparks.append(flat(WHITE, o.star(x, y, view.short * 0.011, 4, 0.22)))
    return [*dots, *sparks]


def _night(view: View) -> list[Stroke]:
    found = _stars(view)
    if not {"moon", "crescent"} & view.without:
        y, scale = view.horizon * 0.3, view.short * 0.085
        found.extend(
            placed(each, view.light, y, scale)
            for each in moon(Look(((252, 242, 208),), view.random))
        )
    return found


def _low_sun(view: View) -> list[Stroke]:
    if "sun" in view.without:
        return []
    y = view.horizon - view.short * 0.07
    light = glow((255, 226, 160), o.circle(view.light, y, view.short * 0.55), 0.75)
    disc = shaded((255, 238, 190), o.circle(view.light, y, view.short * 0.12), depth=0.2)
    return [light, disc, *_bars(view)]


def _bars(view: View) -> list[Stroke]:
    """Long thin clouds, lit from below."""
    found: list[Stroke] = []
    for _ in range(0 if "cloud" in view.without else 5):
        x, y = view.wander(view.horizon * 0.25, view.horizon * 0.85)
        long, thick = view.width * view.random.uniform(0.1, 0.24), view.short * 0.014
        bar = o.limb([(x - long, y), (x, y - thick * 0.4), (x + long, y)], thick * 1.6, thick * 0.5)
        found.append(flat((255, 206, 180), bar, opacity=0.35))
    return found


def _rain(view: View) -> list[Stroke]:
    tone = (120, 132, 150)
    low: list[Stroke] = []
    for n in range(0 if "cloud" in view.without else 5):
        puff = cloud(Look((tone,), view.random))[0]
        x = view.width * (n + view.random.uniform(0.1, 0.9)) / 5
        low.append(placed(puff, x, view.short * view.random.uniform(0.04, 0.14), view.short * 0.2))
    return low


def _space(view: View) -> list[Stroke]:
    clouds = [
        glow(
            colour,
            o.ellipse(*view.wander(0, view.height), view.width * 0.5, view.height * 0.34),
            0.4,
        )
        for colour in ((120, 60, 160), (40, 90, 170), (190, 70, 130))
    ]
    x, y = (
        view.width * view.random.uniform(0.72, 0.86),
        view.height * view.random.uniform(0.16, 0.28),
    )
    radius = view.short * 0.09
    if "planet" in view.without:
        return [*clouds, *_stars(view)]
    back, front = (
        o.turned(o.sector(x, y, radius * 1.35, radius * 1.8, *arc, 0.3), -18, (x, y))
        for arc in ((180, 360), (0, 180))
    )
    ball = o.circle(x, y, radius)
    return [
        *clouds,
        *_stars(view),
        shaded((246, 210, 160), back),
        shaded((236, 150, 96), ball, depth=0.25),
        shaded((246, 210, 160), front),
    ]


DRIFTING_BY_SKY: dict[str, Callable[[View], list[Stroke]]] = {
    "day": _clouds,
    "night": _night,
    "sunset": _low_sun,
    "dawn": _low_sun,
    "rain": _rain,
    "winter": _clouds,
    "space": _space,
}


def weather(view: View, kind: str) -> list[Stroke]:
    """What falls in front of everything: rain, snow."""
    if kind == "rain":
        drop = view.short * 0.035
        points = [view.wander(0, view.height) for _ in range(120)]
        drops = [
            o.limb([(x, y), (x - drop * 0.3, y + drop)], max(view.short * 0.002, 0.7))
            for x, y in points
        ]
        return [flat((226, 236, 248), *drops, opacity=0.5)]
    if kind == "winter" and "snow" not in view.without:
        sizes = ((90, 0.0035, 0.75), (30, 0.007, 0.85))
        return [
            flat(
                WHITE,
                *(
                    o.circle(*view.wander(0, view.height), max(view.short * radius, 0.7))
                    for _ in range(count)
                ),
                opacity=opacity,
            )
            for count, radius, opacity in sizes
        ]
    return []
