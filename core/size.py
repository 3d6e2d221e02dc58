"""Two small values that people write as text: a size in pixels and an aspect ratio."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import gcd

MAX_EDGE = 16_384
SIZE = re.compile(r"\s*(\d{1,9})\s*[x×*]\s*(\d{1,9})\s*", re.IGNORECASE)
ASPECT = re.compile(r"\s*(\d{1,5})\s*[:/]\s*(\d{1,5})\s*")
WIDEST = 32


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if not (1 <= self.width <= MAX_EDGE and 1 <= self.height <= MAX_EDGE):
            raise ValueError(
                f"each edge must be from 1 to {MAX_EDGE} pixels, got {self.width}x{self.height}"
            )

    @classmethod
    def parse(cls, text: str) -> Size:
        """Read WIDTHxHEIGHT."""
        found = SIZE.fullmatch(text)
        if found is None:
            raise ValueError(f"a size is written WIDTHxHEIGHT, such as 1024x768, got {text[:60]!r}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def ratio(self) -> float:
        """Width over height."""
        return self.width / self.height

    @property
    def aspect(self) -> Aspect:
        """The ratio in lowest terms."""
        shared = gcd(self.width, self.height)
        return Aspect(self.width // shared, self.height // shared)


@dataclass(frozen=True, slots=True)
class Aspect:
    """Width to height, such as 16:9."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Aspect:
        """Read WIDTH:HEIGHT; raises when it is no ratio or one too extreme to draw."""
        found = ASPECT.fullmatch(text)
        aspect = cls(int(found[1]), int(found[2])) if found else None
        if aspect is None or not aspect.is_drawable:
            raise ValueError(
                f"an aspect is written WIDTH:HEIGHT, such as 16:9, at most {WIDEST}:1, "
                f"got {text[:60]!r}"
            )
        return aspect

    @property
    def is_drawable(self) -> bool:
        """Whether both parts are there and neither is more than WIDEST times the other."""
        short, long = sorted((self.width, self.height))
        return short > 0 and long <= WIDEST * short

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"

    @property
    def ratio(self) -> float:
        """Width over height."""
        return self.width / self.height
