"""OpenAI's words: what we send is complete and strict, what we read forgives the unknown."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from imageway.core.outgoing import FormPart

Value = TypeVar("Value")
Text = Annotated[str, Field(min_length=1, max_length=1024)]
Count = Annotated[int, Field(ge=0, le=10**12)]
LONGEST_SENTENCE = 2000


class Sent(BaseModel):
    """What every server is sent; a field that is None is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str
    prompt: str
    n: Annotated[int, Field(ge=1, le=10)] | None = None
    stream: Literal[True] | None = None
    partial_images: Annotated[int, Field(ge=0, le=3)] | None = None


class Extras(BaseModel):
    """The parameters that OpenAI alone knows, as a caller gives them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    output_compression: Annotated[int, Field(ge=0, le=100)] | None = None
    moderation: Literal["auto", "low"] | None = None
    input_fidelity: Literal["high", "low"] | None = None
    complexity: Literal["low", "medium", "high"] | None = None
    frame_count: Annotated[int, Field(ge=2, le=16)] | None = None
    frame_duration_ms: Annotated[int, Field(ge=1, le=655_350)] | None = None
    safety_identifier: Text | None = None
    user: Text | None = None


class OpenAIBody(Sent, Extras):
    """What OpenAI documents of /images/generations and /images/edits, but for svg and markup."""

    size: str | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None


class OtherBody(Sent):
    """What another server takes; only it knows the names of the rest."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    response_format: str | None = None


Body = OpenAIBody | OtherBody


def text_parts(body: Body) -> list[FormPart]:
    """The fields as a form has them: numbers and booleans as text, objects in brackets."""
    fields: dict[str, JsonValue] = body.model_dump(mode="json", exclude_none=True)
    return [part for name, value in fields.items() for part in _parts(name, value)]


def _parts(name: str, value: JsonValue) -> list[FormPart]:
    match value:
        case dict():
            return [part for key, each in value.items() for part in _parts(f"{name}[{key}]", each)]
        case list():
            return [part for each in value for part in _parts(f"{name}[]", each)]
        case bool():
            return [FormPart(name, str(value).lower())]
        case _:
            return [FormPart(name, str(value))]


def _words(value: object) -> object:
    """Text, or a number as text; what else stands there says nothing to us."""
    return str(value) if isinstance(value, str | int | float) else None


def _sentence(value: object) -> object:
    """A text, cut between two words where it is long: no pattern must search more of it."""
    if not isinstance(value, str) or len(value) <= LONGEST_SENTENCE:
        return _words(value)
    return value[:LONGEST_SENTENCE].rpartition(" ")[0]


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """What cannot be read is not there: a picture is not lost for a word beside it."""
    try:
        return read(value)
    except ValidationError:
        return None


Words = Annotated[str | None, BeforeValidator(_words)]
Sentence = Annotated[str | None, BeforeValidator(_sentence)]
Forgiven = Annotated[Value | None, WrapValidator(_or_none)]


class Read(BaseModel):
    """Something that a server said."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Moderation(Read):
    """Why a content was refused."""

    moderation_stage: Words = None
    categories: list[str] = []


class VendorError(Read):
    """An error's members; `status` is Google's word for a code."""

    message: Sentence = None
    type: Words = None
    code: Words = None
    param: Words = None
    status: Words = None
    moderation_details: Forgiven[Moderation] = None


def _error(value: object) -> object:
    """Some servers say no more than a sentence; what is empty is no error."""
    return {"message": value} if isinstance(value, str) and value else value or None


SaidError = Annotated[Forgiven[VendorError], BeforeValidator(_error)]


class Problem(Read):
    """FastAPI's words for one wrong field."""

    loc: list[str | int] = []
    msg: Sentence = None


class ErrorBody(Read):
    """A refusal in any of the known dialects: OpenAI's, FastAPI's, a bare message."""

    error: SaidError = None
    detail: Forgiven[str | list[Problem]] = None
    message: Sentence = None


class CachedDetails(Read):
    """What the cached tokens were."""

    text_tokens: Count = 0
    image_tokens: Count = 0


class InputDetails(Read):
    """What the input tokens were; some servers tell which of them were cached."""

    text_tokens: Count = 0
    image_tokens: Count = 0
    cached_tokens_details: Forgiven[CachedDetails] = None


class OutputDetails(Read):
    """What the output tokens were."""

    text_tokens: Count = 0
    image_tokens: Count = 0


class Usage(Read):
    """The tokens of one answer."""

    total_tokens: Count
    input_tokens: Count = 0
    output_tokens: Count = 0
    input_tokens_details: Forgiven[InputDetails] = None
    output_tokens_details: Forgiven[OutputDetails] = None


class Entry(Read):
    """One picture, as base64, a link or a data URL."""

    b64_json: str | None = None
    url: str | None = None
    revised_prompt: Words = None


class ImagesAnswer(Read):
    """A plain answer; `errors` is what some gateways say of pictures that did not come."""

    data: list[Entry] | None = None
    usage: Forgiven[Usage] = None
    error: SaidError = None
    errors: Forgiven[list[VendorError]] = None


class StreamEvent(Entry):
    """One event of a stream; a flat error has its members beside the type."""

    type: Words = None
    usage: Forgiven[Usage] = None
    error: SaidError = None
    message: Sentence = None
    code: Words = None
    param: Words = None


class ListedModel(Read):
    """One model of the list."""

    id: str


class ModelList(Read):
    """The answer of /models."""

    data: list[ListedModel]
