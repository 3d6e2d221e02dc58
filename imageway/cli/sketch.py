"""A picture as a terminal can show it: two pixels a letter, one above the other."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError
from rich.color import Color
from rich.style import Style
from rich.text import Text

from imageway.core.picture import Picture

WIDTH, HEIGHT = 32, 24
UPPER_HALF = "▀"


def sketch(picture: Picture) -> Text | None:
    """Draw small; None where the bytes are no picture after all."""
    try:
        opened = Image.open(BytesIO(picture.bytes))
        opened.draft("RGB", (WIDTH, HEIGHT))
        opened.thumbnail((WIDTH, HEIGHT))
        small = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    rows = range(0, small.height - 1, 2)
    return Text("\n").join(_line(small, row) for row in rows)


def _line(image: Image.Image, row: int) -> Text:
    line = Text()
    for column in range(image.width):
        style = Style(color=_at(image, column, row), bgcolor=_at(image, column, row + 1))
        line.append(UPPER_HALF, style)
    return line


def _at(image: Image.Image, column: int, row: int) -> Color:
    found = image.getpixel((column, row))
    red, green, blue = found if isinstance(found, tuple) else (0, 0, 0)
    return Color.from_rgb(red, green, blue)
