"""What is said when something cannot be done: the status, the words, and whether to try again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ErrorInfo

LONGEST_REASON = 120
ASCII_BY_SIGN = str.maketrans(
    {"…": "...", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "→": "->", "×": "x"}
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal or failure, ready to be written as an OpenAI error."""

    status: int
    code: str
    message: str
    type: str = "invalid_request_error"
    hint: str | None = None
    param: str | None = None
    again: bool = False
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    members: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @property
    def sentence(self) -> str:
        """The message and what would be right, as one sentence."""
        return f"{self.message.rstrip('.')}; {self.hint}" if self.hint else self.message

    @property
    def reason(self) -> str:
        """The sentence as an HTTP reason phrase: one short line of ASCII."""
        whole = _one_line(self.sentence)
        short = whole if len(whole) <= LONGEST_REASON else _one_line(self.message)
        return short if len(short) <= LONGEST_REASON else f"{short[: LONGEST_REASON - 3]}..."

    @property
    def all_headers(self) -> Mapping[str, str]:
        """The headers that tell a client whether and when to try again, and the problem's own."""
        headers = {"x-should-retry": "true" if self.again else "false"}
        if self.retry_after is not None:
            headers["Retry-After"] = str(max(0, ceil(self.retry_after)))
        return {**headers, **self.headers}

    def body(self, request_id: str) -> dict[str, JsonValue]:
        """The error as OpenAI writes it; `message`, `type`, `param` and `code` are always there."""
        error: dict[str, JsonValue] = {
            "message": self.sentence,
            "type": self.type,
            "param": self.param,
            "code": self.code,
            **({"hint": self.hint} if self.hint else {}),
            **self.members,
            "request_id": request_id,
        }
        return {"error": error}


class Refused(Exception):
    """A problem on its way to the caller."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def problem_of(info: ErrorInfo, others: Sequence[ErrorInfo] = ()) -> Problem:
    """Say a failure to the caller; trying again is right only if none of the others costs twice."""
    rule = info.rule
    return Problem(
        status=rule.status,
        code=rule.openai_code,
        message=info.message,
        type=rule.openai_type,
        hint=info.hint,
        param=param_of(info),
        again=all(each.may_be_repeated for each in (info, *others)),
        retry_after=info.retry_after,
        members=members_of(info),
    )


def param_of(info: ErrorInfo) -> str | None:
    """The field that is to blame; an unknown model is always the field `model`."""
    return "model" if info.code is ErrorCode.NOT_FOUND and info.param is None else info.param


def members_of(info: ErrorInfo) -> dict[str, JsonValue]:
    """What we say of a failure beyond OpenAI's four members."""
    said: dict[str, JsonValue] = {
        "provider": info.provider,
        "model": info.model,
        "vendor_code": info.vendor_code,
        "vendor_message": info.vendor_message,
        "vendor_request_id": info.request_id if info.origin == "vendor" else None,
        "details": {key: value for key, value in info.details.items() if key != "param"} or None,
    }
    told = {key: value for key, value in said.items() if value is not None}
    return {**told, "imageway_code": str(info.code), "origin": info.origin, "charged": info.charged}


def _one_line(text: str) -> str:
    plain = text.translate(ASCII_BY_SIGN).encode("ascii", "replace").decode()
    return " ".join("".join(sign if sign.isprintable() else " " for sign in plain).split())
