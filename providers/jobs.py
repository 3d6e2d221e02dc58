"""Jobs: a run with an owner, that lives as long as its work and not as long as a reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from imageway.core.errors import CHARGE_RANK, Charged, ErrorCode, ErrorInfo
from imageway.core.events import Event
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult, collect
from imageway.core.run import Ledger, Run, fresh_id
from imageway.core.streaming import CANCELLED, Handler, Mailbox, finish, play

Done = Callable[["Job"], None]

SHUTTING_DOWN = ErrorInfo(
    code=ErrorCode.UNAVAILABLE,
    message="imageway is shutting down and could not finish this",
    hint="ask again in a few seconds",
    retry_after=5,
)

LEFT_TO_SUCCESSOR = ErrorInfo(
    code=ErrorCode.UNAVAILABLE,
    message="imageway is restarting; the vendor still draws this, and it will be fetched",
    hint="send the same request again in a few seconds, under its Idempotency-Key if it had one",
    charged="maybe",
    retry_after=5,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a request besides itself: an id from before, the caller's own key for it."""

    id: str | None = None
    key: str | None = None
    fingerprint: str | None = None


ANEW = Asked()
NOBODY: tuple[None, float] = (None, 0.0)
KEPT_SECONDS, KEPT_BYTES = 600.0, 128 * 2**20


class Job:
    """One request under way; whoever subscribes hears all of it, from the beginning."""

    def __init__(
        self,
        request: ImageRequest,
        caller: str,
        seconds: float | None = None,
        asked: Asked = ANEW,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.request = request
        self.ledger = Ledger(
            self._hear,
            request.count,
            id=asked.id or fresh_id("req"),
            caller=caller,
            deadline=None if seconds is None else loop.time() + seconds,
            key=asked.key,
            fingerprint=asked.fingerprint,
        )
        self.is_delivered = False
        self._delivered: Done = lambda job: None
        self._kept = Mailbox()
        self._readers: set[Mailbox] = set()
        self._task: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
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

    def begin(self, handler: Handler, done: Done, delivered: Done = lambda job: None) -> None:
        """Start the work; `done` is called once it has ended, however it ends.

        `delivered` is called whenever a reader has got all of it.
        """
        self._delivered = delivered
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
            # Whoever could not pass it on to its caller has left the block by an error.
            if self.is_finished:
                self.is_delivered = True
                self._delivered(self)
        finally:
            self._readers.discard(mailbox)
            if not self._readers and not self.is_finished:
                self.leave()

    async def result(self) -> ImageResult:
        """Wait for the end and fold it."""
        async with self.subscribe() as events:
            return await collect(events)

    async def outcome(self) -> ImageResult:
        """Wait for the end and fold it, without being a reader that it could be delivered to."""
        return await collect(self._kept.copy().read())

    @property
    def is_read(self) -> bool:
        """Whether somebody reads its events now."""
        return bool(self._readers)

    @property
    def weight(self) -> int:
        """Bytes of its pictures, as they lie in memory."""
        return sum(picture.weight for picture in self.ledger.pictures.values())

    @property
    def charged(self) -> Charged:
        """The most that any of its calls may have cost, as far as somebody must be told."""
        made: Charged = "yes" if self.ledger.pictures else "no"
        found = [error.charged for error in self.ledger.failures.values()]
        return max((made, *found), key=CHARGE_RANK.__getitem__)

    def leave(self) -> None:
        """Nobody waits any more: what cannot cost money ends, what was sent is awaited."""
        self.ledger.leaving.set()

    def cancel(self, because: ErrorInfo = CANCELLED) -> None:
        """End everything now, on the owner's word or for a reason of our own."""
        self.ledger.cancelled_because = because
        if self._task is not None:
            self._task.cancel()

    def leave_to_successor(self) -> None:
        """Tell the readers that the next process goes on; the work is neither ended nor heard."""
        finish(self.ledger, LEFT_TO_SUCCESSOR)
        self._over.set()

    async def ended(self) -> None:
        """Wait until the work is over, whatever came of it."""
        if self._task is not None:
            await self._over.wait()

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
        # What was sent along is needed no more, and may weigh more than all that came of it.
        self.request = self.request.having(references=(), mask=None)
        done(self)
        self._over.set()


class Jobs:
    """The jobs of this process: those under way, and for a while those that nobody has fetched.

    `clock` is in seconds, `most` in bytes of pictures.
    """

    def __init__(self, clock: Callable[[], float] = monotonic, most: int = KEPT_BYTES) -> None:
        self._clock, self._most = clock, most
        self._running: dict[str, Job] = {}
        self._kept: dict[str, tuple[Job, float]] = {}

    @property
    def running(self) -> tuple[Job, ...]:
        """The jobs that have not ended."""
        return tuple(self._running.values())

    @property
    def weight(self) -> int:
        """Bytes of the pictures that have come and are not fetched yet."""
        kept = (job for job, _ in self._kept.values())
        return sum(job.weight for job in (*self.running, *kept))

    def start(
        self,
        handler: Handler,
        request: ImageRequest,
        caller: str,
        *,
        seconds: float | None = None,
        done: Done | None = None,
        asked: Asked = ANEW,
    ) -> Job:
        """Begin a job; `seconds` is how long its caller is willing to wait."""
        job = Job(request, caller, seconds, asked)
        self._running[job.id] = job

        def ended(job: Job) -> None:
            self._running.pop(job.id, None)
            self._keep(job)
            if done is not None:
                done(job)

        job.begin(handler, ended, self._let_go)
        return job

    def find(self, job_id: str, caller: str) -> Job | None:
        """A caller's own job, under way or kept; another's is as unknown as none."""
        self._forget()
        job = self._running.get(job_id) or self._kept.get(job_id, NOBODY)[0]
        return job if job is not None and job.caller == caller else None

    def _keep(self, job: Job) -> None:
        self._kept[job.id] = job, self._clock()
        self._forget()
        if job.is_delivered:
            self._let_go(job)

    def _let_go(self, job: Job) -> None:
        """What was delivered is kept for a key alone: whoever sends it again gets the same."""
        if job.ledger.key is None:
            self._kept.pop(job.id, None)

    def _forget(self) -> None:
        """Drop what is too old, then the oldest of what is too much."""
        weight = sum(job.weight for job, _ in self._kept.values())
        for name, (job, at) in list(self._kept.items()):
            if self._clock() - at < KEPT_SECONDS and weight <= self._most:
                return
            weight -= job.weight
            del self._kept[name]

    def leave_to_successor(self, names: Collection[str]) -> tuple[Job, ...]:
        """Let go of these jobs, whose work the journal knows how to find again."""
        left = tuple(job for job in self.running if job.id in names)
        for job in left:
            del self._running[job.id]
            job.leave_to_successor()
        return left

    async def finish(self, seconds: float) -> None:
        """Let what runs finish for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._running:
                    await asyncio.gather(*(job.ended() for job in self.running))

    async def drain(self, seconds: float) -> int:
        """Let what runs finish for so long, then cancel the rest; returns how many those were."""
        await self.finish(seconds)
        rest = self.running
        for job in rest:
            job.cancel(SHUTTING_DOWN)
        await asyncio.gather(*(job.ended() for job in rest))
        return len(rest)
