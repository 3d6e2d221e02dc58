"""The door to the engine: whatever it raises becomes a reason, a place and a trace, as data."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.qwen.engine import Engine, Failure, Stopped
from imageway.qwen.trouble import Reason

Made = TypeVar("Made")
Where = Literal["denoise", "decode", "preview"]

# Torch's errors are known by name, so that a service without torch can read them too.
OUT_OF_MEMORY = ("OutOfMemoryError", "MemoryError")
DEVICE_LOST = ("AcceleratorError",)
WORDS_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
)
WORDS_OF_DEVICE = (
    "illegal memory access",
    "device-side assert",
    "unspecified launch failure",
    "uncorrectable ecc",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure without its exception, whose frames would keep the memory that is to be freed."""

    reason: Reason
    where: Where
    trace: str


def attempt(where: Where, work: Callable[[], Made]) -> Made | Fault:
    """Let the engine work; only the wish to stop comes through as an exception."""
    try:
        return work()
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001 - an outer wall: libraries may raise anything
        return Fault(reason_of(error), where, traceback.format_exc())


def load(engine: Engine, report: Callable[[float], None]) -> ErrorInfo | None:
    """Load; None when all is well."""
    try:
        engine.load(report)
    except ImagewayError as error:
        return error.info
    except Exception as error:  # noqa: BLE001 - an outer wall: libraries may raise anything
        message = f"the model cannot be loaded: {type(error).__name__}: {error}"
        return ErrorInfo(
            code=ErrorCode.FAILED, message=message, details={"trace": traceback.format_exc()}
        )
    return None


def reason_of(error: BaseException) -> Reason:
    """Why it failed, from the exception's own reason, its class, or its words."""
    if isinstance(error, Failure):
        return error.reason
    names = {each.__name__ for each in type(error).__mro__}
    words = str(error).lower() if isinstance(error, RuntimeError) else ""
    if names.intersection(OUT_OF_MEMORY) or any(each in words for each in WORDS_OF_MEMORY):
        return "oom"
    if names.intersection(DEVICE_LOST) or any(each in words for each in WORDS_OF_DEVICE):
        return "device"
    return "internal"
