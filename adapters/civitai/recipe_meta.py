"""What an uploader's tool wrote of a picture → wishes; whatever is odd is left out by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway.adapters.civitai.engines import SEEDS
from imageway.core.options import ROW_BY_OPTION, Option, Range
from imageway.core.request import MAX_PROMPT
from imageway.core.size import Size

Object = Mapping[str, JsonValue]
Read = Callable[[JsonValue], JsonValue]

NOT_PLAIN = re.compile(r"[^a-z0-9]")
A_NUMBER = re.compile(r"-?\d{1,16}(?:\.\d{1,16})?")
CLIP_SKIPS = Range(1, 12)
LONGEST_VALUE, LONGEST_NAME, MOST_LEFT_OUT = 60, 60, 30


@dataclass(slots=True)
class Meta:
    """A picture's own words: wishes, words that only one engine can judge, and what is left out."""

    prompt: str = ""
    wishes: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    sampler: str | None = None
    clip_skip: int | None = None
    left_out: list[str] = field(default_factory=list[str])


def read_meta(said: Object) -> Meta:
    """Read each key that means something to us; two spellings of one key count once."""
    meta = Meta()
    taken: dict[str, JsonValue] = {}
    for key, value in said.items():
        plain = NOT_PLAIN.sub("", key.lower())
        name = NAME_BY_KEY.get(plain)
        if name is None:
            if plain not in TOLD_OTHERWISE and value not in (None, "", [], {}):
                meta.left_out.append(key[:LONGEST_NAME])
        elif name not in taken and value not in (None, ""):
            taken[name] = value
            _take(meta, name, value)
    return meta


def _take(meta: Meta, name: str, value: JsonValue) -> None:
    read = READ_BY_NAME[name](value)
    if read is None:
        meta.left_out.append(f"{name} {_shown(value)}")
    elif name == "prompt":
        meta.prompt = str(read)
    elif name == "sampler":
        meta.sampler = str(read)
    elif name == "clip_skip":
        meta.clip_skip = int(str(read))
    else:
        meta.wishes[name] = read


def _text(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return None
    text = value.replace("\x00", "").strip()
    return text if text and len(text) <= MAX_PROMPT else None


def _word(value: JsonValue) -> JsonValue:
    is_word = isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_VALUE
    return value if is_word else None


def _number(value: JsonValue) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if not A_NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def _within(bounds: Range | None, *, whole: bool) -> Read:
    def read(value: JsonValue) -> JsonValue:
        number = _number(value)
        if number is None or (bounds is not None and number not in bounds):
            return None
        if whole:
            return int(number) if number == int(number) else None
        return number

    return read


def _size(value: JsonValue) -> JsonValue:
    try:
        return str(Size.parse(value)) if isinstance(value, str) else None
    except ValueError:
        return None


READ_BY_NAME: Mapping[str, Read] = {
    "prompt": _text,
    "negative_prompt": _text,
    "seed": _within(SEEDS, whole=True),
    "steps": _within(ROW_BY_OPTION[Option.STEPS].range, whole=True),
    "guidance": _within(ROW_BY_OPTION[Option.GUIDANCE].range, whole=False),
    "size": _size,
    "sampler": _word,
    "clip_skip": _within(CLIP_SKIPS, whole=True),
}
# Keys without case and blanks, for each tool has a spelling of its own.
NAME_BY_KEY: Mapping[str, str] = {
    "prompt": "prompt",
    "negativeprompt": "negative_prompt",
    "seed": "seed",
    "steps": "steps",
    "cfgscale": "guidance",
    "cfg": "guidance",
    "size": "size",
    "sampler": "sampler",
    "clipskip": "clip_skip",
}
# Which model it was is asked of the site, by number.
TOLD_OTHERWISE = frozenset({"model", "modelhash", "hashes", "civitairesources", "resources"})


def _shown(value: JsonValue) -> str:
    try:
        said = repr(value)
    except (ValueError, RecursionError):
        return "of an enormous size"
    return said if len(said) <= LONGEST_VALUE else f"{said[: LONGEST_VALUE - 1]}…"
