"""One admitted request: its state, what became of it, and who waits for it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from enum import StrEnum

import orjson
from PIL import Image
from pydantic import JsonValue

from imageway.qwen.codes import Code
from imageway.qwen.engine import Task
from imageway.qwen.failures import Degraded
from imageway.qwen.order import Format, Order
from imageway.qwen.story import Story
from imageway.qwen.trouble import Trouble


class State(StrEnum):
    """Where a request is; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


FINAL = frozenset({State.DONE, State.FAILED, State.CANCELLED, State.EXPIRED})
MEDIA_TYPE_BY_FORMAT: dict[Format, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Result:
    """A finished picture, and what was really done to make it."""

    data: bytes
    format: Format
    task: Task
    model: str
    degraded: Degraded | None = None
    is_flat: bool = False

    @property
    def media_type(self) -> str:
        """The type of the bytes."""
        return MEDIA_TYPE_BY_FORMAT[self.format]


@dataclass(slots=True, eq=False)
class Job:
    """A request from its admission on; only the event loop changes it."""

    id: str
    order: Order
    created: float
    is_detached: bool = False
    state: State = State.QUEUED
    story: Story = field(default_factory=Story)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    fetched: asyncio.Event = field(default_factory=asyncio.Event)
    # The one thing that the worker thread reads.
    stop: threading.Event = field(default_factory=threading.Event)
    stop_code: Code = Code.CANCELLED
    position: int = 0
    step: int = 0
    total_steps: int = 0
    started: float | None = None
    finished: float | None = None
    result: Result | None = None
    trouble: Trouble | None = None
    raw: Image.Image | None = None
    waiters: int = 0

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINAL

    @property
    def weight(self) -> int:
        """How many bytes are kept because of it."""
        raw = 0 if self.raw is None else 3 * self.raw.width * self.raw.height
        return raw + (0 if self.result is None else len(self.result.data))

    @property
    def queue_seconds(self) -> float:
        """How long it waited for its turn, or until it was told that there will be none."""
        end = self.finished if self.started is None else self.started
        return 0.0 if end is None else end - self.created

    @property
    def generate_seconds(self) -> float:
        """How long its turn was."""
        if self.started is None or self.finished is None:
            return 0.0
        return self.finished - self.started

    @property
    def code(self) -> Code:
        """What became of it, as a number."""
        return Code.OK if self.trouble is None else self.trouble.code

    def place(self, position: int, eta: float) -> None:
        """It stands at another place of the line now."""
        if self.state is State.QUEUED and position != self.position:
            self.position = position
            self.tell("queued", position=position, eta_seconds=round(eta, 1))

    def start(self, now: float) -> None:
        """Its turn begins."""
        order = self.order
        self.state, self.position, self.started = State.RUNNING, 0, now
        self.total_steps = order.steps
        self.tell(
            "started",
            width=order.width,
            height=order.height,
            num_steps=order.steps,
            seed=order.seed,
        )

    def advance(self, step: int, eta: float) -> None:
        """A step is done."""
        self.step = step
        self.tell("progress", step=step, total=self.total_steps, eta_seconds=round(eta, 1))

    def lessen(self, task: Task, reason: str) -> None:
        """Less is made than was asked for."""
        self.step, self.total_steps = 0, task.steps
        self.tell("degraded", reason=reason, num_steps=task.steps, seed=task.seed)

    def tell(self, event: str, **data: JsonValue) -> None:
        """Let everybody know who listens."""
        self.story.tell(event, orjson.dumps(data))

    def succeed(self, result: Result, now: float) -> bool:
        """End with a picture; false if it had ended already."""
        if not self._finish(State.DONE, now):
            return False
        self.result = result
        told: dict[str, JsonValue] = {
            "image": image_path(self.id),
            "seed": result.task.seed,
            "degraded": degraded_data(result),
        }
        self.story.end("done", orjson.dumps(told))
        self.ended.set()
        return True

    def fail(self, state: State, trouble: Trouble, now: float) -> bool:
        """End without one; false if it had ended already."""
        if not self._finish(state, now):
            return False
        self.trouble = trouble
        self.story.end("cancelled" if state is State.CANCELLED else "error", trouble)
        self.ended.set()
        return True

    def _finish(self, state: State, now: float) -> bool:
        if self.is_final:
            return False
        self.state, self.position, self.finished = state, 0, now
        return True


def image_path(job_id: str) -> str:
    """Where the picture of a request is."""
    return f"/api/requests/{job_id}/image"


def degraded_data(result: Result) -> dict[str, JsonValue] | None:
    """What was degraded, as data; None when everything is as asked."""
    if result.degraded is None:
        return None
    return {
        "reason": result.degraded.reason,
        "num_steps": result.task.steps,
        "seed": result.task.seed,
        "requested_steps": result.degraded.requested_steps,
        "requested_seed": result.degraded.requested_seed,
    }
