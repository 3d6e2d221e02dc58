"""What a person can do about a failure that comes of how a chat is read."""

from __future__ import annotations

from dataclasses import replace

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.events import ImageFailed
from imageway.core.options import Option
from imageway.core.result import ImageResult
from imageway.server.dialects.openai_fields import Asked

LAST_PICTURE = "the last picture"
DRAW_ANEW = "begin with /new to draw without the earlier picture"


def advised(asked: Asked, info: ErrorInfo) -> ErrorInfo:
    """The same failure; where only the chat's last picture was in the way, with the way around."""
    is_ours = asked.said.get(Option.REFERENCES.value) == LAST_PICTURE
    if is_ours and info.code is ErrorCode.UNSUPPORTED and info.param == Option.REFERENCES.value:
        return info.model_copy(update={"hint": DRAW_ANEW})
    return info


def advised_failure(asked: Asked, failed: ImageFailed) -> ImageFailed:
    """The same for one picture."""
    return replace(failed, error=advised(asked, failed.error))


def advised_result(asked: Asked, result: ImageResult) -> ImageResult:
    """The same for all that came of a request."""
    return replace(
        result,
        failures=tuple(advised_failure(asked, each) for each in result.failures),
        error=None if result.error is None else advised(asked, result.error),
    )
