"""The sizes that OpenAI's models take."""

from __future__ import annotations

import re

from imageway.emulators.openai_errors import USER, invalid, invalid_value
from imageway.emulators.openai_models import Model
from imageway.emulators.openai_parameters import listed

SIZE = re.compile(r"([1-9]\d{0,5})x([1-9]\d{0,5})")
USUAL = (1024, 1024)
LONGEST_EDGE = 3840
MOST_PIXELS = 3840 * 2160
STEP = 16
WIDEST = 3


def measure(size: str, model: Model) -> tuple[int, int]:
    """Width and height of a size that the model takes."""
    if size == "auto":
        return USUAL
    if model.sizes and size not in model.sizes:
        raise invalid_value("size", size, listed((*model.sizes, "auto")))
    found = SIZE.fullmatch(size)
    if found is None:
        raise invalid_value("size", size, "'auto' and sizes such as '1024x1024'.")
    width, height = int(found[1]), int(found[2])
    problem = _problem(width, height)
    if problem and not model.sizes:
        raise invalid("size", f"Invalid size '{size}'. {problem}", kind=USER)
    return width, height


def _problem(width: int, height: int) -> str | None:
    if max(width, height) > LONGEST_EDGE:
        return f"The longest edge must be less than or equal to {LONGEST_EDGE}."
    if width % STEP or height % STEP:
        return f"Width and height must be divisible by {STEP}."
    if max(width, height) > WIDEST * min(width, height):
        return f"The aspect ratio must be between 1:{WIDEST} and {WIDEST}:1."
    if width * height > MOST_PIXELS:
        return "The largest size is 3840x2160."
    return None
