"""CivitAI's words as we read them: only what is used, and nothing fails for a word beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.reply import Reply

Value = TypeVar("Value")
Model = TypeVar("Model", bound=BaseModel)

FINAL = frozenset({"succeeded", "failed", "expired", "canceled"})
NOT_BLOCKED = frozenset({"", "none"})


def _words(value: object) -> object:
    """Text, or a number as text; what else stands there says nothing to us."""
    is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_text else None


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """What cannot be read is not there."""
    try:
        return read(value)
    except ValidationError:
        return None


Words = Annotated[str | None, BeforeValidator(_words)]
Forgiven = Annotated[Value | None, WrapValidator(_or_none)]


class Read(BaseModel):
    """Something that CivitAI said."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Me(Read):
    """Whose key it is; there is no balance in it."""

    id: int
    username: Words = None
    status: Words = None
    tier: Words = None


class Enums(BaseModel):
    """Lists of words by their names, which grow."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Marks(Read):
    """How a gate shows itself, in the words of three eras; dates are read later, and with care."""

    availability: Words = None
    early_access_deadline: Annotated[JsonValue, Field(alias="earlyAccessDeadline")] = None
    early_access_time_frame: Annotated[JsonValue, Field(alias="earlyAccessTimeFrame")] = None
    early_access_ends_at: Annotated[JsonValue, Field(alias="earlyAccessEndsAt")] = None
    early_access_config: Annotated[JsonValue, Field(alias="earlyAccessConfig")] = None
    paid_access: Annotated[JsonValue, Field(alias="paidAccess")] = None


class Mini(Marks):
    """What the generator knows of a version."""

    air: str
    version_name: Annotated[Words, Field(alias="versionName")] = None
    model_name: Annotated[Words, Field(alias="modelName")] = None
    base_model: Annotated[Words, Field(alias="baseModel")] = None
    user_id: Annotated[Forgiven[int], Field(alias="userId")] = None
    can_generate: Annotated[Forgiven[bool], Field(alias="canGenerate")] = None
    check_permission: Annotated[Forgiven[bool], Field(alias="checkPermission")] = None
    free_trial_limit: Annotated[Forgiven[int], Field(alias="freeTrialLimit")] = None


class VersionPage(Marks):
    """A version as the site shows it."""

    id: int
    name: Words = None
    base_model: Annotated[Words, Field(alias="baseModel")] = None
    covered: Annotated[Forgiven[bool], Field(alias="supportsGeneration")] = None


class ModelPage(Read):
    """A model with its versions, the newest first."""

    id: int
    name: Words = None
    versions: Annotated[tuple[VersionPage, ...], Field(alias="modelVersions")] = ()


class Blob(Read):
    """One picture; it has its id from the beginning, and its link when it is made."""

    id: Words = None
    available: Forgiven[bool] = None
    url: Words = None
    preview: Annotated[Words, Field(alias="previewUrl")] = None
    blocked: Annotated[Words, Field(alias="blockedReason")] = None

    @property
    def is_blocked(self) -> bool:
        """Whether it is held back; the word "none" means that it is not."""
        return (self.blocked or "").strip().lower() not in NOT_BLOCKED


class Place(Read):
    """A place in a queue."""

    support: Words = None
    ahead: Annotated[Forgiven[int], Field(alias="precedingJobs")] = None


class Job(Read):
    """One job of a step; newer deployments have none."""

    queue: Annotated[Forgiven[Place], Field(alias="queuePosition")] = None
    reason: Words = None
    blocked: Annotated[Words, Field(alias="blockedReason")] = None


class Output(Read):
    """What a step has made; some documents call the pictures blobs."""

    images: Forgiven[list[Blob]] = None
    blobs: Forgiven[list[Blob]] = None
    errors: Forgiven[list[str]] = None


class StepState(Read):
    """One step as it is."""

    status: Words = None
    progress: Annotated[Forgiven[float], Field(alias="estimatedProgressRate")] = None
    output: Forgiven[Output] = None
    jobs: Forgiven[list[Job]] = None
    queue: Annotated[Forgiven[Place], Field(alias="queuePosition")] = None


class Line(Read):
    """One line of the account's ledger."""

    type: Words = None
    amount: float


class Transactions(Read):
    """What was taken and given back."""

    list: Forgiven[tuple[Line, ...]] = None
    short: Annotated[Forgiven[bool], Field(alias="insufficientBuzz")] = None


class Cost(Read):
    """A price."""

    total: float


class Workflow(Read):
    """A workflow as it is, or as it would be."""

    status: Words = None
    external_id: Annotated[Words, Field(alias="externalId")] = None
    metadata: Forgiven[dict[str, JsonValue]] = None
    steps: Forgiven[tuple[StepState, ...]] = None
    cost: Forgiven[Cost] = None
    transactions: Forgiven[Transactions] = None

    @property
    def is_final(self) -> bool:
        """Whether nothing will change; a status that nobody knows is none of the last."""
        return self.status in FINAL

    @property
    def blobs(self) -> list[Blob]:
        """Every picture of every step, in order."""
        outputs = [step.output for step in self.steps or () if step.output is not None]
        return [blob for output in outputs for blob in output.images or output.blobs or ()]

    @property
    def net(self) -> float | None:
        """Debits minus credits; None where nothing is said of them."""
        lines = None if self.transactions is None else self.transactions.list
        if lines is None:
            return None
        return sum(line.amount * SIGN_BY_TYPE.get(line.type or "", 0) for line in lines)

    @property
    def reasons(self) -> list[str]:
        """Everything that is said of what went wrong."""
        steps = self.steps or ()
        said = [text for step in steps if step.output for text in step.output.errors or ()]
        jobs = [job for step in steps for job in step.jobs or ()]
        found = [*said, *(job.reason or job.blocked or "" for job in jobs)]
        return list(dict.fromkeys(text for text in found if text))


SIGN_BY_TYPE: Mapping[str, int] = {"debit": 1, "credit": -1}


class Begun(Workflow):
    """A workflow that was ordered: without an id the answer says nothing."""

    id: str


class Found(Read):
    """A page of workflows."""

    items: tuple[Begun, ...]


class Refreshed(Read):
    """A picture with a new link."""

    url: str


def parsed(reply: Reply, model: type[Model]) -> Model:
    """Read an answer of the site, whose texts may hold raw control characters."""
    try:
        found: JsonValue = json.loads(reply.body, strict=False)
        return model.model_validate(found)
    except (ValueError, RecursionError):
        raise ImagewayError(
            ErrorCode.BAD_ANSWER, "CivitAI's site answered something unreadable", origin="vendor"
        ) from None
