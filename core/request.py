"""What a caller asks for: a frozen value, checked once at the border."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from imageway.core.errors import ImagewayError, invalid
from imageway.core.options import MAX_SEED, OPTION_BY_JSON_NAME, ROW_BY_OPTION, Option
from imageway.core.picture import Picture
from imageway.core.size import Aspect, Size

MAX_COUNT = 100
MAX_PROMPT = 32_000
MAX_REFERENCES = 16

ExtraFields = Mapping[str, JsonValue]


class InputImage(BaseModel):
    """A picture that the caller sends along."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    picture: InstanceOf[Picture]
    name: str | None = None


def _text(text: object) -> object:
    """Refuse what no vendor can be sent: NUL and lone surrogates."""
    if not isinstance(text, str):
        return text
    if "\x00" in text:
        raise ValueError("must not contain NUL characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"must be valid Unicode; there is a lone surrogate at character {error.start}"
        ) from None
    return text


def _size(value: object) -> object:
    return value if value is None or isinstance(value, Size) else Size.parse(str(value))


def _aspect(value: object) -> object:
    return value if value is None else Aspect.parse(str(value))


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]: an untyped list goes in, pydantic checks each item


Text = Annotated[str, BeforeValidator(_text)]
Word = Annotated[Text, Field(min_length=1, max_length=100)]


class ImageRequest(BaseModel):
    """A prompt, a model, a count and the wishes; everything but the prompt has a default.

    `strict` refuses what cannot be done exactly; `recheck` says that the caller has just bought
    what they were refused, so that no earlier no is believed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    prompt: Annotated[Text, Field(min_length=1, max_length=MAX_PROMPT)]
    model: Annotated[Text, Field(min_length=1, max_length=300)] = "default"
    count: Annotated[int, Field(ge=1, le=MAX_COUNT)] = 1
    size: Annotated[InstanceOf[Size] | None, BeforeValidator(_size)] = None
    aspect: Annotated[InstanceOf[Aspect] | None, BeforeValidator(_aspect)] = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    negative_prompt: Annotated[Text, Field(max_length=MAX_PROMPT)] | None = None
    quality: Word | None = None
    background: Word | None = None
    format: Word | None = None
    references: Annotated[tuple[InputImage, ...], BeforeValidator(_tuple)] = ()
    mask: InputImage | None = None
    previews: Annotated[int, Field(ge=0, le=10)] | None = None
    guidance: Annotated[float, Field(ge=0, le=50)] | None = None
    steps: Annotated[int, Field(ge=1, le=150)] | None = None
    style: Word | None = None
    extras: Mapping[str, ExtraFields] = {}
    strict: bool = False
    recheck: bool = False

    @field_validator("prompt")
    @classmethod
    def _says_something(cls, prompt: str) -> str:
        if not prompt.strip():
            raise ValueError("must say what to draw; it is empty")
        return prompt

    @field_validator("references")
    @classmethod
    def _not_too_many(cls, references: tuple[InputImage, ...]) -> tuple[InputImage, ...]:
        if len(references) > MAX_REFERENCES:
            raise ValueError(f"must be at most {MAX_REFERENCES} images, got {len(references)}")
        return references

    @field_validator("extras")
    @classmethod
    def _can_be_written(cls, extras: Mapping[str, ExtraFields]) -> Mapping[str, ExtraFields]:
        try:
            json.dumps(extras, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("must be valid Unicode; there is a lone surrogate") from None
        return extras

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.size is not None and self.aspect is not None:
            raise ValueError("size: give a size or an aspect, not both")
        if self.mask is not None and not self.references:
            raise ValueError("mask: a mask needs an image that it belongs to")
        return self

    @classmethod
    def build(cls, fields: Mapping[str, object]) -> ImageRequest:
        """Check untrusted fields; raises invalid_request whose param names the first wrong one."""
        try:
            return cls.model_validate(dict(fields))
        except ValidationError as error:
            raise explain_validation(error.errors(include_url=False)) from error

    @property
    def wishes(self) -> Mapping[Option, object]:
        """The optional fields that the caller set, in the order of the table."""
        given = self.model_fields_set
        values = {each: getattr(self, each.value) for each in ROW_BY_OPTION if each.value in given}
        return {option: value for option, value in values.items() if value not in (None, (), "")}

    def without(self, *options: Option) -> ImageRequest:
        """The same request with these wishes dropped."""
        return self.model_copy(
            update={option.value: () if option is Option.REFERENCES else None for option in options}
        )

    def having(self, **fields: object) -> ImageRequest:
        """The same request with these fields replaced by values that are already checked."""
        if unknown := fields.keys() - ImageRequest.model_fields.keys():
            raise TypeError(f"a request has no field {min(unknown)!r}")
        return self.model_copy(update=fields)

    def extra(self, *names: str) -> ExtraFields:
        """What the caller said to one provider or adapter; earlier names win."""
        merged: dict[str, JsonValue] = {}
        for name in reversed(names):
            merged.update(self.extras.get(name, {}))
        return merged


# What pydantic says, in the words of somebody who has never heard of it.
MESSAGE_BY_TYPE: Mapping[str, str] = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long",
    "too_short": "must not be empty",
    "too_long": "must be at most {max_length} characters long",
    "greater_than_equal": "must be at least {ge:.16g}",
    "less_than_equal": "must be at most {le:.16g}",
    "tuple_type": "must be a list of images",
    "model_type": "must be an image",
    "is_instance_of": "must be a {class}",
    "literal_error": "must be {expected}",
    "mapping_type": "must be an object",
    "dict_type": "must be an object",
    "invalid_key": "names must be texts",
}


def explain_validation(errors: Sequence[ErrorDetails]) -> ImagewayError:
    """Turn pydantic's first complaint into one sentence about one field."""
    first = errors[0]
    param = ".".join(str(each) for each in first["loc"]) or "request"
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"] and ": " in message:
        param, message = message.split(": ", 1)
    if first["type"] == "extra_forbidden":
        return invalid(param, f"{param!r} is no field of a request", hint=_nearest_field(param))
    if first["type"] == "missing":
        return invalid(param, f"{param} is missing", hint=f"send {param!r}")
    if first["type"] == "value_error":
        return invalid(param, f"{param}: {message}", hint=_hint(param))
    words = MESSAGE_BY_TYPE.get(first["type"], message).format_map(first.get("ctx", {}))
    return invalid(param, f"{param}: {words}, got {_shown(first['input'])}", hint=_hint(param))


def _shown(value: object) -> str:
    if isinstance(value, str) and len(value) > 60:
        return f"{len(value)} characters"
    try:
        shown = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, lists in lists
        shown = f"an enormous {type(value).__name__}"
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


def _nearest_field(name: str) -> str:
    if name in OPTION_BY_JSON_NAME:
        return f"did you mean {OPTION_BY_JSON_NAME[name].value!r}?"
    nearest = get_close_matches(name[:100], ImageRequest.model_fields, 1)
    if nearest:
        return f"did you mean {nearest[0]!r}?"
    return f"the fields are {', '.join(ImageRequest.model_fields)}"


def _hint(param: str) -> str | None:
    param = param.partition(".")[0]
    row = ROW_BY_OPTION.get(Option(param)) if param in set(Option) else None
    return f"{param}: {row.help}" + (f", {row.range}" if row.range else "") if row else None
