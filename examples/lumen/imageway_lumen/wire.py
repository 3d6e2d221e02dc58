"""Lumen's words: what we send is complete and strict, what we read forgives the unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.reply import explain_status
from imageway.core.request import ImageRequest
from imageway.core.run import Run


class Order(BaseModel):
    """A render to be made; `label` is our own name for it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    model: str
    text: str
    label: str
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    format: str | None = None
    references: list[str] | None = None

    @classmethod
    def of(cls, request: ImageRequest, run: Run) -> Self:
        """The request in Lumen's words, and what its caller said to Lumen alone."""
        names = (run.provider or "lumen", "lumen")
        return cls(
            model=request.model,
            text=request.prompt,
            label=run.call_id,
            width=request.size.width if request.size else None,
            height=request.size.height if request.size else None,
            seed=request.seed,
            format=request.format,
            references=[each.picture.base64 for each in request.references] or None,
            **request.extra(*names),
        )


class Read(BaseModel):
    """Something that Lumen said."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Ticket(Read):
    """A render that was accepted."""

    render: str


class Problem(Read):
    """What went wrong."""

    kind: str
    text: str = ""


class Render(Read):
    """A render, looked at."""

    phase: str
    percent: float = 0.0
    files: list[str] = []
    credits: float = 0.0
    problem: Problem | None = None


class Models(Read):
    """The names of all models."""

    models: list[str]


CODE_BY_KIND: Mapping[str, ErrorCode] = {
    "too-fast": ErrorCode.RATE_LIMITED,
    "resting": ErrorCode.UNAVAILABLE,
    "key": ErrorCode.UNAUTHENTICATED,
    "policy": ErrorCode.REJECTED,
    "country": ErrorCode.FORBIDDEN,
    "plan": ErrorCode.FORBIDDEN,
    "credits": ErrorCode.QUOTA_EXHAUSTED,
    "model": ErrorCode.NOT_FOUND,
    "order": ErrorCode.INVALID_REQUEST,
    "broken": ErrorCode.FAILED,
}


def explain(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """What a refusal means: Lumen's word for it where there is one, else the status."""
    try:
        return refused(Problem.model_validate_json(body))
    except ValidationError:
        return explain_status(status, headers, body)


def refused(problem: Problem) -> ImagewayError:
    """A problem that Lumen named."""
    return ImagewayError(
        CODE_BY_KIND.get(problem.kind, ErrorCode.BAD_ANSWER),
        f"lumen refused: {problem.kind!r}",
        origin="vendor",
        vendor_code=problem.kind,
        vendor_message=problem.text,
    )
