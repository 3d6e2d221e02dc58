"""Looks at pictures: which pixels have a colour, and what connected forms they make."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from PIL import Image, ImageChops

from imageway.painting.colours import COLOUR_BY_NAME, Colour

# Forms are shaded, at most by so much in a channel.
SHADING = 46
SPECKS = 12


@dataclass(frozen=True, slots=True)
class Form:
    """One connected form: its pixels and the box around them."""

    area: int
    left: int
    top: int
    right: int
    bottom: int

    @property
    def fullness(self) -> float:
        """The share of its box that it fills: 1 for a square, pi / 4 for a circle."""
        return self.area / ((self.right - self.left) * (self.bottom - self.top))

    @property
    def shape(self) -> float:
        """Width by height."""
        return (self.right - self.left) / (self.bottom - self.top)

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def pixels_of(image: Image.Image, colour: str | Colour, tolerance: int = SHADING) -> Image.Image:
    """White where the picture has the colour, black elsewhere."""
    wanted = COLOUR_BY_NAME[colour] if isinstance(colour, str) else colour
    plain = image.convert("RGB")
    channels = ImageChops.difference(plain, Image.new("RGB", plain.size, wanted)).split()
    farthest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return Image.frombytes(
        "L", plain.size, bytes(255 if v <= tolerance else 0 for v in farthest.tobytes())
    )


def share_of(image: Image.Image, colour: str | Colour, tolerance: int = SHADING) -> float:
    """How much of the picture has the colour, from 0 to 1."""
    seen = pixels_of(image, colour, tolerance)
    return seen.histogram()[255] / (seen.width * seen.height)


def forms_of(image: Image.Image, colour: str | Colour) -> list[Form]:
    """The connected forms of a colour, from left to right, without specks."""
    seen = pixels_of(image, colour)
    width, height = seen.size
    left_to_see = bytearray(seen.tobytes())
    forms: list[Form] = []
    for start, value in enumerate(bytes(left_to_see)):
        if value and left_to_see[start]:
            form = _grown(left_to_see, start, width, height)
            if form.area > SPECKS:
                forms.append(form)
    return sorted(forms, key=lambda form: form.middle)


def _grown(seen: bytearray, start: int, width: int, height: int) -> Form:
    seen[start] = 0
    found, waiting = [start], deque([start])
    while waiting:
        place = waiting.popleft()
        column = place % width
        for other, inside in (
            (place - 1, column > 0),
            (place + 1, column < width - 1),
            (place - width, place >= width),
            (place + width, place < width * (height - 1)),
        ):
            if inside and seen[other]:
                seen[other] = 0
                found.append(other)
                waiting.append(other)
    columns, rows = [place % width for place in found], [place // width for place in found]
    return Form(len(found), min(columns), min(rows), max(columns) + 1, max(rows) + 1)
