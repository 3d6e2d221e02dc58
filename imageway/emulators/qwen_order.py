"""What a call of /api/generate asks for, checked field by field in the order of the contract."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal, TypeGuard
from zlib import crc32

from pydantic import JsonValue

from imageway.emulators.heard import Heard
from imageway.emulators.qwen_codes import Problem

Body = dict[str, JsonValue]
Sizes = Mapping[str, tuple[int, int]]
Generation = Literal["extended", "published"]

LONGEST = 512
# Half a character, which JSON can say and no text can hold.
LONE = re.compile("[\ud800-\udfff]")
STEPS = (20, 100)
SCALES = (1, 20)
MOST_SEED = 2**53 - 1
FORMATS = ("png", "jpeg", "webp")
NATIVE_SIZES: Sizes = {
    "1:1": (1328, 1328),
    "16:9": (1664, 928),
    "9:16": (928, 1664),
    "4:3": (1472, 1104),
    "3:4": (1104, 1472),
    "3:2": (1584, 1056),
    "2:3": (1056, 1584),
}
PUBLISHED = ("prompt", "negative_prompt", "aspect_ratio", "num_steps", "cfg_scale", "seed")
EXTENSIONS = ("format", "async", "allow_degrade", "max_wait_seconds")


class Wrong(Exception):
    """Raised for the first field that is not as the contract has it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Order:
    """A picture to make; `ignored` are the names of fields that nobody knows."""

    prompt: str
    width: int
    height: int
    seed: int
    negative_prompt: str = ""
    num_steps: int = 50
    cfg_scale: float = 4.0
    format: str = "png"
    in_background: bool = False
    allow_degrade: bool = True
    max_wait_seconds: float | None = None
    ignored: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The same for the same wishes, so that they paint the same picture."""
        told = (self.prompt, self.negative_prompt, self.num_steps, self.cfg_scale, self.seed)
        return crc32(repr(told).encode())

    def again(self, num_steps: int, seed: int) -> Order:
        """The same picture with other numbers."""
        return replace(self, num_steps=num_steps, seed=seed)


def body_of(heard: Heard) -> Body:
    """The JSON object of a request, whatever type it claims to have."""
    body = _parsed(heard.raw) if heard.body is None else heard.body
    if not isinstance(body, dict):
        raise Wrong(Problem.of(1900))
    return body


def _parsed(raw: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value


def read_order(body: Body, sizes: Sizes, generation: Generation, chance: int) -> Order:
    """Check the fields; `chance` is the seed where the caller leaves it open."""
    prompt, negative_prompt = _prompt(body), _negative_prompt(body)
    width, height = _size(body, sizes)
    steps, scale, seed = _steps(body), _scale(body), _seed(body, chance)
    order = Order(prompt, width, height, seed, negative_prompt, steps, scale)
    return order if generation == "published" else _extended(order, body)


def _extended(order: Order, body: Body) -> Order:
    return replace(
        order,
        format=_format(body),
        in_background=_flag(body, "async", usual=False),
        allow_degrade=_flag(body, "allow_degrade", usual=True),
        max_wait_seconds=_wait(body),
        ignored=tuple(name for name in body if name not in {*PUBLISHED, *EXTENSIONS}),
    )


def _prompt(body: Body) -> str:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip() or LONE.search(prompt):
        raise Wrong(Problem.of(1001))
    if len(prompt.strip()) > LONGEST:
        raise Wrong(Problem.of(1002, {"limit": LONGEST, "got": len(prompt.strip())}))
    return prompt.strip()


def _negative_prompt(body: Body) -> str:
    text = body.get("negative_prompt")
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise Wrong(Problem.of(1904, {"limit": LONGEST}))
    return text


def _size(body: Body, sizes: Sizes) -> tuple[int, int]:
    ratio = body.get("aspect_ratio")
    if ratio is None:
        ratio = "1:1"
    if not isinstance(ratio, str) or ratio not in sizes:
        raise Wrong(Problem.of(1003, {"allowed": [*sizes], "got": ratio}))
    return sizes[ratio]


def _steps(body: Body) -> int:
    steps = body.get("num_steps")
    if steps is None:
        return 50
    if not _is_number(steps) or steps != int(steps) or not STEPS[0] <= steps <= STEPS[1]:
        raise Wrong(Problem.of(2001, {"limit": [*STEPS], "got": _shown(steps)}))
    return int(steps)


def _scale(body: Body) -> float:
    scale = body.get("cfg_scale")
    if scale is None:
        return 4.0
    if not _is_number(scale) or not SCALES[0] <= scale <= SCALES[1]:
        raise Wrong(Problem.of(2002, {"limit": [*SCALES], "got": _shown(scale)}))
    return float(scale)


def _seed(body: Body, chance: int) -> int:
    """Absent is 42, null is by chance, and -1 is from the clock, which is chance here too."""
    seed = body.get("seed", 42)
    if seed is None or (seed == -1 and _is_number(seed)):
        return chance
    if not _is_number(seed) or seed != int(seed) or not 0 <= seed <= MOST_SEED:
        raise Wrong(Problem.of(2903, {"limit": [-1, MOST_SEED]}))
    return int(seed)


def _format(body: Body) -> str:
    name = body.get("format")
    if name is None:
        return "png"
    if not isinstance(name, str) or name not in FORMATS:
        raise Wrong(Problem.of(2904, {"allowed": [*FORMATS]}))
    return name


def _flag(body: Body, name: str, *, usual: bool) -> bool:
    flag = body.get(name)
    if flag is None:
        return usual
    if not isinstance(flag, bool):
        raise Wrong(Problem.of(2904, {"allowed": [True, False]}))
    return flag


def _wait(body: Body) -> float | None:
    seconds = body.get("max_wait_seconds")
    if seconds is None:
        return None
    if not _is_number(seconds) or seconds <= 0:
        raise Wrong(Problem.of(2904))
    return seconds


def _is_number(value: JsonValue) -> TypeGuard[int | float]:
    """Whether it is a finite number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _shown(value: JsonValue) -> JsonValue:
    """What JSON can say of a value, for NaN is none of its numbers."""
    return value if not isinstance(value, float) or isfinite(value) else str(value)
