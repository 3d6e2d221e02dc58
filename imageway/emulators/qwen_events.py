"""The events of one Qwen job, as they are told to whoever listens, also to one who comes late."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from imageway.emulators.heard import Heard
from imageway.emulators.pictures import paint_base64
from imageway.emulators.qwen_codes import Problem
from imageway.emulators.qwen_line import Job, Line

COMMENT = b": still here\n\n"
NO_PICTURE = "PGh0bWw+"
SECONDS_BETWEEN_COMMENTS = 15
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@dataclass(slots=True)
class Listener:
    """What one reader has been told of a job so far."""

    job: Job
    line: Line
    heard: Heard
    number: int = 0
    position: int | None = None
    began: bool = False
    step: int = 0
    degraded: bool = False
    last: float | None = None

    def __post_init__(self) -> None:
        # Who comes late hears how it stands, and not how it came to that.
        self.step = max(0, self.job.step - 1)
        self.began = self.degraded = self.job.is_over
        if self.job.is_over:
            self.step = self.job.step

    def news(self) -> Iterator[bytes]:
        """What has changed since the last time, or a comment when nothing has for long."""
        if self.job.state == "queued":
            yield from self._waiting()
        if self.job.began is not None:
            yield from self._drawing()
        if self.job.is_over:
            yield self._event(*self._end())
        now = self.line.clock()
        if self.last is not None and now - self.last >= SECONDS_BETWEEN_COMMENTS:
            self.last = now
            yield COMMENT

    def _waiting(self) -> Iterator[bytes]:
        position = self.line.position(self.job)
        if position != self.position:
            self.position = position
            seconds = round(self.line.estimate(position - 1), 1)
            yield self._event("queued", {"position": position, "eta_seconds": seconds})

    def _drawing(self) -> Iterator[bytes]:
        if not self.began:
            self.began = True
            yield self._started()
        if self.job.degraded and not self.degraded:
            self.degraded, self.step = True, 0
            yield self._event("degraded", degraded_of(self.job) or {})
        if self.job.state in {"running", "done"}:
            yield from self._steps()

    def _started(self) -> bytes:
        order = self.job.order
        told: dict[str, JsonValue] = {
            "width": order.width,
            "height": order.height,
            "num_steps": order.num_steps,
            "seed": order.seed,
        }
        return self._event("started", told)

    def _steps(self) -> Iterator[bytes]:
        job, total = self.job, self.job.order.num_steps
        shown = {total * (place + 1) // (job.previews + 1) for place in range(job.previews)}
        for step in range(self.step + 1, job.step + 1):
            seconds = round(self.line.left(job) + (job.step - step), 1)
            yield self._event("progress", {"step": step, "total": total, "eta_seconds": seconds})
            if step in shown:
                yield self._event("preview", preview(job, step))
        self.step = job.step

    def _end(self) -> tuple[str, dict[str, JsonValue]]:
        job = self.job
        if job.state == "done":
            told: dict[str, JsonValue] = {
                "image": f"/api/requests/{job.id}/image",
                "seed": job.order.seed,
                "degraded": degraded_of(job),
            }
            return "done", told
        if job.state == "cancelled":
            return "cancelled", Problem.of(3901).body(self.heard, job.id)
        return "error", (job.problem or Problem.of(4001)).body(self.heard, job.id)

    def _event(self, name: str, data: dict[str, JsonValue]) -> bytes:
        first = "retry: 2000\n" if self.number == 0 else ""
        self.number, self.last = self.number + 1, self.line.clock()
        text = json.dumps(data, ensure_ascii=False)
        return f"{first}id: {self.number}\nevent: {name}\ndata: {text}\n\n".encode()


def degraded_of(job: Job) -> dict[str, JsonValue] | None:
    """What is told of a degraded job; None for one that was not."""
    if job.degraded is None:
        return None
    return {
        "reason": job.degraded.reason,
        "num_steps": job.order.num_steps,
        "seed": job.order.seed,
        "requested_seed": job.degraded.requested_seed,
        "requested_steps": job.degraded.requested_steps,
    }


def preview(job: Job, step: int) -> dict[str, JsonValue]:
    """A small picture of what a step has come to."""
    edges = job.order.width, job.order.height
    width, height = (edge // (2 if max(edges) < 512 else 4) for edge in edges)
    painted = paint_base64(width, height, "jpeg", job.order.number + step)
    return {
        "step": step,
        "mime": "image/jpeg",
        "width": width,
        "height": height,
        "data": NO_PICTURE if job.spoils_previews else painted,
    }
