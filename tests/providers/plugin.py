"""An adapter in a file, as a user would write one; tests copy it and give it keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from imageway.core.capability import Capabilities
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.request import ImageRequest
from imageway.core.run import Run


class Cloud(BaseModel):
    """A table of the adapter's own."""

    model_config = ConfigDict(extra="forbid")

    project: str
    credentials: SecretStr | None = None


class HouseConfig(BaseModel):
    """Keys of every kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: Annotated[SecretStr, Field(min_length=10)] | None = None
    base_url: str = "http://127.0.0.1"
    pace: Annotated[float, Field(ge=0)] = 0
    cloud: Cloud | None = None
    headers: Mapping[str, SecretStr] = {}
    tokens: tuple[SecretStr, ...] = ()
    workflow: Mapping[str, str] = {}

    @field_validator("base_url")
    @classmethod
    def _breaks(cls, value: str) -> str:
        if value == "bug":
            raise KeyError(value)
        return value


@dataclass
class Unfinished:
    """No adapter: neither Config nor methods. Being a dataclass, it looks its module up by name."""

    config: HouseConfig


class House:
    """An adapter that draws nothing."""

    Config = HouseConfig

    def __init__(self, config: HouseConfig, http: Http, memo: Memo) -> None:
        if config.base_url == "refused":
            raise RuntimeError("no GPU here")
        self.config = config

    async def describe(self, model: str) -> Capabilities:
        """Nothing is known."""
        return Capabilities.permissive()

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Draw nothing."""
