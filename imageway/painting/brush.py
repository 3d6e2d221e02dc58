"""Lays strokes on a canvas with smooth edges."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw

from imageway.painting.outlines import Outline, bounds
from imageway.painting.pixels import mapped, stretched
from imageway.painting.strokes import Fill, Stroke

Box: TypeAlias = tuple[int, int, int, int]
Extent: TypeAlias = tuple[float, float, float, float]

# The longest edge of a form in pixels, and how many times finer than the canvas it is drawn.
FINENESS = ((160, 4), (640, 3), (2200, 2))


def lay(stroke: Stroke, canvas: Image.Image) -> None:
    """Lay the part of a stroke that lies on the canvas."""
    whole = bounds(stroke.outlines)
    part = _common(whole, canvas.size)
    if part is None:
        return
    mask = _mask(stroke, whole, part)
    if stroke.opacity < 1:
        mask = mapped(mask, [round(value * stroke.opacity) for value in range(256)])
    paint = _paint(stroke.fill, whole, part)
    if canvas.mode == "RGB":
        canvas.paste(paint, part, mask)
        return
    paint.putalpha(mask)
    canvas.alpha_composite(paint, part[:2])


def _common(whole: Extent, size: tuple[int, int]) -> Box | None:
    left, top = max(floor(whole[0]), 0), max(floor(whole[1]), 0)
    right, bottom = min(ceil(whole[2]), size[0]), min(ceil(whole[3]), size[1])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _mask(stroke: Stroke, whole: Extent, part: Box) -> Image.Image:
    form = _faded(whole, part) if stroke.soft else _filled(stroke.outlines, part)
    return ImageChops.multiply(form, _filled((stroke.clip,), part)) if stroke.clip else form


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


def _paint(fill: Fill, whole: Extent, part: Box) -> Image.Image:
    size, stops = (part[2] - part[0], part[3] - part[1]), fill.stops
    if len(stops) == 1:
        return Image.new("RGB", size, stops[0])
    strip = Image.frombytes("RGB", (1, len(stops)), bytes(sum(stops, ())))
    # From the middle of the first stop to the middle of the last.
    down = (len(stops) - 1) / max(whole[3] - whole[1], 1)
    top, bottom = (0.5 + (max(edge - whole[1], 0)) * down for edge in (part[1], part[3]))
    return stretched(strip, size, (0, top, 1, min(bottom, len(stops) - 0.5)))


@lru_cache(maxsize=1)
def _fading() -> Image.Image:
    """White in the middle, black at the edge, soft between."""
    # Pillow's gradient is 181 at the middle of each edge.
    curve = [round(255 * (1 - min(value / 180, 1) ** 2) ** 3) for value in range(256)]
    return mapped(Image.radial_gradient("L"), curve)


def _faded(whole: Extent, part: Box) -> Image.Image:
    """The piece that lies at `part` of a light that fills `whole`."""
    light = _fading()
    across = light.width / max(whole[2] - whole[0], 1)
    down = light.height / max(whole[3] - whole[1], 1)
    left, top = max((part[0] - whole[0]) * across, 0), max((part[1] - whole[1]) * down, 0)
    right = min((part[2] - whole[0]) * across, light.width)
    bottom = min((part[3] - whole[1]) * down, light.height)
    return stretched(light, (part[2] - part[0], part[3] - part[1]), (left, top, right, bottom))
