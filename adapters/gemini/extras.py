"""What a caller says to Google alone, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from imageway.adapters.gemini.wire import SafetySetting
from imageway.core.errors import ImagewayError, invalid
from imageway.core.options import OPTION_BY_JSON_NAME
from imageway.core.request import ImageRequest, explain_validation

ADAPTER = "gemini"
Percent = Annotated[int, Field(ge=0, le=100)]
Labels = Mapping[str, str]


class Extras(BaseModel):
    """Something that one of Google's methods knows and nobody else does."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class GeminiExtras(Extras):
    """For models that are asked by generateContent.

    `history` are earlier turns in Google's own JSON, thought signatures and all.
    """

    image_size: Literal["512", "1K", "2K", "4K"] | None = None
    thinking_level: Literal["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"] | None = None
    system_instruction: Annotated[str, Field(min_length=1)] | None = None
    safety_settings: list[SafetySetting] | None = None
    history: list[dict[str, JsonValue]] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_k: Annotated[float, Field(ge=1)] | None = None
    google_search: bool | None = None
    service_tier: Literal["standard", "flex", "priority"] | None = None
    person_generation: Literal["ALLOW_ALL", "ALLOW_ADULT", "ALLOW_NONE"] | None = None
    prominent_people: Literal["ALLOW_PROMINENT_PEOPLE", "BLOCK_PROMINENT_PEOPLE"] | None = None
    compression_quality: Percent | None = None
    labels: Labels | None = None


class ImagenExtras(Extras):
    """For models that are asked by predict."""

    image_size: Literal["1K", "2K"] | None = None
    person_generation: Literal["DONT_ALLOW", "ALLOW_ADULT", "ALLOW_ALL"] | None = None
    safety_setting: (
        Literal["BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE"]
        | None
    ) = None
    language: Literal["auto", "en", "ja", "ko", "hi", "zh", "pt", "es"] | None = None
    add_watermark: bool | None = None
    enhance_prompt: bool | None = None
    compression_quality: Percent | None = None
    edit_mode: Annotated[str, Field(pattern=r"^EDIT_MODE_[A-Z_]+$")] | None = None
    mask_dilation: Annotated[float, Field(ge=0, le=1)] | None = None
    upscale_factor: Literal["x2", "x4"] | None = None
    labels: Labels | None = None


ON_VERTEX_ONLY = (
    "person_generation",
    "prominent_people",
    "compression_quality",
    "labels",
)
Kind = TypeVar("Kind", bound=Extras)


def read_extras(
    request: ImageRequest, provider: str | None, kind: type[Kind], *, is_vertex: bool
) -> Kind:
    """The extra fields; raises invalid_request that names the wrong one."""
    names = (provider or ADAPTER, ADAPTER)
    name = next((each for each in names if each in request.extras), ADAPTER)
    try:
        found = kind.model_validate(dict(request.extra(*names)))
    except ValidationError as error:
        raise _complaint(error.errors(include_url=False)[0], name, kind) from None
    for wrong in ON_VERTEX_ONLY:
        if not is_vertex and wrong in found.model_fields_set:
            raise invalid(
                f"{name}.{wrong}",
                f"{name}.{wrong}: only Vertex AI knows it, and this provider asks the Gemini API",
                "leave it out",
            )
    return found


def _complaint(error: ErrorDetails, name: str, kind: type[Extras]) -> ImagewayError:
    wrong = str(error["loc"][0])
    place = f"{name}.{wrong}"
    if error["type"] != "extra_forbidden" or len(error["loc"]) > 1:
        return explain_validation([{**error, "loc": (name, *error["loc"])}])
    if wrong in OPTION_BY_JSON_NAME or wrong in ImageRequest.model_fields:
        field = str(OPTION_BY_JSON_NAME.get(wrong, wrong))
        message = f"{place}: this belongs into the request itself"
        return invalid(place, message, f"set {field!r} there")
    near = get_close_matches(wrong[:100], kind.model_fields, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(kind.model_fields)}"
    return invalid(place, f"{place}: this model has no such parameter", hint)
