"""Open land: meadow, desert, snow."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import COLOUR_BY_NAME, WHITE, Colour, darker, mix
from imageway.painting.outlines import Outline
from imageway.painting.strokes import Fill, Stroke, flat, shaded
from imageway.painting.view import View


def meadow(view: View, colour: Colour | None) -> list[Stroke]:
    """Two hills, tufts of grass, and flowers."""
    green = view.tone(colour, (122, 190, 92))
    depth = view.height - view.horizon
    far = view.ridge(view.horizon, depth * 0.16, 3)
    near = view.ridge(view.horizon + depth * 0.3, depth * 0.1, 4)
    found = [
        shaded(mix(green, view.haze, 0.3), far, depth=0.08),
        shaded(green, near, depth=0.16),
        *tufts(view, green),
    ]
    return found if "flower" in view.without else [*found, *_dots(view)]


def tufts(view: View, green: Colour) -> list[Stroke]:
    """Tufts of grass."""
    blades: list[Outline] = []
    for _ in range(34):
        x, y = view.wander(view.horizon + (view.height - view.horizon) * 0.4, view.height)
        tall = view.short * 0.016
        blades.extend(
            ((x + s * tall * 0.1, y), (x + s * tall * 0.9, y - tall), (x + s * tall * 0.4, y))
            for s in (-0.8, 0.1, 0.9)
        )
    return [flat(darker(green, 0.3), *blades, opacity=0.5)]


def _dots(view: View) -> list[Stroke]:
    colours = view.random.sample(
        [COLOUR_BY_NAME[name] for name in ("pink", "yellow", "lavender")], 2
    )
    top = view.horizon + (view.height - view.horizon) * 0.42
    found: list[Stroke] = []
    for colour in (*colours, WHITE):
        spots = [view.wander(top, view.height) for _ in range(7)]
        radius = view.short * 0.0055
        petals = [
            o.circle(x + dx * radius, y + dy * radius, radius)
            for x, y in spots
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1))
        ]
        found.append(flat(view.lit(colour), *petals, opacity=0.9))
        found.append(flat((252, 206, 90), *(o.circle(x, y, radius * 0.8) for x, y in spots)))
    return found


def desert(view: View, colour: Colour | None) -> list[Stroke]:
    """Dunes behind dunes."""
    sand = view.tone(colour, (238, 190, 120))
    depth = view.height - view.horizon
    return [
        shaded(tone, view.ridge(view.horizon + depth * level, depth * 0.14, peaks), depth=0.14)
        for tone, level, peaks in (
            (mix(sand, view.haze, 0.35), 0.02, 4),
            (darker(sand, 0.1), 0.28, 3),
            (sand, 0.54, 2),
        )
    ]


def snow(view: View, colour: Colour | None) -> list[Stroke]:
    """White drifts with blue shadows."""
    white = view.tone(colour, (244, 248, 253))
    shade = mix(white, (140, 170, 222), 0.3)
    depth = view.height - view.horizon
    far, near = (
        view.ridge(view.horizon, depth * 0.14, 3),
        view.ridge(view.horizon + depth * 0.34, depth * 0.12, 4),
    )
    return [
        Stroke((far,), Fill((mix(shade, white, 0.4), shade))),
        Stroke((near,), Fill((white, mix(white, shade, 0.6)))),
    ]
