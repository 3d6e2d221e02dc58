"""Jobs: a run with an owner, that lives as long as its work and not as long as a reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.events import Event
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult, collect
from imageway.core.run import Ledger, Run
from imageway.core.streaming import CANCELLED, Handler, Mailbox, finish, play

Done = Callable[["Job"], None]

SHUTTING_DOWN = ErrorInfo(
    code=ErrorCode.UNAVAILABLE,
    message="imageway is shutting down and could not finish this",
    hint="ask again in a few seconds",
    retry_after=5,
)


class Job:
    """One request under way; whoever subscribes hears all of it, from the beginning."""

    def __init__(self, request: ImageRequest, caller: str, seconds: float | None) -> None:
        loop = asyncio.get_running_loop()
        self.request = request
        self.ledger = Ledger(
            self._hear,
            request.count,
            caller=caller,
            deadline=None if seconds is None else loop.time() + seconds,
        )
        self._kept = Mailbox()
        self._readers: set[Mailbox] = set()
        self._task: asyncio.Task[None] | None = None
        self._timer = None if seconds is None else loop.call_later(seconds, self.leave)

    @property
    def id(self) -> str:
        """The request's id."""
        return self.ledger.id

    @property
    def caller(self) -> str:
        """The owner."""
        return self.ledger.caller or ""

    @property
    def is_finished(self) -> bool:
        """Whether the last event has been heard."""
        return self.ledger.ended

    def begin(self, handler: Handler, done: Done) -> None:
        """Start the work; `done` is called once it has ended, however it ends."""
        run = Run(self.ledger, tuple(range(self.request.count)))
        self._task = asyncio.create_task(
            play(handler, self.request, run), name=f"imageway job {self.id}"
        )
        self._task.add_done_callback(lambda task: self._finish(done))

    @asynccontextmanager
    async def subscribe(self) -> AsyncGenerator[AsyncIterator[Event]]:
        """Read the job's events; when the last reader goes before the end, the caller has left."""
        mailbox = self._kept.copy()
        self._readers.add(mailbox)
        try:
            yield mailbox.read()
        finally:
            self._readers.discard(mailbox)
            if not self._readers and not self.is_finished:
                self.leave()

    async def result(self) -> ImageResult:
        """Wait for the end and fold it."""
        async with self.subscribe() as events:
            return await collect(events)

    def leave(self) -> None:
        """Nobody waits any more: what cannot cost money ends, what was sent is awaited."""
        self.ledger.leaving.set()

    def cancel(self, because: ErrorInfo = CANCELLED) -> None:
        """End everything now, on the owner's word or for a reason of our own."""
        self.ledger.cancelled_because = because
        if self._task is not None:
            self._task.cancel()

    async def ended(self) -> None:
        """Wait until the work is over, whatever came of it."""
        if self._task is not None:
            await asyncio.wait((self._task,))

    def _hear(self, event: Event) -> None:
        self._kept.put(event)
        for mailbox in self._readers:
            mailbox.put(event)

    def _finish(self, done: Done) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self.ledger.ended:
            # Cancelled before its first step: play() never ran, so nobody else says the end.
            finish(self.ledger, self.ledger.cancelled_because or CANCELLED)
        done(self)


class Jobs:
    """Every job of this process that is under way."""

    def __init__(self) -> None:
        self._running: dict[str, Job] = {}

    @property
    def running(self) -> tuple[Job, ...]:
        """The jobs that have not ended."""
        return tuple(self._running.values())

    def start(
        self,
        handler: Handler,
        request: ImageRequest,
        caller: str,
        *,
        seconds: float | None = None,
        done: Done | None = None,
    ) -> Job:
        """Begin a job; `seconds` is how long its caller is willing to wait."""
        job = Job(request, caller, seconds)
        self._running[job.id] = job

        def forget(ended: Job) -> None:
            self._running.pop(ended.id, None)
            if done is not None:
                done(ended)

        job.begin(handler, forget)
        return job

    def find(self, job_id: str, caller: str) -> Job | None:
        """A caller's own job; another's is as unknown as none."""
        job = self._running.get(job_id)
        return job if job is not None and job.caller == caller else None

    async def drain(self, seconds: float) -> int:
        """Let what runs finish for so long, then cancel the rest; returns how many those were."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._running:
                    await asyncio.gather(*(job.ended() for job in self.running))
        rest = self.running
        for job in rest:
            job.cancel(SHUTTING_DOWN)
        await asyncio.gather(*(job.ended() for job in rest))
        return len(rest)
