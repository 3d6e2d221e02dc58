"""What is said when there is no picture: a code, a sentence, and what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Literal

from pydantic import JsonValue

from imageway.qwen.codes import ROW_BY_CODE, Code, Language, Words
from imageway.serving.problems import Problem, Refused

Reason = Literal["nan", "oom", "device", "internal"]
LONGEST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Trouble:
    """One refusal or failure as data; `words` and `http_status` overrule the table."""

    code: Code
    words: Words | None = None
    http_status: int | None = None
    param: str | None = None
    retry_after: float | None = None
    reason: Reason | None = None
    suggested_fix: tuple[Words, ...] = ()
    allowed: Sequence[JsonValue] | None = None
    limit: JsonValue = None
    got: JsonValue = None

    @property
    def status(self) -> int:
        """How HTTP says it."""
        return self.http_status or ROW_BY_CODE[self.code].status

    @property
    def wait(self) -> int | None:
        """Whole seconds to wait before asking again, at least one."""
        return None if self.retry_after is None else max(1, ceil(self.retry_after))

    def message(self, language: Language) -> str:
        """The sentence for a person."""
        return (self.words or ROW_BY_CODE[self.code].words).said(language)

    def members(self, language: Language) -> dict[str, JsonValue]:
        """What is said beside code and message, where it applies."""
        said: dict[str, JsonValue] = {
            "retry_after": self.wait,
            "reason": self.reason,
            "suggested_fix": [each.said(language) for each in self.suggested_fix] or None,
            "allowed": list(self.allowed) if self.allowed else None,
            "limit": self.limit,
            "got": self.got,
        }
        return {name: value for name, value in said.items() if value is not None}

    def body(self, request_id: str, language: Language) -> dict[str, JsonValue]:
        """The error as the service's own clients read it."""
        return {
            "code": int(self.code),
            "message": self.message(language),
            "request_id": request_id,
            **self.members(language),
        }

    def problem(self, language: Language) -> Problem:
        """The error as OpenAI's clients read it."""
        return Problem(
            self.status,
            str(int(self.code)),
            self.message(language),
            type="invalid_request_error" if self.status < 500 else "server_error",
            param=self.param,
            again=ROW_BY_CODE[self.code].again,
            retry_after=self.wait,
            members=self.members(language),
        )


class Refusal(Refused):
    """A trouble on its way to the caller."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble.problem("en"))


def shown(value: object) -> JsonValue:
    """A caller's value as it may be shown to them: short, and always valid JSON."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    if isinstance(value, float) and isfinite(value):
        return value
    text = value if isinstance(value, str) else repr(value)
    return text[:LONGEST_SHOWN].encode("utf-8", "replace").decode()
