"""Reads a body by its schema, and says what is wrong with it as Google's parser does."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_snake
from pydantic_core import ErrorDetails

from imageway.emulators.gemini_errors import refusal, unknown_fields
from imageway.emulators.gemini_rows import UNREADABLE
from imageway.emulators.heard import Heard

Schema = TypeVar("Schema", bound=BaseModel)


def read(heard: Heard, schema: type[Schema]) -> Schema:
    """The body as this schema has it; raises a refusal that names every wrong field."""
    if not isinstance(heard.body, dict):
        raise refusal(UNREADABLE)
    try:
        return schema.model_validate(heard.body)
    except ValidationError as error:
        raise unknown_fields(_problem(each) for each in error.errors(include_url=False)) from error


def no_such_field(name: str, place: str) -> tuple[str, str]:
    """The complaint about a field that does not exist there."""
    at = f" at '{place}'" if place else ""
    return place, f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'


def _problem(error: ErrorDetails) -> tuple[str, str]:
    *inside, last = error["loc"]
    if error["type"] == "extra_forbidden":
        return no_such_field(str(last), _place(tuple(inside)))
    place = _place(error["loc"])
    if error["type"] == "base64":
        return place, f"Invalid value at '{place}' (TYPE_BYTES), {error['msg']}"
    value = error["input"]
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return place, f"Invalid value at '{place}' ({error['type']}), {shown[:60]}"


def _place(parts: tuple[int | str, ...]) -> str:
    """A path such as contents[0].parts[1].inline_data."""
    place = ""
    for part in parts:
        if isinstance(part, int):
            place += f"[{part}]"
        else:
            place += f".{to_snake(part)}" if place else to_snake(part)
    return place
