"""The seven shapes, the sizes the model was trained on, and what a free size must obey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Ratio = Literal["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"]
Pixels = tuple[int, int]

NATIVE: Mapping[Ratio, Pixels] = {
    "1:1": (1328, 1328),
    "16:9": (1664, 928),
    "9:16": (928, 1664),
    "4:3": (1472, 1104),
    "3:4": (1104, 1472),
    "3:2": (1584, 1056),
    "2:3": (1056, 1584),
}
USUAL: Ratio = "1:1"
# The latents are packed two by two behind a factor of eight; other sizes are rounded in silence.
MULTIPLE = 16
LEAST_EDGE, MOST_EDGE = 256, 1664
MOST_PIXELS = 1328 * 1328


def is_free_size(width: int, height: int) -> bool:
    """Whether the OpenAI-compatible alias may ask for these pixels."""
    return width * height <= MOST_PIXELS and all(
        LEAST_EDGE <= edge <= MOST_EDGE and edge % MULTIPLE == 0 for edge in (width, height)
    )
