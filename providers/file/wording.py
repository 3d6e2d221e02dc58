"""Pydantic's complaints in the words of plugins.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time

from pydantic_core import ErrorDetails

Place = Sequence[str | int]

PLAIN = "a secret is never written into the file"
REFERENCE = 'write {key} = {{ env = "NAME" }}, {{ file = "PATH" }} or {{ command = ["PROGRAM"] }}'

WORDS_BY_TYPE: Mapping[str, str] = {
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must have at most {max_length} characters",
    "invalid-json-value": "must be a text, a number, true or false, a list or a table",
}
NAME_WORDS = "a name has letters, digits, '.', '_' and '-', and begins with a letter or digit"


def useful(errors: Sequence[ErrorDetails]) -> Sequence[ErrorDetails]:
    """Those that no other explains: an unknown key a missing one, a wrong item an empty list."""
    unknown = {each["loc"][:-1] for each in errors if each["type"] == "extra_forbidden"}
    inside = {each["loc"][:end] for each in errors for end in range(len(each["loc"]))}
    return [
        each
        for each in errors
        if (each["type"] != "missing" or each["loc"][:-1] not in unknown)
        and (each["type"] != "too_short" or each["loc"] not in inside)
    ]


def where(place: Place) -> tuple[str, str]:
    """The table, and the key in it; list items are counted from 1."""
    end = next((at for at, part in enumerate(place) if isinstance(part, int)), len(place))
    names = [str(part) for part in place[:end] if part != "[key]"]
    items = [f"item {part + 1}" if isinstance(part, int) else part for part in place[end:]]
    key = ", ".join([names[-1] if names else "the file", *items])
    return ".".join(names[:-1]), key


def what(error: ErrorDetails, place: Place) -> str:
    """What is wrong with the key at this place, and never a value that may be a secret."""
    key = where(place)[1]
    match error["type"]:
        case "extra_forbidden":
            return f"{_item(place)}unknown key {str(place[-1])!r}"
        case "missing":
            return f"{_item(place)}the key {str(place[-1])!r} is missing"
        case "string_pattern_mismatch" if place and place[-1] == "[key]":
            return f"{key!r}: {NAME_WORDS}"
        case _ if is_plain_secret(error):
            return f"{key}: {PLAIN}"
        case _:
            return f"{key}{_shown(error['input'])}: {_words(error)}"


def is_plain_secret(error: ErrorDetails) -> bool:
    """Whether something else stands where a reference to a secret belongs."""
    context = error.get("ctx", {})
    return error["type"] == "model_type" and context.get("class_name") == "SecretReference"


def _item(place: Place) -> str:
    """The list item that a key belongs to."""
    is_inside = any(isinstance(part, int) for part in place[:-1])
    return f"{where(place[:-1])[1]}: " if is_inside else ""


def _words(error: ErrorDetails) -> str:
    words = WORDS_BY_TYPE.get(error["type"])
    if words is not None:
        return words.format_map({k: _short(v) for k, v in error.get("ctx", {}).items()})
    message = error["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return message[:1].lower() + message[1:]


def _short(bound: object) -> object:
    return f"{bound:g}" if isinstance(bound, float) else bound


def _shown(value: object) -> str:
    """A short plain value as the file spells it; long ones and tables are not repeated."""
    if isinstance(value, bool):
        return f" = {str(value).lower()}"
    if isinstance(value, date | time):
        return f" = {value.isoformat()}"
    if isinstance(value, str | int | float) and len(repr(value)) <= 40:
        return f" = {value!r}"
    return ""
