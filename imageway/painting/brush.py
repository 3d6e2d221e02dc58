"""Lays strokes on a canvas with smooth edges."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw

from imageway.painting.colours import Colour
from imageway.painting.outlines import Outline, bounds
from imageway.painting.strokes import Fill, Stroke

Box: TypeAlias = tuple[int, int, int, int]

# The longest edge of a form in pixels, and how many times finer than the canvas it is drawn.
FINENESS = ((160, 4), (640, 3), (2200, 2))


def lay(canvas: Image.Image, stroke: Stroke, limit: Box) -> None:
    """Lay the part of a stroke that lies within the limit."""
    whole = bounds(stroke.outlines)
    part = _common(whole, limit)
    if part is None:
        return
    mask = _mask(stroke, whole, part)
    if stroke.opacity < 1:
        mask = mask.point([round(value * stroke.opacity) for value in range(256)])
    paint = _paint(stroke.fill, whole, part)
    if canvas.mode == "RGB":
        canvas.paste(paint, part, mask)
        return
    paint.putalpha(mask)
    canvas.alpha_composite(paint, part[:2])


def _common(whole: tuple[float, float, float, float], limit: Box) -> Box | None:
    left, top = max(floor(whole[0]), limit[0]), max(floor(whole[1]), limit[1])
    right, bottom = min(ceil(whole[2]), limit[2]), min(ceil(whole[3]), limit[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _mask(stroke: Stroke, whole: tuple[float, float, float, float], part: Box) -> Image.Image:
    if stroke.soft:
        mask = _cut(_fading(), whole, part)
    else:
        mask = _filled(stroke.outlines, part)
    return ImageChops.multiply(mask, _filled((stroke.clip,), part)) if stroke.clip else mask


def _filled(outlines: tuple[Outline, ...], part: Box) -> Image.Image:
    left, top, right, bottom = part
    edge = max(right - left, bottom - top)
    fine = next((times for most, times in FINENESS if edge <= most), 1)
    mask = Image.new("L", ((right - left) * fine, (bottom - top) * fine))
    draw = ImageDraw.Draw(mask)
    # Pillow fills every pixel that an edge touches; half a pixel less keeps areas true.
    for outline in outlines:
        points = [((x - left) * fine - 0.5, (y - top) * fine - 0.5) for x, y in outline]
        draw.polygon(points, fill=255)
    return mask.reduce(fine) if fine > 1 else mask


def _paint(fill: Fill, whole: tuple[float, float, float, float], part: Box) -> Image.Image:
    if len(fill.stops) == 1:
        return Image.new("RGB", (part[2] - part[0], part[3] - part[1]), fill.stops[0])
    return _cut(_gradient(fill), whole, part)


def _cut(picture: Image.Image, whole: tuple[float, float, float, float], part: Box) -> Image.Image:
    """The piece of a picture that would lie at `part` if it were stretched over `whole`."""
    across = picture.width / max(whole[2] - whole[0], 0.01)
    down = picture.height / max(whole[3] - whole[1], 0.01)
    left, top = max((part[0] - whole[0]) * across, 0), max((part[1] - whole[1]) * down, 0)
    right = min((part[2] - whole[0]) * across, picture.width)
    bottom = min((part[3] - whole[1]) * down, picture.height)
    size = part[2] - part[0], part[3] - part[1]
    return picture.resize(size, Image.Resampling.BILINEAR, (left, top, right, bottom))


@lru_cache(maxsize=1)
def _fading() -> Image.Image:
    """White in the middle, black at the edge, soft between."""
    curve = [round(255 * (1 - min(value / 180, 1) ** 2) ** 3) for value in range(256)]
    return Image.radial_gradient("L").point(curve)


@lru_cache(maxsize=256)
def _gradient(fill: Fill) -> Image.Image:
    base = Image.radial_gradient("L") if fill.radial else Image.linear_gradient("L")
    base = base if fill.radial else base.crop((0, 0, 4, 256))
    ramp = [_between(fill.stops, value / 255) for value in range(256)]
    channels = [base.point([colour[channel] for colour in ramp]) for channel in range(3)]
    return Image.merge("RGB", channels)


def _between(stops: tuple[Colour, ...], share: float) -> tuple[int, ...]:
    place = share * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    rest = place - first
    pairs = zip(stops[first], stops[first + 1], strict=True)
    return tuple(round(one + (other - one) * rest) for one, other in pairs)
