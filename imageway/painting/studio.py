"""Backdrops for what has no landscape: a calm studio, and abstract compositions."""

from __future__ import annotations

from random import Random

from imageway.painting import outlines as o
from imageway.painting.colours import (
    COLOUR_BY_NAME,
    MERRY,
    WHITE,
    Colour,
    apart,
    brightness,
    darker,
    lighter,
    mix,
)
from imageway.painting.strokes import Fill, Stroke, flat, glow, shaded
from imageway.painting.view import View

# The first that lie clearly apart from all the colours asked for are taken: light, dark, between.
PAPERS: tuple[tuple[Colour, ...], ...] = (
    (
        (250, 240, 222),
        (226, 240, 232),
        (222, 234, 248),
        (238, 228, 246),
        (252, 228, 222),
        (240, 240, 236),
    ),
    ((44, 50, 78), (58, 44, 72)),
    ((122, 156, 190), (190, 142, 132), (132, 168, 150), (150, 138, 176)),
)
CLEARLY_APART = 110.0


def paper(colours: tuple[Colour, ...], random: Random) -> Colour:
    """A background on which all the colours are seen."""
    for tones in PAPERS:
        suitable = [tone for tone in tones if apart(tone, colours) > CLEARLY_APART]
        if suitable:
            return random.choice(suitable)
    return max((tone for tones in PAPERS for tone in tones), key=lambda tone: apart(tone, colours))


def studio(view: View, tone: Colour) -> list[Stroke]:
    """Paper with a soft light and a few large pale rings."""
    wash = Stroke((view.across(0),), Fill((lighter(tone, 0.35), tone, darker(tone, 0.07))))
    spot = glow(
        lighter(tone, 0.8),
        o.circle(view.light, view.height * 0.4, max(view.width, view.height) * 0.7),
        0.5,
    )
    rings: list[Stroke] = []
    faint = darker(tone, 0.05) if brightness(tone) > 0.5 else lighter(tone, 0.06)
    for _ in range(3):
        x, y = view.wander(0, view.height)
        radius = view.short * view.random.uniform(0.16, 0.4)
        rings.append(flat(faint, o.sector(x, y, radius * 0.86, radius, 0, 360), opacity=0.5))
    return [wash, *rings, spot]


def palette(view: View, asked: tuple[Colour, ...]) -> list[Colour]:
    """Five colours that go together, led by those asked for."""
    if asked:
        return [
            mix(colour, other, share)
            for share, other in (
                (0, WHITE),
                (0.4, WHITE),
                (0.25, (30, 24, 70)),
                (0.65, WHITE),
                (0.15, WHITE),
            )
            for colour in asked[:5]
        ]
    first = view.random.randrange(len(MERRY))
    return [COLOUR_BY_NAME[MERRY[(first + step) % len(MERRY)]] for step in (0, 1, 2, 4, 5)]


def abstract(view: View, asked: tuple[Colour, ...]) -> list[Stroke]:
    """A composition that only its words and its seed know, without the paper under it."""
    return view.random.choice((_planets, _hills, _petals))(view, palette(view, asked))


def _planets(view: View, colours: list[Colour]) -> list[Stroke]:
    """Circles and rings that overlap like glass."""
    found: list[Stroke] = []
    for n in range(11):
        x, y = view.wander(view.height * 0.08, view.height * 0.92)
        radius = (
            view.short * view.random.choice((0.05, 0.08, 0.13, 0.2, 0.28)) * (1.3 if n == 0 else 1)
        )
        colour = colours[n % len(colours)]
        form = o.circle(x, y, radius) if n % 3 else o.sector(x, y, radius * 0.6, radius, 0, 360)
        found.append(
            Stroke((form,), Fill((lighter(colour, 0.2), colour, darker(colour, 0.12))), 0.82)
        )
    line = [(view.width * n / 6, view.height * view.random.uniform(0.2, 0.8)) for n in range(-1, 8)]
    return [*found, flat(darker(colours[0], 0.5), o.limb(line, view.short * 0.008), opacity=0.6)]


def _hills(view: View, colours: list[Colour]) -> list[Stroke]:
    """Waves under a great disc."""
    disc = o.circle(view.light, view.height * 0.34, view.short * 0.2)
    found = [shaded(colours[0], disc)]
    for n in range(6):
        level = view.height * (0.36 + 0.11 * n)
        colour = colours[(n + 1) % len(colours)]
        found.append(
            shaded(
                mix(colour, darker(colours[0], 0.6), 0.06 * n),
                view.ridge(level, view.height * 0.08, 3 + n % 2),
                depth=0.2,
            )
        )
    return found


def _petals(view: View, colours: list[Colour]) -> list[Stroke]:
    """A great flower of arcs, off the middle."""
    x, y = view.width * view.random.uniform(0.36, 0.64), view.height * view.random.uniform(0.4, 0.6)
    found: list[Stroke] = []
    for ring in range(5, 0, -1):
        reach, count = view.short * 0.11 * ring, 5 + 2 * ring
        colour = colours[ring % len(colours)]
        twist = view.random.uniform(0, 90)
        petals = [
            o.turned(
                o.ellipse(x + reach * 0.62, y, reach * 0.4, reach * 0.2),
                twist + n * 360 / count,
                (x, y),
            )
            for n in range(count)
        ]
        found.append(
            Stroke(tuple(petals), Fill((lighter(colour, 0.25), colour, darker(colour, 0.1))), 0.86)
        )
    return [*found, shaded(lighter(colours[0], 0.5), o.circle(x, y, view.short * 0.06))]
