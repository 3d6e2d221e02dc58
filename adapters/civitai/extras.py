"""What a caller says to CivitAI alone: networks with weights, samplers, wallets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from imageway.adapters.civitai.engines import EngineName
from imageway.core.errors import ImagewayError, invalid
from imageway.core.options import OPTION_BY_JSON_NAME
from imageway.core.request import ImageRequest, explain_validation

ADAPTER = "civitai"
USUAL_WEIGHT = 1.0

Wallet = Literal["blue", "green", "yellow"]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Weight = Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]


def _weighted(value: object) -> object:
    """A list, or one name, means each at full weight; numbers of versions are names too."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        value = [value]
    if isinstance(value, list):
        names: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]: pydantic checks each name
        return {str(name): USUAL_WEIGHT for name in names}
    return value


def _listed(value: object) -> object:
    """One name, or a list of them."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return (str(value),)
    if isinstance(value, list):
        names: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]: pydantic checks each name
        return tuple(str(name) if isinstance(name, int) else name for name in names)
    return value


def _named(value: object) -> object:
    """The number of a version is a name too."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


Named = Annotated[Text, BeforeValidator(_named)]


class Extras(BaseModel):
    """The fields under `civitai`, or under the provider's own name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    loras: Annotated[Mapping[Text, Weight], BeforeValidator(_weighted)] = {}
    embeddings: Annotated[tuple[Text, ...], BeforeValidator(_listed)] = ()
    vae: Named | None = None
    clip_l: Named | None = None
    t5xxl: Named | None = None
    engine: EngineName | None = None
    sampler: Text | None = None
    schedule: Text | None = None
    clip_skip: Annotated[int, Field(ge=1, le=12)] | None = None
    currencies: Annotated[tuple[Wallet, ...], BeforeValidator(_listed)] = ()
    allow_mature: bool | None = None


def place_of(request: ImageRequest, provider: str | None) -> str:
    """Under which name the caller wrote the extras."""
    names: Sequence[str] = (provider or ADAPTER, ADAPTER)
    return next((name for name in names if name in request.extras), ADAPTER)


def read_extras(request: ImageRequest, provider: str | None) -> Extras:
    """The extras, checked; raises invalid_request that names the wrong one."""
    names = (provider or ADAPTER, ADAPTER)
    try:
        return Extras.model_validate(dict(request.extra(*names)))
    except ValidationError as error:
        place = place_of(request, provider)
        raise _complaint(error.errors(include_url=False)[0], place) from None


def _complaint(error: ErrorDetails, place: str) -> ImagewayError:
    wrong = str(error["loc"][0])
    if error["type"] != "extra_forbidden":
        return explain_validation([{**error, "loc": (place, *error["loc"])}])
    param = f"{place}.{wrong}"
    if wrong in OPTION_BY_JSON_NAME or wrong in ImageRequest.model_fields:
        name = OPTION_BY_JSON_NAME.get(wrong, wrong)
        message = f"{param}: this belongs into the request itself"
        return invalid(param, message, f"set {str(name)!r} there")
    near = get_close_matches(wrong[:100], Extras.model_fields, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(Extras.model_fields)}"
    return invalid(param, f"{param}: this adapter has no such extra", hint)
