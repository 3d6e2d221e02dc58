"""How servers that speak OpenAI's language differ: what each takes, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeGuard

from pydantic import BaseModel, ConfigDict, StrictBool, field_validator

from imageway.core.options import Option

ResponseFormat = Literal["b64_json", "url"]

# What is sent in a way of its own, so that no other name for it can be given.
NOT_PARAMETERS = frozenset({Option.REFERENCES, Option.MASK, Option.PREVIEWS, Option.ASPECT})


class Profile(BaseModel):
    """One kind of server; `parameters` maps each option that it takes to the server's own name.

    With `knows_models` OpenAI's models are told by their names, and each takes what the table of
    models says. Without `is_sure` nobody knows what the server takes, and callers are told so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    parameters: Mapping[Option, str]
    ranges: Mapping[Option, tuple[float, float]] = {}
    response_format: ResponseFormat | None = None
    stream: StrictBool = False
    edits: StrictBool = False
    image_field: str = "image"
    images_field: str = "image[]"
    any_extras: StrictBool = False
    knows_models: StrictBool = False
    is_sure: StrictBool = True

    @field_validator("parameters", "ranges")
    @classmethod
    def _are_parameters(cls, named: Mapping[Option, object]) -> Mapping[Option, object]:
        if wrong := sorted(NOT_PARAMETERS & named.keys()):
            raise ValueError(f"{wrong[0]} is sent in a way of its own; leave it out here")
        return named


# What OpenAI documents for its own models; the rest of the table is in models.py.
OPENAI = Profile(
    parameters={
        Option.SIZE: "size",
        Option.QUALITY: "quality",
        Option.BACKGROUND: "background",
        Option.FORMAT: "output_format",
    },
    stream=True,
    edits=True,
    knows_models=True,
)
# Nothing is known of such a server, so that what a caller asks for is passed on under the names
# that most of them use, and nothing is sent that nobody asked for. Its default is often a link.
COMPATIBLE = Profile(
    parameters={
        **OPENAI.parameters,
        Option.NEGATIVE_PROMPT: "negative_prompt",
        Option.STEPS: "num_inference_steps",
        Option.GUIDANCE: "guidance_scale",
        Option.SEED: "seed",
        Option.STYLE: "style",
    },
    response_format="b64_json",
    stream=True,
    edits=True,
    any_extras=True,
    knows_models=True,
    is_sure=False,
)
# vLLM-Omni, by its source: /v1/images/generations with one diffusion model, base64 only.
VLLM = Profile(
    parameters={
        Option.SIZE: "size",
        Option.NEGATIVE_PROMPT: "negative_prompt",
        Option.STEPS: "num_inference_steps",
        Option.GUIDANCE: "guidance_scale",
        Option.SEED: "seed",
    },
    ranges={Option.GUIDANCE: (0, 20)},
    response_format="b64_json",
    any_extras=True,
)
PROFILE_BY_NAME: Mapping[str, Profile] = {"openai": OPENAI, "compatible": COMPATIBLE, "vllm": VLLM}


def read_profile(value: object) -> object:
    """A profile by its name, or a table: what differs from the profile that it is `like`."""
    if isinstance(value, str):
        return _named(value)
    if _is_table(value):
        return _differing(value)
    if value is None:
        return None
    raise ValueError(f"must be a table, or one of {', '.join(PROFILE_BY_NAME)}")


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _differing(table: dict[str, object]) -> dict[str, object]:
    """Whoever lists the parameters of a server knows it better than a table of models."""
    described = {"is_sure": True, "knows_models": False} if "parameters" in table else {}
    differences: dict[str, object] = {**described, **table}
    base = _named(str(differences.pop("like", "compatible")))
    return {**dict(base), **differences}


def _named(name: str) -> Profile:
    if name not in PROFILE_BY_NAME:
        raise ValueError(f"there is no such profile; there are {', '.join(PROFILE_BY_NAME)}")
    return PROFILE_BY_NAME[name]
