"""Whatever an engine raises becomes a reason, and only the wish to stop passes."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode
from imageway.qwen import door
from imageway.qwen.configuring import misconfigured
from imageway.qwen.door import Fault, attempt, reason_of
from imageway.qwen.engine import Failure, Stopped
from imageway.qwen.settings import Settings
from imageway.qwen.trouble import Reason
from tests.qwen.scripted import AcceleratorError, OutOfMemoryError, Scripted


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Failure("nan", "x"), "nan"),
        (OutOfMemoryError("x"), "oom"),
        (MemoryError(), "oom"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "oom"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), "oom"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "oom"),
        (AcceleratorError("CUDA error: out of memory"), "oom"),
        (AcceleratorError("CUDA error"), "device"),
        (RuntimeError("CUDA error: device-side assert triggered"), "device"),
        (RuntimeError("CUDA error: unspecified launch failure"), "device"),
        (RuntimeError("CUDA error: uncorrectable ECC error encountered"), "device"),
        (RuntimeError("shapes do not match"), "internal"),
        (ValueError("out of memory, says a text"), "internal"),
    ],
    ids=repr,
)
def test_the_reason_is_found_in_class_or_words(error: Exception, reason: Reason) -> None:
    assert reason_of(error) == reason


def broken() -> int:
    raise ZeroDivisionError


def stopped() -> int:
    raise Stopped


def test_an_exception_becomes_data_with_its_trace() -> None:
    found = attempt("decode", broken)
    assert isinstance(found, Fault)
    assert (found.reason, found.where) == ("internal", "decode")
    assert "in broken" in found.trace


def test_the_wish_to_stop_is_no_fault() -> None:
    with pytest.raises(Stopped):
        attempt("denoise", stopped)


def test_a_model_that_loads_says_nothing() -> None:
    assert door.load(Scripted(Settings()), lambda fraction: None) is None


def test_a_wrong_configuration_keeps_its_words() -> None:
    engine = Scripted(Settings())
    engine.fails(misconfigured("there is no folder 'x'", "name another"), "load")
    info = door.load(engine, lambda fraction: None)
    assert info is not None
    assert (info.code, info.message) == (ErrorCode.MISCONFIGURED, "there is no folder 'x'")


def test_any_other_failure_to_load_has_its_trace_beside_it() -> None:
    engine = Scripted(Settings())
    engine.fails(OSError("disk"), "load")
    info = door.load(engine, lambda fraction: None)
    assert info is not None
    assert info.code is ErrorCode.FAILED
    assert "OSError: disk" in str(info.details["trace"])
