"""A vendor's answer, and what its status alone says of a failure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from imageway.core.errors import ErrorCode, ImagewayError

# Turns a vendor's refusal into our words; an adapter has one of its own, read from a table.
Explain = Callable[[int, Mapping[str, str], bytes], ImagewayError]

CODE_BY_STATUS: Mapping[int, ErrorCode] = {
    400: ErrorCode.INVALID_REQUEST,
    401: ErrorCode.UNAUTHENTICATED,
    402: ErrorCode.QUOTA_EXHAUSTED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    408: ErrorCode.TIMEOUT,
    409: ErrorCode.CONFLICT,
    410: ErrorCode.NOT_FOUND,
    413: ErrorCode.TOO_LARGE,
    422: ErrorCode.INVALID_REQUEST,
    424: ErrorCode.OUTCOME_UNKNOWN,
    429: ErrorCode.RATE_LIMITED,
    451: ErrorCode.FORBIDDEN,
    504: ErrorCode.TIMEOUT,
}
# A reader must know whose key it was: not their own.
MESSAGE_BY_STATUS: Mapping[int, str] = {401: "the provider refused imageway's key"}
# What proves that nothing was charged; not 424, by which another imageway says that it may be.
REFUSALS = frozenset({*range(400, 500), 503}) - {424}

A_NUMBER = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; headers are found in any spelling."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def explain_status(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """Read a failure from its status, for vendors that say no more."""
    other = ErrorCode.UNAVAILABLE if status >= 500 else ErrorCode.BAD_ANSWER
    return ImagewayError(
        CODE_BY_STATUS.get(status, other),
        MESSAGE_BY_STATUS.get(status, f"the provider answered with HTTP {status}"),
        origin="vendor",
        retry_after=retry_after(headers),
    )


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds after which the vendor wants to be asked again; None when it did not say clearly."""
    milliseconds = _number(headers.get("Retry-After-Ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("Retry-After", "").strip()
    seconds = _number(said)
    return _until(said, now or datetime.now(UTC)) if seconds is None else seconds


def _number(text: str) -> float | None:
    return float(text) if A_NUMBER.fullmatch(text.strip()) else None


def _until(text: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # RFC 9110 knows only GMT, and a date without a zone cannot be compared.
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
