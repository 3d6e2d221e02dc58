"""What a caller says to OpenAI alone, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from imageway.adapters.openai.models import Model
from imageway.adapters.openai.profiles import Profile
from imageway.adapters.openai.wire import Extras, Sent
from imageway.core.errors import ImagewayError, invalid
from imageway.core.options import OPTION_BY_JSON_NAME
from imageway.core.request import ExtraFields, ImageRequest, explain_validation

ADAPTER = "openai"
COMPRESSED = frozenset({"jpeg", "webp"})

# What OpenAI documents and this adapter does not carry.
NOT_CARRIED: Mapping[str, str] = {
    "svg": "imageway carries pixels, and an SVG has none",
    "markup": "draw the markup into the first reference",
    "response_format": "a picture comes as OpenAI sends it; there is nothing to choose",
    "stream": "ask for previews",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule looks at; a model that nobody knows is None."""

    request: ImageRequest
    extras: Extras
    model: Model | None


@dataclass(frozen=True, slots=True)
class Rule:
    """An extra that cannot be sent with the rest of its request."""

    name: str
    is_broken: Callable[[Asked], bool]
    message: str
    hint: str = "leave it out"


def _is_still(asked: Asked) -> bool:
    return asked.request.format != "gif" or asked.request.mask is not None


def _is_older(asked: Asked) -> bool:
    return asked.model is not None and not asked.model.newer


def _is_unfaithful(asked: Asked) -> bool:
    return asked.model is not None and asked.extras.input_fidelity not in asked.model.fidelities


NEWER = "only gpt-image-2.5 and newer models take it"
RULES = (
    Rule(
        "output_compression",
        lambda asked: asked.request.format not in COMPRESSED,
        "only jpeg and webp are compressed so",
        "ask for the format jpeg or webp",
    ),
    Rule(
        "moderation",
        lambda asked: bool(asked.request.references),
        "an edit takes none, only a generation does",
    ),
    Rule(
        "input_fidelity",
        lambda asked: not asked.request.references,
        "it speaks of references, and there are none",
    ),
    Rule("input_fidelity", _is_unfaithful, "this model does not take it, or not this value"),
    Rule("complexity", _is_older, NEWER),
    Rule("frame_count", _is_older, NEWER),
    Rule("frame_duration_ms", _is_older, NEWER),
    Rule("frame_count", _is_still, "only a gif without a mask has frames", "ask for format gif"),
    Rule("frame_duration_ms", _is_still, "only a gif without a mask has frames"),
)


def read_extras(
    request: ImageRequest, provider: str | None, profile: Profile, model: Model | None
) -> Mapping[str, JsonValue]:
    """The extra fields as they are sent; raises invalid_request that names the wrong one."""
    names = (provider or ADAPTER, ADAPTER)
    said = request.extra(*names)
    name = next((each for each in names if each in request.extras), ADAPTER)
    if profile.any_extras:
        return _untaken(said, name, profile)
    return _checked(Asked(request, _parsed(said, name), model), name)


def _untaken(said: ExtraFields, name: str, profile: Profile) -> ExtraFields:
    """Only the server knows these; but none may overwrite what the request itself says."""
    ours = {*profile.parameters.values(), *Sent.model_fields, "response_format"}
    if taken := sorted(ours & said.keys()):
        raise _in_request(name, taken[0])
    return {key: value for key, value in said.items() if value is not None}


def _parsed(said: ExtraFields, name: str) -> Extras:
    try:
        return Extras.model_validate(dict(said))
    except ValidationError as error:
        raise _complaint(error.errors(include_url=False)[0], name) from None


def _complaint(error: ErrorDetails, name: str) -> ImagewayError:
    wrong = str(error["loc"][0])
    if error["type"] != "extra_forbidden":
        return explain_validation([{**error, "loc": (name, *error["loc"])}])
    if wrong in NOT_CARRIED:
        return invalid(
            f"{name}.{wrong}", f"{name}.{wrong}: this is not supported", NOT_CARRIED[wrong]
        )
    if wrong in OPTION_BY_JSON_NAME or wrong in {*ImageRequest.model_fields, "n"}:
        return _in_request(name, wrong)
    near = get_close_matches(wrong[:100], Extras.model_fields, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(Extras.model_fields)}"
    return invalid(f"{name}.{wrong}", f"{name}.{wrong}: OpenAI has no such parameter", hint)


def _in_request(name: str, wrong: str) -> ImagewayError:
    field = OPTION_BY_JSON_NAME.get(wrong, "count" if wrong == "n" else wrong)
    return invalid(
        f"{name}.{wrong}",
        f"{name}.{wrong}: this belongs into the request itself",
        f"set {str(field)!r} there",
    )


def _checked(asked: Asked, name: str) -> Mapping[str, JsonValue]:
    given: dict[str, JsonValue] = asked.extras.model_dump(exclude_none=True)
    for rule in _broken(asked, given):
        raise invalid(f"{name}.{rule.name}", f"{name}.{rule.name}: {rule.message}", rule.hint)
    return given


def _broken(asked: Asked, given: Mapping[str, JsonValue]) -> Iterator[Rule]:
    return (rule for rule in RULES if rule.name in given and rule.is_broken(asked))
