"""The city, by day and by night."""

from __future__ import annotations

from imageway.painting import outlines as o
from imageway.painting.colours import COLOUR_BY_NAME, MERRY, Colour, darker, lighter, mix
from imageway.painting.outlines import Outline
from imageway.painting.strokes import Stroke, flat, shaded
from imageway.painting.view import View


def city(view: View, colour: Colour | None) -> list[Stroke]:
    """Towers near and far, their windows, and a street."""
    wall = colour or ((58, 58, 108) if view.dark else (134, 146, 180))
    rows = ((0.55, 0.36, 0.62, 11), (0.2, 0.18, 0.46, 8))
    found = [stroke for row in rows for stroke in _row(view, wall, *row)]
    road = (44, 44, 66) if view.dark else (116, 120, 134)
    lines = [
        o.box(x, view.height * 0.91, x + view.width * 0.05, view.height * 0.92)
        for x in (view.width * n / 8 for n in range(9))
    ]
    curb = view.across(view.horizon, view.horizon + view.height * 0.016)
    return [
        *found,
        shaded(road, view.across(view.horizon)),
        flat(lighter(road, 0.3), curb),
        flat((250, 226, 150), *lines, opacity=0.8),
    ]


def _row(
    view: View, wall: Colour, distance: float, least: float, most: float, number: int
) -> list[Stroke]:
    found: list[Stroke] = []
    step = view.width / number
    for n in range(number):
        left = step * n + step * view.random.uniform(-0.1, 0.1)
        top = view.horizon - view.height * view.random.uniform(least, most)
        hue = mix(wall, COLOUR_BY_NAME[view.random.choice(MERRY)], 0.16)
        tone = mix(hue, view.haze, distance * (0.5 if view.dark else 1))
        house = o.box(left, top, left + step * 1.02, view.horizon + 1)
        found.append(shaded(tone, house, depth=0.16))
        found.extend(_roof(view, tone, left, top, step))
        found.extend(_windows(view, tone, left, top, step))
    return found


def _roof(view: View, tone: Colour, left: float, top: float, step: float) -> list[Stroke]:
    middle, high = left + step * 0.5, view.height * 0.04
    roofs: tuple[Outline, ...] = (
        o.box(middle - step * 0.03, top - high, middle + step * 0.03, top + 1),
        o.box(left + step * 0.2, top - high * 0.5, left + step * 0.8, top + 1),
        ((left, top + 1), (middle, top - high), (left + step * 1.02, top + 1)),
    )
    choice = view.random.randrange(4)
    return [shaded(tone, roofs[choice])] if choice < 3 else []


def _windows(view: View, tone: Colour, left: float, top: float, step: float) -> list[Stroke]:
    lit: list[Outline] = []
    unlit: list[Outline] = []
    columns = 3
    gap = step / columns
    rows = int((view.horizon - top) / (gap * 1.15))
    for row in range(min(rows, 24)):
        for column in range(columns):
            x, y = left + gap * (column + 0.28), top + gap * (0.4 + row * 1.15)
            pane = o.box(x, y, x + gap * 0.46, y + gap * 0.6)
            (lit if view.random.random() < (0.62 if view.dark else 0.25) else unlit).append(pane)
    warm = (255, 214, 120) if view.dark else (232, 244, 252)
    return [
        flat(colour, *panes, opacity=opacity)
        for colour, panes, opacity in ((warm, lit, 0.9), (darker(tone, 0.35), unlit, 0.5))
        if panes
    ]
