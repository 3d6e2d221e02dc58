"""Two of Pillow's methods, for type checkers that cannot see the numpy in their signatures."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image


def stretched(
    image: Image.Image,
    size: tuple[int, int],
    part: tuple[float, float, float, float] | None = None,
    resample: Image.Resampling = Image.Resampling.BILINEAR,
) -> Image.Image:
    """The picture, or a part of it, at another size."""
    return image.resize(size, resample, part)  # pyright: ignore[reportUnknownMemberType]


def mapped(image: Image.Image, table: Sequence[int]) -> Image.Image:
    """The picture with every value looked up in a table of 256."""
    return image.point(table)  # pyright: ignore[reportUnknownMemberType]
