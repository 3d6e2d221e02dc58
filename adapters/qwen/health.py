"""How well one server is, and how well several are together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from imageway.adapters.qwen.errors import explain
from imageway.adapters.qwen.wire import Illness, Queue
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.powers import Health

DOWN = frozenset({"stopping", "error"})


def by_queue(queue: Queue) -> Health:
    """What a server's line says of it."""
    if queue.status == "loading":
        return Health(status="degraded", detail="still loading its model")
    if queue.status in DOWN:
        return Health(status="down", detail=queue.status)
    waiting = f"{queue.queued} waiting, about {queue.estimated_wait_seconds:.0f} s"
    return Health(status="up", detail=waiting if queue.status == "busy" else "idle")


def explain_illness(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """Read why a server says that it is not well, which it does without a code."""
    try:
        reason = Illness.model_validate_json(body).reason
    except ValidationError:
        return explain(status, headers, body)
    return ImagewayError(ErrorCode.UNAVAILABLE, f"the server says {reason!r} of itself")


def down(failure: ErrorInfo) -> Health:
    """A server that says nothing good of itself, or nothing at all."""
    return Health(status="down", detail=failure.message)


def together(urls: Sequence[str], each: Sequence[Health]) -> Health:
    """Up when all are, down when all are; several are told apart by their addresses."""
    if len(each) == 1:
        return each[0]
    found = {health.status for health in each}
    detail = "; ".join(
        f"{url}: {health.status}, {health.detail}" for url, health in zip(urls, each, strict=True)
    )
    return Health(status=found.pop() if len(found) == 1 else "degraded", detail=detail)
