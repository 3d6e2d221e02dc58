"""Outlines: every form of a picture is a polygon, and here are the ways to make one."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, pi, sin
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Outline: TypeAlias = tuple[Point, ...]


def ellipse(x: float, y: float, across: float, down: float, turn: float = 0.0) -> Outline:
    """An ellipse by its centre and half axes, turned clockwise by so many degrees."""
    return turned(
        tuple(
            (x + across * cos(2 * pi * n / 96), y + down * sin(2 * pi * n / 96)) for n in range(96)
        ),
        turn,
        (x, y),
    )


def circle(x: float, y: float, radius: float) -> Outline:
    """A round ellipse."""
    return ellipse(x, y, radius, radius)


def box(left: float, top: float, right: float, bottom: float, corner: float = 0.0) -> Outline:
    """A rectangle, with rounded corners if asked."""
    if corner <= 0:
        return (left, top), (right, top), (right, bottom), (left, bottom)
    corner = min(corner, (right - left) / 2, (bottom - top) / 2)
    centres = (
        (right - corner, bottom - corner),
        (left + corner, bottom - corner),
        (left + corner, top + corner),
        (right - corner, top + corner),
    )
    return tuple(
        (x + corner * cos(pi / 2 * (side + n / 8)), y + corner * sin(pi / 2 * (side + n / 8)))
        for side, (x, y) in enumerate(centres)
        for n in range(9)
    )


def regular(sides: int, x: float = 0.0, y: float = 0.0, radius: float = 1.0) -> Outline:
    """A polygon of equal sides, one corner up."""
    angles = [2 * pi * n / sides - pi / 2 for n in range(sides)]
    return tuple((x + radius * cos(angle), y + radius * sin(angle)) for angle in angles)


def star(
    x: float = 0.0, y: float = 0.0, radius: float = 1.0, points: int = 5, waist: float = 0.45
) -> Outline:
    """A star, one point up; the waist is the inner radius as a share of the outer."""
    angles = [pi * n / points - pi / 2 for n in range(2 * points)]
    reach = [radius if n % 2 == 0 else radius * waist for n in range(2 * points)]
    return tuple((x + r * cos(a), y + r * sin(a)) for a, r in zip(angles, reach, strict=True))


def heart(x: float = 0.0, y: float = 0.0, radius: float = 1.0) -> Outline:
    """A heart that fills a square of twice the radius."""
    angles = [2 * pi * n / 96 for n in range(96)]
    return tuple(
        (
            x + radius * sin(a) ** 3,
            y - radius * (13 * cos(a) - 5 * cos(2 * a) - 2 * cos(3 * a) - cos(4 * a) + 2.5) / 14.6,
        )
        for a in angles
    )


def sector(
    x: float, y: float, inner: float, outer: float, start: float, end: float, squash: float = 1.0
) -> Outline:
    """A piece of a ring between two angles in degrees, clockwise from the right."""
    angles = [(start + (end - start) * n / 48) * pi / 180 for n in range(49)]
    far = [(x + outer * cos(a), y + outer * squash * sin(a)) for a in angles]
    near = [(x + inner * cos(a), y + inner * squash * sin(a)) for a in reversed(angles)]
    return (*far, *near)


def crescent(x: float, y: float, radius: float, bite: float = 0.55) -> Outline:
    """A moon that opens to the right; the bite moves the inner edge inwards."""
    angles = [pi / 2 + pi * n / 48 for n in range(49)]
    outer = [(x + radius * cos(a), y + radius * sin(a)) for a in angles]
    inner = [(x + radius * (1 - bite) * cos(a), y + radius * sin(a)) for a in reversed(angles)]
    return (*outer, *inner)


def smooth(*points: Point) -> Outline:
    """A closed soft curve through the points."""
    return curve([points[-1], *points, points[0], points[1]])


def limb(points: Sequence[Point], start: float, end: float | None = None) -> Outline:
    """A thick soft line through the points, round at its ends; it may grow from start to end."""
    end = start if end is None else end
    line = [*curve([points[0], *points, points[-1]]), points[-1]]
    left: list[Point] = []
    right: list[Point] = []
    for n, (x, y) in enumerate(line):
        before, after = line[max(n - 1, 0)], line[min(n + 1, len(line) - 1)]
        run, rise = after[0] - before[0], after[1] - before[1]
        length = hypot(run, rise) or 1.0
        half = (start + (end - start) * n / (len(line) - 1)) / 2
        left.append((x - rise / length * half, y + run / length * half))
        right.append((x + rise / length * half, y - run / length * half))
    return (*left, *_cap(left[-1], right[-1]), *reversed(right), *_cap(right[0], left[0]))


def turned(outline: Outline, degrees: float, about: Point = (0.0, 0.0)) -> Outline:
    """The outline turned clockwise."""
    if degrees == 0:
        return outline
    x, y = about
    over, up = cos(degrees * pi / 180), sin(degrees * pi / 180)
    return tuple(
        (x + (a - x) * over - (b - y) * up, y + (a - x) * up + (b - y) * over) for a, b in outline
    )


def flipped(outline: Outline) -> Outline:
    """The outline as a mirror at x = 0 shows it."""
    return tuple((-x, y) for x, y in outline)


def moved(outline: Outline, x: float, y: float, scale: float = 1.0) -> Outline:
    """The outline scaled, then moved."""
    return tuple((x + a * scale, y + b * scale) for a, b in outline)


def bounds(outlines: Sequence[Outline]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of them all."""
    across = [x for outline in outlines for x, _ in outline]
    down = [y for outline in outlines for _, y in outline]
    return min(across), min(down), max(across), max(down)


def curve(points: Sequence[Point], pieces: int = 10) -> Outline:
    """A Catmull-Rom spline from the second point to the last but one."""
    found: list[Point] = []
    for a, b, c, d in zip(points, points[1:], points[2:], points[3:], strict=False):
        for n in range(pieces):
            t = n / pieces
            x = _spline(a[0], b[0], c[0], d[0], t)
            found.append((x, _spline(a[1], b[1], c[1], d[1], t)))
    return tuple(found)


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * (b - c) + d - a) * t**3
    )


def _cap(start: Point, end: Point) -> Outline:
    """Half a circle from start to end."""
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    across, down = start[0] - x, start[1] - y
    angles = [pi * n / 8 for n in range(1, 8)]
    return tuple(
        (x + across * cos(a) + down * sin(a), y + down * cos(a) - across * sin(a)) for a in angles
    )
