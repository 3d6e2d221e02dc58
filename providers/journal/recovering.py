"""After a crash: what was under way is looked up, and brought home where it can be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter

from imageway.core.adapter import Resumes
from imageway.core.door import LOST, door
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.limits import deadline
from imageway.core.powers import Lost
from imageway.core.request import ImageRequest
from imageway.core.run import Call, Run
from imageway.core.streaming import Handler
from imageway.providers.jobs import KEPT_SECONDS, Asked, Done, Job, Jobs
from imageway.providers.journal.journal import Journal, read
from imageway.providers.journal.journal_file import Line
from imageway.providers.snapshot import Snapshot
from imageway.providers.state import REAL, Surroundings

# Seconds between two looks at a vendor that does not answer yet.
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0
NOT_YET = frozenset(
    {ErrorCode.NETWORK, ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.RATE_LIMITED}
)
NOT_SENT = ErrorInfo(
    code=ErrorCode.UNAVAILABLE,
    message="imageway ended before this picture was asked for",
    hint="ask again; nothing was charged for it",
)
LOST_WITH_US = ErrorInfo(
    code=ErrorCode.FAILED,
    message="this picture was paid for and had come, and was lost when imageway ended",
    hint="asking for it again costs again",
    charged="yes",
)

log = logging.getLogger("imageway")


@dataclass(slots=True, eq=False)
class Recovery:
    """Brings back the jobs that the journal knows of; `held` keeps the snapshot for one of them."""

    journal: Journal
    snapshot: Snapshot
    jobs: Jobs
    held: Callable[[], Done]
    around: Surroundings = REAL

    async def begin(self) -> tuple[Job, ...]:
        """Start again, under its old id and for its old owner, what a dead process left open."""
        lines = sorted(await self.journal.orphans(), key=attrgetter("job", "sent_at"))
        jobs: list[Job] = []
        for name, found in groupby(lines, attrgetter("job")):
            try:
                jobs.append(self._begin(tuple(found)))
            except ImagewayError as error:
                # A line that cannot be read stays open and is shown; the others are brought back.
                log.error("%s cannot be brought back: %s", name, error.info.code)
        return tuple(jobs)

    def _begin(self, lines: Sequence[Line]) -> Job:
        first = lines[0]
        request = read(first.request).having(count=first.count)
        # Whoever asks the same long after it was lost does not mean what was lost.
        is_recent = self.around.now() - first.sent_at < KEPT_SECONDS
        digest = first.fingerprint if is_recent else None
        asked = Asked(id=first.job, key=first.key, fingerprint=digest)
        return self.jobs.start(
            self._handler(lines), request, first.caller or "", done=self.held(), asked=asked
        )

    def _handler(self, lines: Sequence[Line]) -> Handler:
        async def handler(request: ImageRequest, run: Run) -> None:
            async with asyncio.TaskGroup() as group:
                for line in lines:
                    group.create_task(self._bring(line, request, run))
            paid = await self.journal.paid_indices(run.id)
            run.part(index for index in run.open if index in paid).fail_rest(LOST_WITH_US)
            run.fail_rest(NOT_SENT)

        return handler

    async def _bring(self, line: Line, request: ImageRequest, run: Run) -> None:
        """Bring what one call made; that it fails takes nothing from the others."""
        part = run.part(line.indices, provider=line.provider, model=line.model)
        call = Call(line.id, charged="maybe", ticket=line.ticket)
        part = replace(part, call=call)
        wanted = request.having(count=len(line.indices), model=line.model)
        error: ErrorInfo | None = None
        try:
            await self._looked_up(line)(wanted, part)
            call.charged = "yes"
        except ImagewayError as failure:
            error = failure.info
            if error.code is ErrorCode.TIMEOUT and call.charged != "no":
                error = LOST.of(line.provider, line.model).at_least(call.charged)
            part.fail_rest(error)
        finally:
            spending = self.snapshot.accounts.spending
            await spending.forget(line.id)
            spending.settle(line.caller or "", line.id, call.charged, call.costs)
            await self.journal.ended(part, error)

    def _looked_up(self, line: Line) -> Handler:
        provider = self.snapshot.providers.get(line.provider)
        adapter = None if provider is None else provider.adapter
        if provider is None or not isinstance(adapter, Resumes):
            raise _cannot_be_asked(line.provider)
        lost = _lost(line)

        async def resume(request: ImageRequest, run: Run) -> None:
            await adapter.resume(lost, run)

        return deadline(self._patient(resume), provider.policies.timeout.total)

    def _patient(self, inner: Handler) -> Handler:
        """Ask again while the vendor cannot be reached; to look costs nothing."""

        async def handler(request: ImageRequest, run: Run) -> None:
            wait = FIRST_WAIT
            while True:
                # The door closes the call, so that each look has a view with a call of its own.
                call = replace(run.call, closed=False)
                try:
                    await door(inner)(request, replace(run, call=call))
                except ImagewayError as error:
                    if error.info.code not in NOT_YET or run.open != run.indices:
                        raise
                    await self.around.sleep(wait)
                    wait = min(wait * 2, LONGEST_WAIT)
                else:
                    return
                finally:
                    run.call.charged = call.charged
                    run.call.costs = call.costs

        return handler


def _lost(line: Line) -> Lost:
    sent_at = datetime.fromtimestamp(line.sent_at, UTC)
    request = read(line.request).having(count=len(line.indices), model=line.model)
    return Lost(line.id, line.ticket, request, sent_at)


def _cannot_be_asked(provider: str) -> ImagewayError:
    return ImagewayError(
        ErrorCode.OUTCOME_UNKNOWN,
        f"imageway ended while {provider} was drawing, and {provider} cannot be asked what became "
        "of it; it may have been charged",
        hint="look at the provider's own history before asking again",
        charged="maybe",
        provider=provider,
    )
