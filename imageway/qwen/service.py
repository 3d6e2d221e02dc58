"""The service without its HTTP: who is admitted, whose turn it is, and how everything ends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.qwen.archive import Archive
from imageway.qwen.codes import Code
from imageway.qwen.door import Fault
from imageway.qwen.engine import Engine
from imageway.qwen.estimate import Estimate
from imageway.qwen.failures import inference_trouble
from imageway.qwen.job import Job, Result, State
from imageway.qwen.life import Broken, Phase, has_ended, was_fetched
from imageway.qwen.line import Line
from imageway.qwen.loading import Loading
from imageway.qwen.metrics import Metrics
from imageway.qwen.order import Order
from imageway.qwen.performing import Outcome, Unencoded, task_of
from imageway.qwen.record import record, record_failure
from imageway.qwen.seeds import Seeds
from imageway.qwen.settings import Settings
from imageway.qwen.stage import Stage
from imageway.qwen.trouble import Refusal, Trouble
from imageway.qwen.turn import Turn
from imageway.qwen.worker import WorkerGone

# After the time of grace a step may take so long until the process ends without it.
LAST_SECONDS = 3.0
# So long a picture that was finished meanwhile can still be fetched.
FETCH_SECONDS = 5.0

log = logging.getLogger("imageway.qwen")


class Service:
    """One engine with its line; everything but the engine's work happens on the event loop."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        seeds: Seeds = Seeds(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.engine, self.seeds, self.clock = settings, engine, seeds, clock
        self.stage = Stage(settings, engine, seeds, clock)
        self.began = clock()
        self.phase = Phase.LOADING
        self.metrics = Metrics()
        self.estimate = Estimate(settings.usual_step_seconds)
        self.line: Line[Job] = Line(settings.queue_depth)
        self.archive = Archive(settings.result_ttl_seconds, settings.result_max_bytes, clock)
        self.turn: Turn | None = None
        self.failures_in_a_row = 0
        self.broken: Broken | None = None
        self.has_broken = asyncio.Event()
        self._timers: dict[Job, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def loading(self) -> Loading:
        """How far the model is loaded."""
        return self.stage.loading

    @property
    def is_ready(self) -> bool:
        """Whether it should be sent requests."""
        return self.phase is Phase.SERVING and not (self.broken or self.is_failing)

    @property
    def is_failing(self) -> bool:
        """Whether nothing has worked lately; requests are still tried, one that works heals it."""
        return self.failures_in_a_row >= self.settings.max_consecutive_failures

    def start(self) -> asyncio.Task[None]:
        """Begin to load; requests are answered with 3001 until that is done."""
        self.metrics.watch(
            queue_length=lambda: len(self.line),
            processing=lambda: 0 if self.turn is None else 1,
            ready=lambda: 1 if self.is_ready else 0,
            memory=self.engine.memory,
        )
        return self._own(self._open())

    def admit(
        self,
        orders: Sequence[Order],
        *,
        is_detached: bool = False,
        key: str | None = None,
        fingerprint: bytes = b"",
    ) -> list[Job]:
        """Let requests in, all or none; raises 3904, 3001 or 3002."""
        self._refuse_now(orders, is_detached=is_detached)
        loop = asyncio.get_running_loop()
        jobs: list[Job] = []
        for order in orders:
            job = Job(self.archive.fresh_id(), order, self.clock(), is_detached)
            wait = order.max_wait or self.settings.max_wait_seconds
            self._timers[job] = loop.call_later(wait, self._give_up_waiting, job)
            self.archive.add(job, key, fingerprint)
            self.line.join(job)
            jobs.append(job)
        self._place()
        loop.call_soon(self._next)
        return jobs

    def cancel(self, job: Job, because: Code = Code.CANCELLED) -> None:
        """End a waiting request at once, a running one at its next step, a final one not at all."""
        if self.line.leave(job):
            self._end_without(job, because)
            self._place()
        elif not (job.is_final or job.stop.is_set()):
            job.stop_code = because
            job.stop.set()

    def client_left(self, job: Job) -> None:
        """Cancel what nobody waits for any more."""
        if self.settings.cancel_on_disconnect and not (job.waiters or job.is_detached):
            self.cancel(job)

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Refuse, turn away who waits, let what runs finish in its time of grace, end."""
        self.phase = Phase.STOPPING
        self._turn_away()
        if self.turn is not None:
            await self._finish(self.turn.job, hurry or asyncio.Event())
        self.stage.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def seconds_until_turn(self, place: int | None = None) -> float:
        """How long until whoever stands at a place begins; without one, who would come now."""
        if self.phase is Phase.LOADING:
            return self.loading.seconds_left
        ahead = [*self.line][: None if place is None else place - 1]
        running = 0.0 if self.turn is None else self.turn.seconds_left()
        return running + sum(self.estimate.seconds_for(job.order) for job in ahead)

    def _refuse_now(self, orders: Sequence[Order], *, is_detached: bool) -> None:
        if self.phase is Phase.STOPPING or self.broken:
            raise Refusal(Trouble(Code.STOPPING, retry_after=1))
        if self.phase is Phase.LOADING:
            raise Refusal(Trouble(Code.LOADING, retry_after=self.loading.seconds_left))
        if not self.line.has_room(len(orders), is_busy=self.turn is not None):
            left = self.turn.seconds_left() if self.turn else 1.0
            raise Refusal(Trouble(Code.BUSY, retry_after=left, limit=self.line.capacity))
        budget = self.settings.sync_budget_seconds
        work = sum(self.estimate.seconds_for(order) for order in orders)
        over = self.seconds_until_turn() + work - budget
        if budget and not is_detached and over > 0:
            raise Refusal(Trouble(Code.BUSY, retry_after=over))

    async def _open(self) -> None:
        try:
            error = await self.stage.open()
        except WorkerGone as gone:
            self._break(Broken("worker_dead", str(gone)))
            return
        self.metrics.load_seconds.set(self.clock() - self.loading.began)
        if isinstance(error, ErrorInfo):
            is_config = error.code is ErrorCode.MISCONFIGURED
            log.error("%s\n%s", error.message, error.details.get("trace", ""))
            self._break(Broken("config" if is_config else "load", error.message, error.hint))
        elif isinstance(error, Fault):
            self._break(Broken("device", "the device failed while warming up"))
        elif self.phase is Phase.LOADING:
            self.metrics.describe(self.engine.describe())
            self.phase = Phase.SERVING

    def _next(self) -> None:
        """Begin the next turn, if the engine is free and somebody waits."""
        if self.turn is None and not self.broken and (job := self.line.call()) is not None:
            self._forget_timer(job)
            self.turn = Turn(job, self.estimate, self.metrics, self.clock)
            job.start(self.clock())
            self.metrics.queue_wait_seconds.observe(job.queue_seconds)
            self._place()
            self._own(self._play(self.turn))

    async def _play(self, turn: Turn) -> None:
        job = turn.job
        try:
            self._settle(turn, await self._perform(turn))
        finally:
            if not job.is_final:
                self._end_without(job, Code.BUG)
            self.turn = None
            self._next()

    async def _perform(self, turn: Turn) -> Outcome | None:
        try:
            return await self.stage.perform(turn)
        except WorkerGone as gone:
            self._break(Broken("worker_dead", f"the worker thread has ended: {gone}"))
            return Fault("internal", "denoise", str(gone))

    def _settle(self, turn: Turn, outcome: Outcome | None) -> None:
        """End the job by what its turn brought; one that was to be stopped is stopped."""
        job = turn.job
        if isinstance(outcome, Fault):
            self._note_fault(job, outcome)
        if job.is_final:
            return
        if outcome is None or job.stop.is_set():
            self._end_without(job, job.stop_code)
        elif isinstance(outcome, Result):
            self._end_with(turn, outcome)
        elif isinstance(outcome, Unencoded):
            record_failure(job, "the picture cannot be encoded", outcome.trace)
            job.raw = outcome.image
            self._end_without(job, Code.ENCODING)
        else:
            self._end(job, State.FAILED, inference_trouble(outcome, task_of(job.order)))

    def _note_fault(self, job: Job, fault: Fault) -> None:
        record_failure(job, f"{fault.reason} in {fault.where}", fault.trace)
        self.failures_in_a_row += 1
        self.metrics.count_failure(fault.reason)
        if fault.reason == "device":
            self._break(Broken("device", "the device failed, this process cannot use it any more"))

    def _end_with(self, turn: Turn, result: Result) -> None:
        job, now = turn.job, self.clock()
        self.failures_in_a_row = 0
        if result.degraded is not None:
            self.metrics.count_degraded(result.degraded.reason)
        job.succeed(result, now)
        self.estimate.learn_end(job.generate_seconds, now - turn.last_sign)
        self.metrics.generate_seconds.observe(job.generate_seconds)
        self._close(job)

    def _end_without(self, job: Job, code: Code) -> None:
        state = State.CANCELLED if code is Code.CANCELLED else State.FAILED
        if code is Code.CANCELLED:
            self.metrics.count_cancelled("queued" if job.started is None else "running")
        self._end(job, state, Trouble(code, retry_after=1 if code is Code.STOPPING else None))

    def _end(self, job: Job, state: State, trouble: Trouble) -> None:
        if job.fail(state, trouble, self.clock()):
            self._close(job)

    def _close(self, job: Job) -> None:
        self._forget_timer(job)
        self.metrics.count(job.code)
        record(job)
        self.archive.retire(job)

    def _give_up_waiting(self, job: Job) -> None:
        if self.line.leave(job):
            again = self.seconds_until_turn()
            self._end(job, State.EXPIRED, Trouble(Code.NOT_STARTED, retry_after=again))
            self._place()

    def _turn_away(self) -> None:
        while (job := self.line.call()) is not None:
            self._end_without(job, Code.STOPPING)

    async def _finish(self, job: Job, hurry: asyncio.Event) -> None:
        """Wait for what runs; when its time is up, for its next step; then no longer."""
        grace = self.settings.stop_grace_seconds
        if not await has_ended(job, hurry, grace):
            self.cancel(job, Code.STOPPING)
            if not await has_ended(job, asyncio.Event(), LAST_SECONDS):
                self._end_without(job, Code.STOPPING)
        if job.is_detached and job.result is not None:
            # Its client has only been told so far that it is there.
            await was_fetched(job, hurry, FETCH_SECONDS)

    def _break(self, broken: Broken) -> None:
        """Nothing can be served any more; whoever runs the process ends it."""
        self.broken = self.broken or broken
        self._turn_away()
        self.has_broken.set()

    def _place(self) -> None:
        for place, job in enumerate(self.line, 1):
            job.place(place, self.seconds_until_turn(place))

    def _forget_timer(self, job: Job) -> None:
        timer = self._timers.pop(job, None)
        if timer is not None:
            timer.cancel()

    def _own(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._disown)
        return task

    def _disown(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("internal error in a turn", exc_info=bug)
