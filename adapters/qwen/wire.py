"""The service's words: what is sent, strictly, and of what is read only that which is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
)

Edges = tuple[int, int]


class Sent(BaseModel):
    """What is sent; what is None is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Read(BaseModel):
    """What is read; what is unknown is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Wish(Sent):
    """The body of POST /api/generate; the seed is always said, for the usual one is always 42."""

    prompt: str
    seed: int
    negative_prompt: str | None = None
    aspect_ratio: str | None = None
    num_steps: int | None = None
    cfg_scale: float | None = None
    format: str | None = None
    in_background: Annotated[bool | None, Field(serialization_alias="async")] = None
    allow_degrade: bool | None = None
    max_wait_seconds: float | None = None


class Extras(Sent):
    """What only this service understands; a request says it under `extras`."""

    allow_degrade: bool | None = None
    max_wait_seconds: Annotated[float, Field(gt=0)] | None = None


class ErrorBody(Read):
    """What the service says when it refuses or fails."""

    code: int
    message: str = ""
    request_id: str | None = None
    retry_after: float | None = None
    suggested_fix: tuple[str, ...] = ()
    reason: str | None = None
    allowed: JsonValue = None
    limit: JsonValue = None


class Accepted(Read):
    """The answer to a wish that is drawn in the background."""

    request_id: Annotated[str, Field(min_length=1)]
    queue_position: int | None = None
    estimated_wait_seconds: float | None = None


class Degraded(Read):
    """What the server changed so that a picture came at all."""

    reason: str | None = None
    num_steps: int | None = None
    seed: int | None = None


class State(Read):
    """One request, when asked for it."""

    state: Annotated[str, Field(validation_alias=AliasChoices("state", "status"))]
    position: Annotated[
        int | None, Field(validation_alias=AliasChoices("position", "queue_position"))
    ] = None
    step: int | None = None
    total_steps: Annotated[
        int | None, Field(validation_alias=AliasChoices("total_steps", "total", "num_steps"))
    ] = None
    eta_seconds: float | None = None
    seed: int | None = None
    degraded: Degraded | None = None
    error: ErrorBody | None = None


class Place(Read):
    """The event `queued`."""

    position: int
    eta_seconds: float | None = None


class Step(Read):
    """The event `progress`."""

    step: int
    total: Annotated[int, Field(ge=1)]


class Shown(Read):
    """The event `preview`."""

    step: int | None = None
    data: str


class Done(Read):
    """The event `done`."""

    seed: int | None = None
    degraded: Degraded | None = None


class Queue(Read):
    """GET /api/queue/status."""

    status: str = "idle"
    queued: int = 0
    estimated_wait_seconds: float = 0.0
    capacity: int | None = None
    avg_generate_seconds: float | None = None

    @property
    def is_full(self) -> bool:
        """Whether one more would be refused."""
        return self.status == "busy" and self.capacity is not None and self.queued >= self.capacity


class Illness(Read):
    """GET /api/health, when it is not well."""

    reason: str


def _edges(value: object) -> object:
    """A size as a pair, an object, or text."""
    match value:
        case {"width": width, "height": height}:
            return width, height
        case str():
            return tuple(value.lower().split("x"))
        case _:
            return value


class Limits(Read):
    """Ranges that a server was given, both ends allowed, and how long it keeps a result."""

    num_steps: tuple[int, int] = (20, 100)
    cfg_scale: tuple[float, float] = (1, 20)
    result_ttl_seconds: float = 600.0


class Info(Read):
    """GET /api/info, as far as it concerns a caller."""

    model: str | None = None
    title: str | None = None
    sizes: Mapping[str, Annotated[Edges, BeforeValidator(_edges)]] = {}
    limits: Limits = Limits()
    formats: frozenset[str] = frozenset({"png", "jpeg", "webp"})
    features: frozenset[str] | None = None

    def has(self, feature: str) -> bool:
        """Whether it has a feature; one that names none has all of the contract."""
        return self.features is None or feature in self.features
