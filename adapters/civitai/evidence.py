"""What one answer proves of the service that gave it: whether its origin spoke, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError

How = Literal["answer", "busy", "throttled", "page", "slow", "network", "unreadable"]

FROM_THE_EDGE = frozenset({"hit", "stale", "updating"})
HOW_BY_CODE: Mapping[ErrorCode, How] = {
    ErrorCode.RATE_LIMITED: "throttled",
    ErrorCode.TIMEOUT: "slow",
    ErrorCode.NETWORK: "network",
    ErrorCode.BAD_ANSWER: "unreadable",
    ErrorCode.TOO_LARGE: "unreadable",
}
LONGEST_WORDS = 80


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer's outside: its status, whether an edge gave it, how old it is, and its form."""

    status: int
    is_cached: bool
    age: float
    is_page: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure; an application that says itself that it failed proves that its host is up."""

    kind: How
    words: str
    has_parameters: bool

    @property
    def proves_host(self) -> bool:
        """Whether the site itself spoke."""
        return self.kind in {"answer", "busy", "throttled"}


def seen(status: int, headers: Mapping[str, str], body: bytes) -> Seen:
    """Look at an answer from outside; it has an age where an edge had kept it."""
    low = {name.lower(): value for name, value in headers.items()}
    is_cached = low.get("cf-cache-status", "").strip().lower() in FROM_THE_EDGE
    age = low.get("age", "").strip()
    is_page = "html" in low.get("content-type", "").lower() or body.lstrip()[:1] == b"<"
    return Seen(status, is_cached, float(age) if is_cached and age.isdecimal() else 0.0, is_page)


def failure_of(info: ErrorInfo, seen: Seen | None, has_parameters: bool) -> Failure | None:
    """How it failed; None where it was our question that was refused, which a sick site can do."""
    how = _how(info, seen)
    return None if how is None else Failure(how, _words(info, seen), has_parameters)


def dated(error: ImagewayError, seen: Seen | None) -> ImagewayError:
    """The same failure; one that an edge had kept says for how long, for it may be over."""
    if seen is None or not seen.is_cached:
        return error
    kept: dict[str, JsonValue] = {"cache": "edge", "age": seen.age}
    details = {**error.info.details, **kept}
    return ImagewayError.carrying(error.info.model_copy(update={"details": details}))


def _how(info: ErrorInfo, seen: Seen | None) -> How | None:
    if seen is None:
        return HOW_BY_CODE.get(info.code, "unreadable")
    if seen.is_page:
        return "throttled" if seen.status == 429 else "page"
    if info.code is ErrorCode.RATE_LIMITED:
        return "throttled"
    if seen.status < 300:
        return "unreadable"
    if seen.status < 500:
        return None
    if seen.status == 503:
        return "busy"
    # A gateway in front answers with these, and knows nothing of the application behind it.
    return "slow" if seen.status in {504, 524} else "page" if seen.status != 500 else "answer"


def _words(info: ErrorInfo, seen: Seen | None) -> str:
    status = "" if seen is None else str(seen.status)
    said = info.vendor_message or ("a page" if seen is not None and seen.is_page else "")
    words = " ".join(filter(None, (status, said))) or info.message
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"
