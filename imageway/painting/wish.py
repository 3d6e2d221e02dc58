"""What a painter is asked for, and what it shows while it works."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class Wish:
    """What to paint; where a mask is transparent, the first reference may change."""

    prompt: str
    width: int = 1024
    height: int = 1024
    seed: int = 0
    negative_prompt: str = ""
    transparent: bool = False
    steps: int = 8
    references: tuple[Image.Image, ...] = ()
    mask: Image.Image | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step; the image is the canvas itself, so copy it to keep it."""

    number: int
    total: int
    stage: str
    image: Image.Image
