"""What the site says of parameters that it cannot read: the issues of two majors of zod."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from imageway.emulators.civitai_catalogue import AIR_TYPE_BY_TYPE, ECOSYSTEM_BY_BASE

Issue = dict[str, JsonValue]

SORTS = ("Most Reactions", "Most Comments", "Most Collected", "Newest", "Oldest", "Random")
PERIODS = ("Day", "Week", "Month", "Year", "AllTime")
MODEL_TYPES = (*AIR_TYPE_BY_TYPE, "Hypernetwork", "MotionModule", "Poses", "Wildcards", "Other")
BASES = (*ECOSYSTEM_BY_BASE, "SD 1.4", "Brand New 1")
LARGEST_ID = 2**31 - 1
NAME = re.compile(r"[A-Za-z0-9_]*")
NAME_MESSAGE = 'The "username" field can only contain letters, numbers, and _.'
TRUE_WORDS = ("true", "1", "yes", "on", "y", "enabled")
FALSE_WORDS = ("false", "0", "no", "off", "n", "disabled")
LEVELS_BY_WORD: Mapping[str, int] = {"None": 1, "Soft": 3, "Mature": 7, "X": 31, "Blocked": 1}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One issue as each major writes it."""

    third: Issue
    fourth: Issue


def body(complaints: Sequence[Complaint], major: int) -> Issue:
    """The body of a 400: the newer one hides its list in a text."""
    if major == 3:
        return {"error": {"issues": [each.third for each in complaints], "name": "ZodError"}}
    text = json.dumps([each.fourth for each in complaints], indent=2, ensure_ascii=False)
    return {"error": {"name": "ZodError", "message": text}}


def pretty(message: str) -> Issue:
    """The body of routes that print their issues for people."""
    return {"error": f"✖ {message}\n  → at id"}


def complaint_about_id(text: str) -> str | None:
    """What is wrong with an id in a path."""
    if not re.fullmatch(r"-?\d{1,18}", text):
        return "Invalid input: expected number, received NaN"
    if int(text) <= 0:
        return "Too small: expected number to be >0"
    if int(text) > LARGEST_ID:
        return f"Too big: expected number to be <={LARGEST_ID}"
    return None


def _whole(name: str, text: str) -> Complaint | None:
    if re.fullmatch(r"-?\d+", text):
        return None
    third: Issue = {
        "code": "invalid_type",
        "expected": "number",
        "received": "nan",
        "path": [name],
        "message": "Expected number, received nan",
    }
    message = f"'{text}' cannot be converted to a number"
    return Complaint(third, {"message": message, "code": "custom", "path": [name]})


def _limit(most: int) -> Callable[[str, str], Complaint | None]:
    def check(name: str, text: str) -> Complaint | None:
        return _whole(name, text) or _bound(name, text, most)

    return check


def _bound(name: str, text: str, most: int) -> Complaint | None:
    if 0 <= int(text) <= most:
        return None
    code, bound = ("too_big", most) if int(text) > most else ("too_small", 0)
    word, sign = ("maximum", "<=") if code == "too_big" else ("minimum", ">=")
    spoken = "less" if code == "too_big" else "greater"
    third: Issue = {
        "code": code,
        word: bound,
        "type": "number",
        "inclusive": True,
        "exact": False,
        "message": f"Number must be {spoken} than or equal to {bound}",
        "path": [name],
    }
    fourth: Issue = {
        "origin": "number",
        "code": code,
        word: bound,
        "inclusive": True,
        "path": [name],
        "message": f"{code.capitalize().replace('_', ' ')}: expected number to be {sign}{bound}",
    }
    return Complaint(third, fourth)


def _one_of(words: Sequence[str]) -> Callable[[str, str], Complaint | None]:
    def check(name: str, text: str) -> Complaint | None:
        if text in words:
            return None
        listed = " | ".join(f"'{word}'" for word in words)
        third: Issue = {
            "received": text,
            "code": "invalid_enum_value",
            "options": [*words],
            "path": [name],
            "message": f"Invalid enum value. Expected {listed}, received '{text}'",
        }
        quoted = "|".join(f'"{word}"' for word in words)
        fourth: Issue = {
            "code": "invalid_value",
            "values": [*words],
            "path": [name],
            "message": f"Invalid option: expected one of {quoted}",
        }
        return Complaint(third, fourth)

    return check


def _username(name: str, text: str) -> Complaint | None:
    if NAME.fullmatch(text):
        return None
    third: Issue = {
        "validation": "regex",
        "code": "invalid_string",
        "message": NAME_MESSAGE,
        "path": [name],
    }
    fourth: Issue = {
        "origin": "string",
        "code": "invalid_format",
        "format": "regex",
        "pattern": "/^[A-Za-z0-9_]*$/",
        "path": [name],
        "message": NAME_MESSAGE,
    }
    return Complaint(third, fourth)


CHECK_BY_PARAMETER: Mapping[str, Callable[[str, str], Complaint | None]] = {
    "limit": _limit(200),
    "page": _whole,
    "postId": _whole,
    "modelId": _whole,
    "modelVersionId": _whole,
    "imageId": _whole,
    "userId": _whole,
    "browsingLevel": _whole,
    "username": _username,
    "sort": _one_of(SORTS),
    "period": _one_of(PERIODS),
    "nsfw": _one_of((*LEVELS_BY_WORD, *TRUE_WORDS, *FALSE_WORDS)),
    "type": _one_of(("image", "video", "audio")),
}


MODEL_SORTS = (
    "Highest Rated",
    "Most Downloaded",
    "Most Liked",
    "Most Discussed",
    "Most Collected",
    "Most Images",
    "Newest",
    "Oldest",
)
CHECK_BY_MODEL_PARAMETER: Mapping[str, Callable[[str, str], Complaint | None]] = {
    "limit": _limit(100),
    "page": _whole,
    "sort": _one_of(MODEL_SORTS),
    "period": _one_of(PERIODS),
    "checkpointType": _one_of(("Trained", "Merge")),
    "username": _username,
    "nsfw": _one_of((*TRUE_WORDS, *FALSE_WORDS)),
    "types": _one_of(MODEL_TYPES),
    "baseModels": _one_of(BASES),
}


def complaints(given: Mapping[str, str]) -> list[Complaint]:
    """Everything that is wrong with the parameters of a list; unknown ones are nobody's concern."""
    checked = [
        check(name, given[name]) for name, check in CHECK_BY_PARAMETER.items() if name in given
    ]
    bases = given.get("baseModels", "").split(",") if "baseModels" in given else []
    checked += [_one_of(BASES)("baseModels", base) for base in bases]
    return [each for each in checked if each is not None]


def model_complaints(
    given: Mapping[str, str], repeated: Mapping[str, Sequence[str]]
) -> list[Complaint]:
    """The same of the list of models, where some parameters may be repeated."""
    checked = [
        check(name, value)
        for name, check in CHECK_BY_MODEL_PARAMETER.items()
        for value in (repeated.get(name) or ([given[name]] if name in given else []))
    ]
    return [each for each in checked if each is not None]


def levels(given: Mapping[str, str]) -> int:
    """Which browsing levels are asked for, as bits."""
    if "browsingLevel" in given:
        return int(given["browsingLevel"]) or 1
    word = given.get("nsfw", "false")
    if word in TRUE_WORDS:
        return 28
    return LEVELS_BY_WORD.get(word, 1)
