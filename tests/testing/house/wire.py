"""House's words, as far as its adapter uses them."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.reply import explain_status


class Sent(BaseModel):
    """What we send: complete and strict."""

    model_config = ConfigDict(frozen=True, extra="allow")

    model: str
    prompt: str
    count: int
    width: int | None = None
    height: int | None = None
    shape: str | None = None
    seed: int | None = None
    avoid: str | None = None
    quality: str | None = None
    format: str | None = None
    background: str | None = None
    guidance: float | None = None
    steps: int | None = None
    style: str | None = None
    inputs: list[str] | None = None
    mask: str | None = None
    previews: int | None = None
    stream: bool | None = None
    external: str | None = None


class Read(BaseModel):
    """What we read; the unknown is forgiven."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Item(Read):
    """One picture, here or elsewhere."""

    data: str | None = None
    url: str | None = None
    index: int | None = None


class Made(Read):
    """An answer in one piece."""

    pictures: list[Item]
    cost: float
    worse: str | None = None


class Lenient(Made):
    """The same for whoever believes anything."""

    pictures: list[Item] = []
    cost: float = 0.0


class Share(Read):
    """How far it is."""

    share: float


class End(Read):
    """The last event."""

    cost: float


class Ticket(Read):
    """A job that was taken."""

    id: str


class Problem(Read):
    """What went wrong."""

    code: str
    message: str


class Failure(Read):
    """An error's envelope."""

    error: Problem


class Job(Read):
    """A job, looked at."""

    state: str
    share: float = 0.0
    pictures: list[Item] = []
    cost: float = 0.0
    error: Problem | None = None


class Model(Read):
    """One model."""

    name: str
    title: str


class Models(Read):
    """All models."""

    models: list[Model]


class Access(Read):
    """Whether a model may be used."""

    allowed: bool
    why: str


class Wellness(Read):
    """How the house is."""

    well: bool


class Price(Read):
    """A price before the work."""

    amount: float


class Gallery(Read):
    """One page of what is on the walls."""

    items: list[dict[str, JsonValue]]
    next: str | None


CODE_BY_WORD: Mapping[str, ErrorCode] = {
    "slow_down": ErrorCode.RATE_LIMITED,
    "closed": ErrorCode.UNAVAILABLE,
    "bad_key": ErrorCode.UNAUTHENTICATED,
    "not_here": ErrorCode.REJECTED,
    "region": ErrorCode.FORBIDDEN,
    "guest": ErrorCode.FORBIDDEN,
    "no_money": ErrorCode.QUOTA_EXHAUSTED,
    "no_model": ErrorCode.NOT_FOUND,
    "oh": ErrorCode.FAILED,
}


def explain(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """Turn House's words into a code, by the table."""
    try:
        problem = Failure.model_validate_json(body).error
    except ValidationError:
        return explain_status(status, headers, body)
    return refused(problem)


def refused(problem: Problem) -> ImagewayError:
    """An error that House named."""
    return ImagewayError(
        CODE_BY_WORD.get(problem.code, ErrorCode.BAD_ANSWER),
        f"house refused: {problem.code!r}",
        origin="vendor",
        vendor_code=problem.code,
        vendor_message=problem.message,
    )
