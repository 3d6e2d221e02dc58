"""The service's codes in our words: by the table, an unknown one by its family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from imageway.adapters.qwen.wire import ErrorBody
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.reply import explain_status

UNKNOWN_REQUEST = "3902"
TOO_LARGE = 413
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Row:
    """What a code means to a caller, and what to do next."""

    code: ErrorCode
    message: str
    hint: str | None = None
    param: str | None = None


INVALID, BUSY = ErrorCode.INVALID_REQUEST, ErrorCode.RATE_LIMITED
ROW_BY_CODE: Mapping[int, Row] = {
    1001: Row(INVALID, "the prompt is empty", "say what to draw", "prompt"),
    1002: Row(INVALID, "the prompt is too long", "use at most 512 characters", "prompt"),
    1003: Row(INVALID, "the Qwen server draws no such aspect ratio", None, "aspect"),
    1900: Row(INVALID, "the Qwen server cannot read the request"),
    1901: Row(
        ErrorCode.UNAUTHENTICATED,
        "the Qwen server refused imageway's key",
        "look at this provider's api_key",
    ),
    1902: Row(
        ErrorCode.FORBIDDEN,
        "the Qwen server does not let this host or origin in",
        "add the host of base_url to the server's allowed_hosts",
    ),
    1904: Row(
        INVALID,
        "the negative prompt is too long",
        "use at most 512 characters",
        "negative_prompt",
    ),
    1905: Row(ErrorCode.NOT_FOUND, "the Qwen server has no such address"),
    1906: Row(ErrorCode.CONFLICT, "the Qwen server knows this call's key from another request"),
    2001: Row(INVALID, "the number of steps is out of range", "use 20 to 100", "steps"),
    2002: Row(INVALID, "the guidance is out of range", "use 1 to 20", "guidance"),
    2903: Row(INVALID, "the seed is out of range", "use 0 to 2^53 - 1", "seed"),
    2904: Row(INVALID, "the Qwen server refused a field of its extensions"),
    3001: Row(ErrorCode.UNAVAILABLE, "the Qwen server is still loading its model"),
    3002: Row(BUSY, "the Qwen server's queue is full"),
    3901: Row(ErrorCode.CANCELLED, "the request was cancelled at the Qwen server"),
    3902: Row(
        ErrorCode.UNAVAILABLE,
        "the Qwen server no longer knows this request; it was restarted, or kept it no longer",
        "ask again",
    ),
    3903: Row(BUSY, "the Qwen server could not begin in time", "ask again later"),
    3904: Row(ErrorCode.UNAVAILABLE, "the Qwen server is stopping"),
    4001: Row(ErrorCode.FAILED, "the Qwen server could not draw this"),
    4002: Row(ErrorCode.FAILED, "the Qwen server drew the picture and could not encode it"),
}
ROW_BY_FAMILY: Mapping[int, Row] = {
    1: Row(INVALID, "the Qwen server refused the request"),
    2: Row(INVALID, "the Qwen server refused a parameter"),
    3: Row(ErrorCode.UNAVAILABLE, "the Qwen server cannot take the request now"),
    4: Row(ErrorCode.FAILED, "the Qwen server failed while it drew"),
}


def explain(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """Read a refusal: by the code in its body, else by its status and what words there are."""
    try:
        said = ErrorBody.model_validate_json(body)
    except ValidationError:
        said = None
    info = None if said is None else told(said)
    if info is None:
        return _by_status(status, headers, body)
    if status == TOO_LARGE:
        info = info.model_copy(update={"code": ErrorCode.TOO_LARGE})
    return ImagewayError.carrying(info)


def is_forgotten(error: ImagewayError) -> bool:
    """Whether a server says that it does not know a request, or not any more."""
    return error.info.vendor_code == UNKNOWN_REQUEST


def told(said: ErrorBody) -> ErrorInfo | None:
    """A body that names what went wrong, in our words; None for a code of no family."""
    row = ROW_BY_CODE.get(said.code) or ROW_BY_FAMILY.get(said.code // 1000)
    if row is None:
        return None
    return ErrorInfo(
        code=row.code,
        message=row.message if said.reason is None else f"{row.message} ({said.reason})",
        hint="; ".join(said.suggested_fix) or row.hint,
        origin="vendor",
        retry_after=said.retry_after,
        vendor_code=str(said.code),
        vendor_message=said.message or None,
        details=_details(said, row.param),
    )


def _details(said: ErrorBody, param: str | None) -> dict[str, JsonValue]:
    """What a program can use; never `got`, which may be the caller's prompt."""
    details: dict[str, JsonValue] = {
        "param": param,
        "reason": said.reason,
        "suggested_fix": [*said.suggested_fix],
        "allowed": said.allowed,
        "limit": said.limit,
        "request_id": said.request_id,
    }
    return {name: value for name, value in details.items() if value}


def _by_status(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """Keep the beginning of a text; a page that a proxy made is for no reader of errors."""
    info = explain_status(status, headers, body).info
    words = body[:SHOWN].decode("utf-8", "replace").strip()
    shown = None if words.startswith("<") else words or None
    return ImagewayError.carrying(info.model_copy(update={"vendor_message": shown}))
