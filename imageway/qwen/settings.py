"""What may be set, by flag, by an environment variable, or in a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeGuard

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from imageway.qwen.profiles import PROFILES, Name, Profile
from imageway.qwen.sizes import MULTIPLE, NATIVE, Pixels, Ratio

Switch = Literal["auto", "on", "off"]


def _split(value: object) -> object:
    """A text such as `a, b` from a flag or a variable is a list."""
    return [each.strip() for each in value.split(",") if each.strip()] if _is_text(value) else value


def _parsed(value: object) -> object:
    """A table from a flag or a variable is JSON."""
    return orjson.loads(value) if _is_text(value) else value


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Ratios = Annotated[tuple[Ratio, ...], BeforeValidator(_split)]
Sizes = Annotated[Mapping[Ratio, Pixels], BeforeValidator(_parsed)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


class Settings(BaseModel):
    """Everything that the service can be told; the descriptions are its manual."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: Literal["sdnq", "demo"] = Field(
        default="sdnq", description="the engine; demo paints by rules"
    )
    model: str | None = Field(default=None, description="the checkpoint: an id or a folder")
    host: str = Field(default="127.0.0.1", description="where to listen")
    port: int = Field(default=7860, ge=0, le=65_535, description="the port; 0 takes a free one")
    api_key: SecretStr | None = Field(
        default=None, description="what callers must send as a bearer token"
    )
    allowed_hosts: Names = Field(
        default=(), description="names that clients may call the service by"
    )
    allowed_origins: Names = Field(
        default=(), description="other web pages that may use the service"
    )
    queue_depth: Count = Field(default=16, description="how many may wait; 0 lets nobody wait")
    sync_budget_seconds: Seconds = Field(
        default=0.0, description="refuse a plain request that would take longer; 0 refuses none"
    )
    max_wait_seconds: float = Field(default=600.0, gt=0, description="how long a request may wait")
    cancel_on_disconnect: bool = Field(
        default=True, description="a client that leaves cancels its request"
    )
    result_ttl_seconds: Seconds = Field(default=600.0, description="how long a result is kept")
    result_max_bytes: Count = Field(
        default=512 * 2**20, description="how much all kept results may weigh"
    )
    preview_interval_seconds: Seconds = Field(
        default=2.0, description="the least time between previews"
    )
    default_step_seconds: Seconds | None = Field(
        default=None, description="a step's time before any was measured"
    )
    stuck_seconds: float | None = Field(
        default=None, gt=0, description="without a step for so long the service is ill"
    )
    stop_grace_seconds: Seconds = Field(
        default=55.0, description="what runs may finish within this time"
    )
    max_attempts: int = Field(default=3, ge=1, description="how often one request is run at most")
    max_total_seconds: float = Field(
        default=900.0, gt=0, description="no further run begins after this"
    )
    max_consecutive_failures: int = Field(
        default=3, ge=1, description="so many failures in a row make the service not ready"
    )
    warmup_ratios: Ratios = Field(
        default=("1:1",), description="shapes to warm up before being ready"
    )
    sizes: Sizes = Field(default=NATIVE, description="pixels of each shape, as JSON or a table")
    embed_metadata: bool = Field(default=True, description="write prompt and seed into PNG files")
    log_prompts: bool = Field(default=False, description="write prompts into the log")
    demo_step_seconds: Seconds = Field(
        default=0.05, description="how long the demo takes for half a step"
    )
    device: str = Field(default="auto", description="cuda, xpu, mps or cpu")
    dtype: Literal["bfloat16", "float32"] = Field(
        default="bfloat16", description="the numbers' type"
    )
    placement: Literal["auto", "resident", "model_offload", "group_offload"] = Field(
        default="auto", description="where the weights lie; auto decides from free memory"
    )
    vae_tiling: Switch = Field(
        default="auto", description="decode in tiles, which takes less memory"
    )
    vae_2d: Switch = Field(default="auto", description="decode by plain 2-D convolutions")
    quantized_matmul: Switch = Field(
        default="auto", description="multiply quantised, where Triton works"
    )
    offline: bool = Field(default=False, description="never ask the network for the model")
    profile: Name = Field(
        default="standard", description="lightning makes a picture in 4 steps, with its own lora"
    )
    lora: str | None = Field(
        default=None, description="the file with what makes the model one of few steps"
    )

    @property
    def limits(self) -> Profile:
        """How many steps and how much guidance may be asked for."""
        return PROFILES[self.profile]

    @property
    def usual_step_seconds(self) -> float:
        """A step's time before any was measured; the demo knows its own."""
        if self.default_step_seconds is not None:
            return self.default_step_seconds
        return 2 * self.demo_step_seconds if self.backend == "demo" else 1.0

    @model_validator(mode="after")
    def _fitting(self) -> Settings:
        """A profile of few steps and its lora make no sense without each other."""
        if (self.profile == "lightning") != (self.lora is not None) and self.backend != "demo":
            raise ValueError("profile 'lightning' and a lora belong together")
        return self

    @field_validator("sizes")
    @classmethod
    def _complete(cls, given: Mapping[Ratio, Pixels]) -> Mapping[Ratio, Pixels]:
        """Shapes that are not named keep their native pixels."""
        for ratio, pixels in given.items():
            if any(edge < MULTIPLE or edge % MULTIPLE for edge in pixels):
                raise ValueError(f"{ratio}: {pixels} are not multiples of {MULTIPLE}")
        return {**NATIVE, **given}
