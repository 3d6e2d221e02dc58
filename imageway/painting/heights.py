"""Mountains and forests: what stands between the land and the sky."""

from __future__ import annotations

from imageway.painting.colours import WHITE, Colour, darker, mix
from imageway.painting.land import tufts
from imageway.painting.outlines import Outline
from imageway.painting.strokes import Stroke, flat, shaded, within
from imageway.painting.view import View


def mountains(view: View, colour: Colour | None) -> list[Stroke]:
    """Two ranges; the snow on their heads follows the rock."""
    rock = colour or (104, 116, 152)
    found: list[Stroke] = []
    for distance, tall, peaks in ((0.6, 0.5, 5), (0.2, 0.34, 4)):
        tone = mix(view.lit(rock), view.haze, distance)
        step = view.width / peaks
        for n in view.random.sample(range(peaks + 1), peaks + 1):
            x = step * (n + view.random.uniform(-0.25, 0.25))
            top = view.horizon - view.height * tall * view.random.uniform(0.55, 1.0)
            found.extend(_mountain(view, tone, x, top, step * 1.1))
    base = mix(view.lit((110, 168, 104)), view.haze, 0.25)
    return [*found, shaded(base, view.ridge(view.horizon, view.height * 0.03, 4), depth=0.14)]


def _mountain(view: View, tone: Colour, x: float, top: float, wide: float) -> list[Stroke]:
    foot = view.horizon + view.height * 0.08
    rock = ((x, top), (x + wide, foot), (x - wide, foot))
    shade = (
        (x, top),
        (x + wide, foot),
        (x + wide * 0.12, foot),
        (x - wide * 0.08, top + (foot - top) * 0.5),
    )
    fall, half = (foot - top) * 0.3, wide * 0.3
    cap = (
        (x, top),
        (x + half, top + fall),
        (x + half * 0.45, top + fall * 0.78),
        (x + half * 0.1, top + fall * 1.16),
        (x - half * 0.35, top + fall * 0.8),
        (x - half, top + fall),
    )
    white = mix(WHITE, view.haze, 0.2)
    return [
        shaded(tone, rock, depth=0.14),
        *within(rock, flat(darker(tone, 0.25), shade, opacity=0.5)),
        shaded(white, cap, depth=0.06),
    ]


def forest(view: View, colour: Colour | None) -> list[Stroke]:
    """Rows of firs that fade with the distance, and a clearing."""
    green = view.tone(colour, (52, 122, 88))
    found: list[Stroke] = []
    for distance, tall, number in ((0.62, 0.34, 17), (0.36, 0.42, 13), (0.08, 0.52, 9)):
        tone = mix(green, view.haze, distance)
        firs: list[Outline] = []
        for n in range(number + 1):
            x = view.width * (n + view.random.uniform(-0.3, 0.3)) / number
            # The clearing stays open, so that whoever stands there is seen.
            open_sky = 0.55 if distance < 0.2 and 0.2 < x / view.width < 0.8 else 1.0
            firs.extend(
                _fir(
                    x,
                    view.horizon + view.height * 0.05,
                    view.height * tall * open_sky * view.random.uniform(0.7, 1.0),
                )
            )
        found.append(shaded(tone, *firs, depth=0.16))
    floor = mix(view.tone(colour, (104, 164, 84)), green, 0.2)
    return [
        *found,
        shaded(floor, view.ridge(view.horizon, view.height * 0.02, 5), depth=0.2),
        *tufts(view, floor),
    ]


def _fir(x: float, foot: float, tall: float) -> list[Outline]:
    return [
        (
            (x, foot - tall * top),
            (x + tall * wide, foot - tall * low),
            (x - tall * wide, foot - tall * low),
        )
        for top, low, wide in ((1.0, 0.6, 0.13), (0.8, 0.34, 0.18), (0.58, 0.0, 0.23))
    ]
