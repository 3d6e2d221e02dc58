"""Taking a changed configuration into use: a new snapshot in, the old one drained."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.run import fresh_id
from imageway.core.streaming import our_bug
from imageway.providers.loading import Source, load
from imageway.providers.reloading.changes import Changes, as_started, changes
from imageway.providers.reloading.holding import InForce
from imageway.providers.snapshot import Snapshot, provision
from imageway.providers.state import REAL, Surroundings

log = logging.getLogger("imageway.reload")

Check = Callable[[Source], None]
# A configuration is typed by hand; what is larger is some other file.
LARGEST_FILE = 4 * 2**20


class Standing(BaseModel):
    """Which configuration is in force since when, and why the file on disk is not, if it is not."""

    model_config = ConfigDict(frozen=True)

    generation: int
    since: float
    error: str | None = None
    hint: str | None = None
    failed_at: float | None = None


class Reloader:
    """Reads the file again when it is told to; what is wrong with it changes nothing."""

    def __init__(
        self,
        in_force: InForce,
        check: Check = lambda source: None,
        environment: Mapping[str, str] = os.environ,
        around: Surroundings = REAL,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.in_force, self._check = in_force, check
        self._environment, self._around, self._now = environment, around, now
        self._started = in_force.newest.source.config
        self._one_at_a_time = asyncio.Lock()
        self.since = now()
        self.failure: ErrorInfo | None = None
        self.failed_at: float | None = None

    @property
    def path(self) -> Path | None:
        """The file; the built-in demo has none."""
        return self.in_force.newest.source.path

    @property
    def standing(self) -> Standing:
        """What there is to show of it."""
        return Standing(
            generation=self.in_force.generation,
            since=self.since,
            error=self.failure.message if self.failure else None,
            hint=self.failure.hint if self.failure else None,
            failed_at=self.failed_at,
        )

    async def reload(self, *, if_changed: bool = False) -> Changes:
        """Take the file into use and read every secret anew; raises misconfigured for a mistake.

        `if_changed` leaves it at a look where the file says what it said.
        """
        async with self._one_at_a_time:
            before = self.in_force.newest
            try:
                source = await asyncio.to_thread(self._read)
                if if_changed and source.text == before.source.text:
                    return self._unchanged(before)
                source, restart = as_started(source, self._started)
                snapshot = await asyncio.to_thread(
                    provision, source, self._environment, self._around, before
                )
                return self._take(snapshot, before, restart)
            except ImagewayError as error:
                self._fail(error.info)
                raise
            except Exception as error:
                # An outer wall: a mistake of ours must not end what works.
                bug = our_bug(error, fresh_id("reload"))
                self._fail(bug)
                raise ImagewayError.carrying(bug) from error

    def _read(self) -> Source:
        if self.path is None:
            return self.in_force.newest.source
        _refuse_what_is_no_file(self.path)
        source = load(self.path)
        if not source.config.providers:
            # A file that was emptied, or of which only the beginning is written yet.
            raise source.mistake((), "there is no provider in it", "is it written to its end?")
        self._check(source)
        return source

    def _take(self, snapshot: Snapshot, before: Snapshot, restart: tuple[str, ...]) -> Changes:
        self.in_force.take(snapshot)
        self.failure, self.since = None, self._now()
        made = changes(before, snapshot, self.in_force.generation, restart)
        lines = "; ".join(made.lines()) or "nothing changed"
        log.info("configuration %d is in force: %s", made.generation, lines)
        return made

    def _unchanged(self, snapshot: Snapshot) -> Changes:
        if self.failure is not None:
            self.failure = None
            log.info("the file is again as configuration %d has it", self.in_force.generation)
        return changes(snapshot, snapshot, self.in_force.generation, ())

    def _fail(self, info: ErrorInfo) -> None:
        """Keep what is wrong; say it once, however often it is found."""
        is_new = self.failure is None or self.failure.message != info.message
        self.failure, self.failed_at = info, self._now()
        if is_new:
            log.error(
                "configuration %d stays in force: %s%s",
                self.in_force.generation,
                info.message,
                f" ({info.hint})" if info.hint else "",
            )


def _refuse_what_is_no_file(path: Path) -> None:
    """A pipe would be waited for without end, and a device read without end."""
    try:
        found = path.stat()
    except OSError:
        return  # loading says what is wrong with it
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise ImagewayError(ErrorCode.MISCONFIGURED, f"{path}: this is no regular file")
    if found.st_size > LARGEST_FILE:
        raise ImagewayError(ErrorCode.MISCONFIGURED, f"{path}: {found.st_size} bytes are too many")
