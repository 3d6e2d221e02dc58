"""The bodies of Google's API, field by field: a protobuf in JSON, so both spellings are right."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError


def _decoded(value: object) -> object:
    """Bytes from base64 in either alphabet."""
    if not isinstance(value, str):
        return value
    try:
        text = value.replace("-", "+").replace("_", "/")
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise PydanticCustomError(
            "base64", 'Base64 decoding failed for "{start}"', {"start": value[:40]}
        ) from None


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Message(BaseModel):
    """A message; unknown fields are refused, null is as good as absent."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


Bytes = Annotated[bytes, BeforeValidator(_decoded)]
Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Level = Annotated[
    Literal["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"] | None, BeforeValidator(_upper)
]
Threshold = Literal[
    "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
    "BLOCK_LOW_AND_ABOVE",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH",
    "BLOCK_NONE",
    "OFF",
]
Category = Literal[
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY",
]


class Blob(Message):
    """Bytes with a type."""

    mime_type: str = ""
    data: Bytes = b""


class FileData(Message):
    """A file that lies elsewhere."""

    mime_type: str = ""
    file_uri: str


class Part(Message):
    """One piece of a turn; a thought is no answer."""

    text: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    thought: bool | None = None
    thought_signature: Bytes | None = None


class Content(Message):
    """One turn."""

    role: Literal["user", "model"] | None = None
    parts: list[Part] | None = None


class SafetySetting(Message):
    """How much of a kind is let through."""

    category: Category
    threshold: Threshold


class OutputOptions(Message):
    """The format of pictures, on Vertex."""

    mime_type: Literal["image/png", "image/jpeg"] | None = None
    compression_quality: Annotated[int, Field(ge=0, le=100)] | None = None


class ImageConfig(Message):
    """The shape of pictures; all but the first two are known on Vertex alone."""

    aspect_ratio: str | None = None
    image_size: str | None = None
    person_generation: Literal["ALLOW_ALL", "ALLOW_ADULT", "ALLOW_NONE"] | None = None
    prominent_people: Literal["ALLOW_PROMINENT_PEOPLE", "BLOCK_PROMINENT_PEOPLE"] | None = None
    image_output_options: OutputOptions | None = None


ONLY_ON_VERTEX = frozenset({"person_generation", "prominent_people", "image_output_options"})


class ThinkingConfig(Message):
    """How long to think, and whether to show it."""

    include_thoughts: bool | None = None
    thinking_level: Level = None
    thinking_budget: Int32 | None = None


class GenerationConfig(Message):
    """How to generate."""

    response_modalities: list[Literal["TEXT", "IMAGE", "AUDIO"]] | None = None
    image_config: ImageConfig | None = None
    thinking_config: ThinkingConfig | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None
    seed: Int32 | None = None
    candidate_count: Int32 | None = None
    max_output_tokens: Int32 | None = None
    stop_sequences: list[str] | None = None


class Generate(Message):
    """The body of generateContent and streamGenerateContent; labels are known on Vertex alone."""

    contents: list[Content] | None = None
    system_instruction: Content | None = None
    safety_settings: list[SafetySetting] | None = None
    generation_config: GenerationConfig | None = None
    tools: list[Mapping[str, JsonValue]] | None = None
    tool_config: Mapping[str, JsonValue] | None = None
    cached_content: str | None = None
    service_tier: Annotated[
        Literal["STANDARD", "FLEX", "PRIORITY"] | None, BeforeValidator(_upper)
    ] = None
    store: bool | None = None
    continuation_token: Bytes | None = None
    labels: Mapping[str, str] | None = None
