"""What the orchestrator is sent, complete and strict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Format = Literal["png", "jpeg", "webP"]


class Sent(BaseModel):
    """A value of ours on its way; what is None is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class Drawn(Sent):
    """What every engine is told."""

    prompt: str
    negative_prompt: Annotated[str | None, Field(alias="negativePrompt")] = None
    steps: int | None = None
    width: int
    height: int
    seed: int
    quantity: int
    output_format: Annotated[Format | None, Field(alias="outputFormat")] = None


class SdcppInput(Drawn):
    """An imageGen step on sdcpp; Flux.1 names its model otherwise, and may name its parts."""

    engine: Literal["sdcpp"] = "sdcpp"
    ecosystem: str
    operation: Literal["createImage"] = "createImage"
    model: str | None = None
    diffuser_model: Annotated[str | None, Field(alias="diffuserModel")] = None
    vae_model: Annotated[str | None, Field(alias="vaeModel")] = None
    clip_l_model: Annotated[str | None, Field(alias="clipLModel")] = None
    t5_xxl_model: Annotated[str | None, Field(alias="t5XXLModel")] = None
    loras: Mapping[str, float] | None = None
    embeddings: tuple[str, ...] | None = None
    cfg_scale: Annotated[float | None, Field(alias="cfgScale")] = None
    sample_method: Annotated[str | None, Field(alias="sampleMethod")] = None
    schedule: str | None = None
    clip_skip: Annotated[int | None, Field(alias="clipSkip")] = None


class Network(Sent):
    """One network of a textToImage step."""

    strength: float | None = None
    type: str | None = None


class TextToImageInput(Drawn):
    """A textToImage step, one shape for everything like Stable Diffusion."""

    model: str
    scheduler: str | None = None
    cfg_scale: Annotated[float, Field(alias="cfgScale")]
    clip_skip: Annotated[int | None, Field(alias="clipSkip")] = None
    networks: Annotated[Mapping[str, Network] | None, Field(alias="additionalNetworks")] = None


class Step(Sent):
    """One step of a workflow."""

    type: Annotated[Literal["imageGen", "textToImage"], Field(alias="$type")]
    name: str = "main"
    input: SdcppInput | TextToImageInput


class Template(Sent):
    """A workflow as it is ordered; without a key it can only be asked what it would cost."""

    steps: tuple[Step]
    tags: tuple[str, ...]
    metadata: Mapping[str, JsonValue]
    external_id: Annotated[str | None, Field(alias="externalId")] = None
    currencies: tuple[str, ...]
    mature: Annotated[bool | None, Field(alias="allowMatureContent")] = None


class StatusChange(Sent):
    """The end of a workflow, on our word."""

    status: Literal["canceled"] = "canceled"
