"""The wishes of a request as data: how firm each is, its names outside, its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Grade = Literal["tunes", "means"]
Dialect = Literal["json", "cli", "chat"]


class Option(StrEnum):
    """An optional field of a request; the value is the field's name."""

    SIZE = "size"
    ASPECT = "aspect"
    SEED = "seed"
    NEGATIVE_PROMPT = "negative_prompt"
    QUALITY = "quality"
    BACKGROUND = "background"
    FORMAT = "format"
    REFERENCES = "references"
    MASK = "mask"
    PREVIEWS = "previews"
    GUIDANCE = "guidance"
    STEPS = "steps"
    STYLE = "style"


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from least to most, both allowed."""

    least: float
    most: float

    def __contains__(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return f"from {self.least:.16g} to {self.most:.16g}"


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option: dropped with a note when it only tunes, refused when it changes the meaning."""

    grade: Grade
    help: str
    json: tuple[str, ...]
    cli: tuple[str, ...] = ()
    chat: tuple[str, ...] = ()
    range: Range | None = None


# The largest seed is the largest integer that every JSON reader holds exactly.
MAX_SEED = 2**53 - 1

ROW_BY_OPTION: Mapping[Option, OptionRow] = {
    Option.SIZE: OptionRow(
        "tunes", "width and height in pixels, such as 1024x768", ("size",), ("--size",), ("size",)
    ),
    Option.ASPECT: OptionRow(
        "tunes",
        "width to height, such as 16:9; the model chooses the pixels",
        ("aspect", "aspect_ratio"),
        ("--aspect",),
        ("aspect", "ar"),
    ),
    Option.SEED: OptionRow(
        "tunes",
        "the same seed draws the same pictures again",
        ("seed",),
        ("--seed",),
        ("seed",),
        Range(0, MAX_SEED),
    ),
    Option.NEGATIVE_PROMPT: OptionRow(
        "tunes",
        "what should not be in the picture",
        ("negative_prompt",),
        ("--negative",),
        ("negative", "no"),
    ),
    Option.QUALITY: OptionRow(
        "tunes",
        "auto, low, medium, high or a model's own word",
        ("quality",),
        ("--quality",),
        ("quality",),
    ),
    Option.BACKGROUND: OptionRow(
        "tunes",
        "opaque or transparent",
        ("background",),
        ("--background",),
        ("background",),
    ),
    Option.FORMAT: OptionRow(
        "tunes",
        "png, jpeg, webp, avif or gif",
        ("format", "output_format"),
        ("--format",),
        ("format",),
    ),
    Option.REFERENCES: OptionRow(
        "means",
        "pictures to start from",
        ("references", "image", "image[]", "images"),
        ("--reference",),
    ),
    Option.MASK: OptionRow(
        "means",
        "a PNG as large as the first reference; where it is transparent may be changed",
        ("mask",),
        ("--mask",),
    ),
    Option.PREVIEWS: OptionRow(
        "tunes",
        "how many unfinished pictures to show on the way",
        ("previews", "partial_images"),
        ("--previews",),
        ("previews",),
        Range(0, 10),
    ),
    Option.GUIDANCE: OptionRow(
        "tunes",
        "how closely to follow the prompt",
        ("guidance", "guidance_scale", "true_cfg_scale", "cfg_scale"),
        ("--guidance",),
        ("guidance", "cfg"),
        Range(0, 50),
    ),
    Option.STEPS: OptionRow(
        "tunes",
        "how many steps to take",
        ("steps", "num_inference_steps"),
        ("--steps",),
        ("steps",),
        Range(1, 150),
    ),
    Option.STYLE: OptionRow(
        "tunes", "a style the model knows by name", ("style",), ("--style",), ("style",)
    ),
}


def names(option: Option, dialect: Dialect) -> tuple[str, ...]:
    """The names an option has in one dialect; the first is the one we write ourselves."""
    row = ROW_BY_OPTION[option]
    match dialect:
        case "json":
            return row.json
        case "cli":
            return row.cli
        case "chat":
            return row.chat


OPTION_BY_JSON_NAME: Mapping[str, Option] = {
    name: option for option, row in ROW_BY_OPTION.items() for name in row.json
}
