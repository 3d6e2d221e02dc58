"""The small honest mark on every picture: demo, not AI."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from imageway.painting.brush import Box

TEXT = "demo, not AI"
LEAST_WIDTH = 128


def sign(area: Box, canvas: Image.Image) -> None:
    """Write the mark into the lower right corner of an area, if it has room for it."""
    if canvas.width < LEAST_WIDTH:
        return
    label = _label(max(min(canvas.size) // 48, 10))
    margin = max(label.height // 3, 1)
    left, top = area[2] - label.width - margin, area[3] - label.height - margin
    if left < area[0] or top < area[1]:
        return
    if canvas.mode == "RGBA":
        canvas.alpha_composite(label, (left, top))
    else:
        canvas.paste(label, (left, top), label)


@lru_cache(maxsize=16)
def _label(size: int) -> Image.Image:
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(TEXT)
    gap = max(size * 0.45, 2)
    width, height = round(right - left + 2 * gap), round(bottom - top + 1.4 * gap)
    label = Image.new("RGBA", (width, height), (20, 20, 36, 0))
    draw = ImageDraw.Draw(label)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), height // 2, (20, 20, 36, 140))
    # Drawn over and not with its own alpha, so that the letters keep the label's background.
    letters = Image.new("L", (width, height))
    ImageDraw.Draw(letters).text((gap - left, 0.7 * gap - top), TEXT, fill=255, font=font)
    label.paste((255, 255, 255, 255), (0, 0), letters)
    return label
