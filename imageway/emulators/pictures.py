"""Pictures that decode, in the size and format asked for, painted in no time."""

from __future__ import annotations

import base64
import colorsys
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw

# Speed matters here, not bytes.
FASTEST_BY_FORMAT: dict[str, dict[str, int]] = {
    "png": {"compress_level": 1},
    "webp": {"method": 0, "quality": 60},
    "jpeg": {"quality": 70},
    "gif": {},
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    '<rect width="100%" height="100%" fill="{colour}"/></svg>'
)


@lru_cache(maxsize=64)
def paint(
    width: int, height: int, kind: str = "png", number: int = 0, *, transparent: bool = False
) -> bytes:
    """One picture of a kind (png, jpeg, webp, gif, svg); another number gives another picture."""
    if kind == "svg":
        return SVG.format(width=width, height=height, colour=_colour(number)).encode()
    image = _drawn(width, height, number, transparent=transparent)
    return _encoded(image, kind, [])


@lru_cache(maxsize=8)
def animate(width: int, height: int, number: int, frames: int, milliseconds: int) -> bytes:
    """An animated GIF."""
    first, *others = (
        _drawn(width, height, number + frame, transparent=False) for frame in range(frames)
    )
    out = BytesIO()
    first.save(out, "gif", save_all=True, append_images=others, duration=milliseconds, loop=0)
    return out.getvalue()


@lru_cache(maxsize=64)
def paint_base64(
    width: int, height: int, kind: str = "png", number: int = 0, *, transparent: bool = False
) -> str:
    """The same picture as base64 text."""
    painted = paint(width, height, kind, number, transparent=transparent)
    return base64.b64encode(painted).decode()


def _drawn(width: int, height: int, number: int, *, transparent: bool) -> Image.Image:
    ground = (0, 0, 0, 0) if transparent else _colour(number)
    image = Image.new("RGBA" if transparent else "RGB", (width, height), ground)
    draw = ImageDraw.Draw(image)
    left, top = width * (number % 5) // 10, height * (number % 3) // 6
    draw.ellipse((left, top, left + width // 2, top + height // 2), fill=_colour(number + 7))
    return image


def _encoded(image: Image.Image, kind: str, others: list[Image.Image]) -> bytes:
    out = BytesIO()
    image.save(out, kind, **FASTEST_BY_FORMAT[kind])
    return out.getvalue()


def _colour(number: int) -> str:
    red, green, blue = colorsys.hsv_to_rgb(number * 0.381966 % 1, 0.6, 0.9)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
