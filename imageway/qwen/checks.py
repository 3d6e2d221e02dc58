"""One check a field: the value as it is used, or the code that the field has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TypeVar

from pydantic import JsonValue

from imageway.qwen.codes import Code, Words
from imageway.qwen.order import LONGEST_PROMPT
from imageway.qwen.profiles import STANDARD, Profile
from imageway.qwen.seeds import MOST_SEED, Seeds
from imageway.qwen.sizes import Pixels, Ratio
from imageway.qwen.trouble import Refusal, Trouble, shown

Choice = TypeVar("Choice", bound=str)

NO_UNICODE = Words("Prompt is not valid Unicode", "提示词不是有效的 Unicode 文本")


def prompt_of(value: object) -> str:
    """The prompt without the blanks around it."""
    if not isinstance(value, str) or not value.strip():
        raise Refusal(Trouble(Code.PROMPT_MISSING, param="prompt"))
    text = value.strip()
    if len(text) > LONGEST_PROMPT:
        raise Refusal(
            Trouble(Code.PROMPT_TOO_LONG, param="prompt", limit=LONGEST_PROMPT, got=len(text))
        )
    if not _is_unicode(text):
        raise Refusal(Trouble(Code.PROMPT_MISSING, NO_UNICODE, param="prompt"))
    return text


def negative_prompt_of(value: object) -> str:
    """What must not be seen; none is an empty text."""
    if value is None:
        return ""
    text = value.strip() if isinstance(value, str) else None
    if text is None or len(text) > LONGEST_PROMPT or not _is_unicode(text):
        got = shown(value) if text is None else len(text)
        raise Refusal(
            Trouble(Code.NEGATIVE_PROMPT, param="negative_prompt", limit=LONGEST_PROMPT, got=got)
        )
    return text


def ratio_of(value: object, usual: Ratio, sizes: Mapping[Ratio, Pixels]) -> Pixels:
    """The pixels of a shape."""
    wanted = usual if value is None else value
    found = next((pixels for ratio, pixels in sizes.items() if ratio == wanted), None)
    if found is None:
        raise Refusal(Trouble(Code.RATIO, param="aspect_ratio", allowed=[*sizes], got=shown(value)))
    return found


def steps_of(value: object, param: str = "num_steps", profile: Profile = STANDARD) -> int:
    """How many steps to take."""
    steps = profile.usual_steps if value is None else whole(value)
    least, most = profile.steps
    if steps is None or not least <= steps <= most:
        limit: list[JsonValue] = [least, most]
        raise Refusal(Trouble(Code.STEPS, param=param, limit=limit, got=shown(value)))
    return steps


def guidance_of(value: object, param: str = "cfg_scale", profile: Profile = STANDARD) -> float:
    """How closely to follow the prompt."""
    scale = profile.usual_guidance if value is None else number(value)
    least, most = profile.guidance
    if scale is None or not least <= scale <= most:
        limit: list[JsonValue] = [least, most]
        raise Refusal(Trouble(Code.GUIDANCE, param=param, limit=limit, got=shown(value)))
    return scale


def seed_of(value: object, seeds: Seeds) -> int:
    """A concrete seed: the one named, one from the clock for -1, any for None."""
    if value is None:
        return seeds.random()
    seed = whole(value)
    if seed == -1:
        return seeds.from_clock()
    if seed is None or not 0 <= seed <= MOST_SEED:
        raise Refusal(Trouble(Code.SEED, param="seed", limit=[0, MOST_SEED], got=shown(value)))
    return seed


def choice_of(param: str, value: object, usual: Choice, allowed: Sequence[Choice]) -> Choice:
    """One of a few words."""
    found = usual if value is None else next((each for each in allowed if each == value), None)
    if found is None:
        raise Refusal(_extension(param, value, allowed))
    return found


def switch_of(param: str, value: object, usual: bool) -> bool:
    """True or false."""
    if value is None:
        return usual
    if not isinstance(value, bool):
        raise Refusal(_extension(param, value, (True, False)))
    return value


def seconds_of(param: str, value: object) -> float | None:
    """A time that is longer than none."""
    if value is None:
        return None
    seconds = number(value)
    if seconds is None or seconds <= 0:
        raise Refusal(_extension(param, value))
    return seconds


def count_of(param: str, value: object, usual: int, allowed: range) -> int:
    """A whole number of a small range."""
    count = usual if value is None else whole(value)
    if count is None or count not in allowed:
        raise Refusal(_extension(param, value, tuple(allowed)))
    return count


def whole(value: object) -> int | None:
    """The integer that a JSON number is; 50.0 is one, true and 50.5 are none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: object) -> float | None:
    """The finite number that a JSON value is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if isfinite(value) else None
    except OverflowError:
        return None


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _extension(param: str, value: object, allowed: Sequence[str | int] = ()) -> Trouble:
    words = Words(f"{param} is invalid", f"{param} 无效")
    return Trouble(Code.EXTENSION, words, param=param, allowed=[*allowed] or None, got=shown(value))
