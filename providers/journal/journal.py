"""The durable record of every call that may cost money; the truth after a crash."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import orjson
from filelock import FileLock, Timeout
from pydantic import JsonValue

from imageway.core.errors import Charged, ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run, fresh_id
from imageway.providers.journal.journal_file import End, Intent, JournalFile, Line, Sync
from imageway.providers.loading import Source

Answer = TypeVar("Answer")

log = logging.getLogger("imageway")

NOT_WRITTEN = frozenset({"references", "mask"})
DAY = 86_400.0


class Journal:
    """The journal of one process; the file is opened, and made, by the first who needs it.

    Several processes may write to one file. Each holds a lock as long as it lives, so that what
    a dead one has left open is known for that.
    """

    def __init__(
        self,
        path: Path,
        *,
        sync: Sync = "full",
        keep: float = 30 * DAY,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._sync: Sync = sync
        self._keep, self._now = keep, now
        self._writer = fresh_id("writer")
        self._left: set[str] = set()
        self._lock = FileLock(self._lock_of(self._writer), thread_local=False)
        self._file: JournalFile | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def intend(self, request: ImageRequest, run: Run) -> None:
        """Return when the call is written down; raises unavailable where that cannot be done."""
        intent = self._intent(request, run)
        try:
            await self._do(lambda file: file.write(intent))
        except ImagewayError as error:
            raise _unwritten(self.path, error) from error

    async def accepted(self, call: str, ticket: str) -> None:
        """Return when the ticket is written down, if it can be: the call is under way by now."""
        await self._after_the_fact(lambda file: file.accept(call, ticket))

    async def leave_open(self, providers: Collection[str]) -> frozenset[str]:
        """Leave the calls that have a ticket at these providers to the next process; returns the
        jobs that they belong to.
        """
        lines = [
            line
            for line in await self.open_lines()
            if line.writer == self._writer
            and line.ticket is not None
            and line.provider in providers
        ]
        self._left |= {line.id for line in lines}
        return frozenset(line.job for line in lines)

    async def ended(self, run: Run, error: ErrorInfo | None) -> None:
        """Write down how a call ended, unless it was left to the next process."""
        if run.call_id in self._left:
            return
        costs = [(cost.amount, cost.unit) for cost in run.call.costs]
        end = End(run.call.charged, costs, self._now(), None if error is None else str(error.code))
        await self._after_the_fact(lambda file: file.end(run.call_id, end))

    async def settle(self, line: Line, charged: Charged) -> None:
        """Close a call on somebody's word."""
        end = End(charged, line.costs, self._now())
        await self._do(lambda file: file.end(line.id, end))

    async def orphans(self) -> tuple[Line, ...]:
        """The open calls of processes that are gone; from now on they are this process's own."""
        if not self._is_there:
            return ()

        def adopt(file: JournalFile) -> tuple[Line, ...]:
            file.forget(self._now() - self._keep)
            writers = {line.writer for line in file.open_lines()} - {self._writer}
            dead = {writer for writer in writers if self._is_dead(writer)}
            found = tuple(line for line in file.open_lines() if line.writer in dead)
            return file.adopt(found)

        return await self._do(adopt)

    async def open_lines(self) -> tuple[Line, ...]:
        """Every call of which nobody knows how it ended."""
        return await self._do(JournalFile.open_lines) if self._is_there else ()

    async def line(self, call: str) -> Line | None:
        """One call by its id."""
        return await self._do(lambda file: file.line(call)) if self._is_there else None

    async def paid_indices(self, job: str) -> frozenset[int]:
        """The pictures of a job that were paid for and answered."""
        lines = await self._do(lambda file: file.paid_of(job))
        return frozenset(index for line in lines for index in line.indices)

    async def paid_under(self, caller: str, key: str) -> tuple[Line, ...]:
        """What was sent for a caller's idempotency key and may have been charged."""
        if not self._is_there:
            return ()
        return await self._do(lambda file: file.lines_of(caller, key))

    @property
    def _is_there(self) -> bool:
        """Whether the file can be seen; one that cannot is told of by the first who writes."""
        try:
            self.path.stat()
        except OSError:
            return False
        return True

    async def close(self) -> None:
        """Finish writing, and close the file."""
        if self._thread is None:
            return
        if self._file is not None:
            await self._do(self._let_go)
        self._thread.shutdown()
        self._thread = self._file = None

    async def _do(self, work: Callable[[JournalFile], Answer]) -> Answer:
        """Work on the file's own thread, to the end even when nobody waits for it any more."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "imageway journal")
        future = self._thread.submit(lambda: work(self._opened()))
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        except (sqlite3.Error, OSError) as error:
            raise _unusable_now(self.path, error) from error

    async def _after_the_fact(self, work: Callable[[JournalFile], None]) -> None:
        """Write what has happened; if that fails the call stays open there, which is the truth."""
        try:
            await self._do(work)
        except ImagewayError as error:
            log.error("the journal %s cannot be written: %s", self.path, error)

    def _opened(self) -> JournalFile:
        if self._file is None:
            file = JournalFile(self.path, self._sync, self._writer)
            self._lock.acquire(timeout=0)
            self._file = file
        return self._file

    def _let_go(self, file: JournalFile) -> None:
        file.close()
        self._lock.release()
        self._lock_of(self._writer).unlink(missing_ok=True)

    def _lock_of(self, writer: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{writer}.lock")

    def _is_dead(self, writer: str) -> bool:
        path = self._lock_of(writer)
        try:
            with FileLock(path, timeout=0, thread_local=False):
                path.unlink(missing_ok=True)
                return True
        except Timeout:
            return False

    def _intent(self, request: ImageRequest, run: Run) -> Intent:
        ledger = run.ledger
        return Intent(
            run.call_id,
            ledger.id,
            ledger.caller,
            ledger.key,
            ledger.fingerprint,
            run.provider or "",
            request.model,
            run.indices,
            ledger.count,
            written(request),
            self._now(),
        )


def journal_of(source: Source) -> Journal:
    """The journal that a configuration names; nothing is opened yet."""
    table = source.config.journal
    path = source.state / "journal.db" if table.path is None else source.folder / table.path
    return Journal(path, sync=table.sync, keep=table.keep)


def written(request: ImageRequest) -> str:
    """A request as the journal keeps it, without the pictures that were sent along."""
    fields = {
        name: getattr(request, name) for name in request.model_fields_set if name not in NOT_WRITTEN
    }
    return orjson.dumps(fields, _plain, orjson.OPT_PASSTHROUGH_DATACLASS).decode()


def read(text: str) -> ImageRequest:
    """The request that a line of the journal is about."""
    fields: dict[str, JsonValue] = orjson.loads(text)
    return ImageRequest.build(fields)


def _plain(value: object) -> str:
    """A size or an aspect, as people write it."""
    return str(value)


def _unusable_now(path: Path, error: Exception) -> ImagewayError:
    return ImagewayError(
        ErrorCode.UNAVAILABLE,
        f"the journal {path.name} cannot be read or written: {error}",
        hint="make room on the disk, or see who owns and who holds the file",
    )


def _unwritten(path: Path, error: ImagewayError) -> ImagewayError:
    return ImagewayError(
        ErrorCode.UNAVAILABLE,
        f"nothing was sent, for a call that may cost money is written down first: "
        f"{error.info.message}",
        hint=error.info.hint,
    )
