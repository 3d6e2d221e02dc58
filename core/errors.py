"""One exception, one closed list of codes, and one table that says what each code means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, TypedDict, Unpack

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue

from imageway.core.text import whole, whole_tree

Charged = Literal["no", "maybe", "yes"]
Origin = Literal["vendor", "imageway"]

CHARGE_RANK: Mapping[Charged, int] = {"no": 0, "maybe": 1, "yes": 2}


class ErrorCode(StrEnum):
    """Why something failed, in the caller's terms; callers branch on this and never on text."""

    INVALID_REQUEST = "invalid_request"
    TOO_LARGE = "too_large"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_ENTITLED = "not_entitled"
    QUOTA_EXHAUSTED = "quota_exhausted"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    NETWORK = "network"
    FAILED = "failed"
    BAD_ANSWER = "bad_answer"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CANCELLED = "cancelled"
    MISCONFIGURED = "misconfigured"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What follows from a code: ask again here, ask elsewhere, and how HTTP and OpenAI say it."""

    again: bool
    another: bool
    status: int
    openai_type: str
    openai_code: str


# The type and code columns follow the table "Error output" of the OpenAI Images specification.
RULE_BY_CODE: Mapping[ErrorCode, CodeRule] = {
    ErrorCode.INVALID_REQUEST: CodeRule(
        False, False, 400, "invalid_request_error", "invalid_value"
    ),
    ErrorCode.TOO_LARGE: CodeRule(False, False, 413, "invalid_request_error", "too_large"),
    ErrorCode.REJECTED: CodeRule(
        False, False, 400, "image_generation_user_error", "moderation_blocked"
    ),
    ErrorCode.UNSUPPORTED: CodeRule(False, True, 422, "invalid_request_error", "unsupported"),
    ErrorCode.NOT_FOUND: CodeRule(False, True, 404, "invalid_request_error", "model_not_found"),
    ErrorCode.CONFLICT: CodeRule(False, False, 409, "invalid_request_error", "conflict"),
    ErrorCode.UNAUTHENTICATED: CodeRule(False, True, 502, "server_error", "upstream_auth"),
    ErrorCode.FORBIDDEN: CodeRule(False, True, 502, "server_error", "upstream_forbidden"),
    ErrorCode.NOT_ENTITLED: CodeRule(False, True, 403, "invalid_request_error", "not_entitled"),
    ErrorCode.QUOTA_EXHAUSTED: CodeRule(
        False, True, 402, "insufficient_quota", "insufficient_quota"
    ),
    ErrorCode.RATE_LIMITED: CodeRule(True, True, 429, "requests", "rate_limit_exceeded"),
    ErrorCode.UNAVAILABLE: CodeRule(True, True, 503, "server_error", "overloaded"),
    ErrorCode.TIMEOUT: CodeRule(True, True, 504, "server_error", "upstream_timeout"),
    ErrorCode.NETWORK: CodeRule(True, True, 502, "server_error", "upstream_network"),
    ErrorCode.FAILED: CodeRule(
        False, True, 502, "image_generation_server_error", "image_generation_failed"
    ),
    ErrorCode.BAD_ANSWER: CodeRule(
        False, True, 502, "image_generation_server_error", "image_generation_failed"
    ),
    ErrorCode.OUTCOME_UNKNOWN: CodeRule(False, False, 424, "server_error", "outcome_unknown"),
    ErrorCode.CANCELLED: CodeRule(False, False, 499, "invalid_request_error", "cancelled"),
    ErrorCode.MISCONFIGURED: CodeRule(False, False, 500, "server_error", "misconfigured"),
    ErrorCode.INTERNAL: CodeRule(False, False, 500, "server_error", "internal_error"),
}

# After a charge, only these two prove that the money bought nothing another vendor would double.
CURABLE_AFTER_CHARGE = frozenset({ErrorCode.FAILED, ErrorCode.NOT_ENTITLED})

# What imageway finds out about a model before anything is sent to it.
PASSES_OVER = frozenset({ErrorCode.UNSUPPORTED, ErrorCode.QUOTA_EXHAUSTED})
# A later candidate that could never have helped does not hide what really went wrong.
SAYS_NOTHING_NEW = frozenset({ErrorCode.UNSUPPORTED, ErrorCode.NOT_FOUND})
# Nor does one that was not even asked: an open breaker, a full line, a price above its ceiling.
OUR_REFUSALS = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED, ErrorCode.QUOTA_EXHAUSTED})


# A vendor's words may end in the middle of a character.
Said = Annotated[str, AfterValidator(whole)]


def _details(found: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    return {whole(name): whole_tree(value) for name, value in found.items()}


class ErrorInfo(BaseModel):
    """A failure as data: what is logged, routed on and answered with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: ErrorCode
    message: Said
    hint: Said | None = None
    origin: Origin = "imageway"
    charged: Charged = "no"
    retry_after: float | None = None
    provider: str | None = None
    model: str | None = None
    vendor_code: Said | None = None
    vendor_message: Said | None = None
    details: Annotated[Mapping[str, JsonValue], AfterValidator(_details)] = {}
    request_id: str | None = None

    @property
    def rule(self) -> CodeRule:
        """The table's row for this code."""
        return RULE_BY_CODE[self.code]

    @property
    def param(self) -> str | None:
        """The field of the request that is to blame, when one is."""
        name = self.details.get("param")
        return name if isinstance(name, str) else None

    @property
    def may_be_repeated(self) -> bool:
        """Whether the same vendor may be asked the same again without paying twice."""
        return self.rule.again and self.charged == "no"

    @property
    def another_may_cure(self) -> bool:
        """Whether another vendor may be asked instead without paying twice."""
        if self.charged == "yes":
            return self.code in CURABLE_AFTER_CHARGE
        return self.rule.another and self.charged == "no"

    @property
    def passed_over(self) -> bool:
        """Whether imageway itself found, before anything was sent, that this model cannot serve.

        It cannot do what is asked, or costs more than may be spent; nobody has failed.
        """
        is_ours = self.origin == "imageway" and self.charged == "no"
        return is_ours and self.code in PASSES_OVER

    @property
    def tells(self) -> int:
        """How much it tells, against an earlier failure: that one model could not serve, that
        imageway left one alone or had no place, what really went wrong.
        """
        if self.code in SAYS_NOTHING_NEW:
            return 0
        is_ours = self.origin == "imageway" and self.charged == "no"
        return 1 if is_ours and self.code in OUR_REFUSALS else 2

    def at_least(self, charged: Charged) -> ErrorInfo:
        """The same failure, charged no less than this."""
        if CHARGE_RANK[self.charged] >= CHARGE_RANK[charged]:
            return self
        return self.model_copy(update={"charged": charged})

    def of(self, provider: str | None, model: str | None) -> ErrorInfo:
        """The same failure, with its provider and model named if they are not yet."""
        if self.provider is not None or provider is None:
            return self
        return self.model_copy(update={"provider": provider, "model": self.model or model})


class ErrorFields(TypedDict, total=False):
    """The optional fields of ErrorInfo, for ImagewayError's keyword arguments."""

    hint: str | None
    origin: Origin
    charged: Charged
    retry_after: float | None
    provider: str | None
    model: str | None
    vendor_code: str | None
    vendor_message: str | None
    details: Mapping[str, JsonValue]
    request_id: str | None


class ImagewayError(Exception):
    """The only exception that leaves an adapter, a policy or the library on purpose."""

    info: ErrorInfo

    def __init__(self, code: ErrorCode, message: str, **fields: Unpack[ErrorFields]) -> None:
        self.info = ErrorInfo(code=code, message=message, **fields)
        super().__init__(f"{code}: {message}")

    @classmethod
    def carrying(cls, info: ErrorInfo) -> ImagewayError:
        """Make an exception of a failure that is already data."""
        error = cls(info.code, info.message)
        error.info = info
        return error


def invalid(param: str, message: str, hint: str | None = None) -> ImagewayError:
    """A caller's mistake in one named field."""
    return ImagewayError(ErrorCode.INVALID_REQUEST, message, hint=hint, details={"param": param})
