"""What each key has spent and reserved, by UTC day: decided at once, written down before a call."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from imageway.core.errors import Charged as Certainty
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import Charged
from imageway.providers.accounting.spending_file import Line, SpendingFile, read_lines
from imageway.providers.tables.money import Limit, Period

Answer = TypeVar("Answer")

log = logging.getLogger("imageway")

MILLION = 1_000_000
KEPT = timedelta(days=70)


@dataclass(frozen=True, slots=True)
class Sum:
    """What is spent and what is reserved of one unit, in one period."""

    spent: float
    reserved: float


class Spending:
    """The accounts of one gateway; the file is made by the first call that costs.

    What nobody knows the outcome of stays reserved for its day.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self.path = path
        self.now = now
        self._open: dict[str, Line] = {}
        self._spent = Counter[tuple[str, str, str]]()
        self._reserved = Counter[tuple[str, str, str]]()
        self._thread: ThreadPoolExecutor | None = None
        self._file: SpendingFile | None = None
        self._unread: Exception | None = None
        self._read()

    def units(self, caller: str) -> tuple[str, ...]:
        """What this caller has spent or reserved anything of."""
        places = [*self._spent, *self._reserved]
        return tuple(dict.fromkeys(unit for mine, unit, _ in places if mine == caller))

    @property
    def today(self) -> str:
        """The UTC day."""
        return self._date().date().isoformat()

    def sum(self, caller: str, unit: str, period: Period) -> Sum:
        """What stands against a limit of this period now."""
        begin = self.today if period == "day" else self.today[:8]

        def total(counts: Counter[tuple[str, str, str]]) -> float:
            mine = (counts[k] for k in counts if k[:2] == (caller, unit) and k[2].startswith(begin))
            return sum(mine) / MILLION

        return Sum(total(self._spent), total(self._reserved))

    def is_short_of(self, caller: str, limit: Limit, amount: float) -> bool:
        """Whether so much more would go beyond a limit."""
        so_far = self.sum(caller, limit.unit, limit.period)
        wanted = _millionths(so_far.spent + so_far.reserved) + _millionths(amount)
        return wanted > _millionths(limit.most)

    def resets_at(self, period: Period) -> datetime:
        """When a limit of this period begins anew."""
        today = self._date().replace(hour=0, minute=0, second=0, microsecond=0)
        if period == "day":
            return today + timedelta(days=1)
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)

    async def reserve(self, caller: str, call: str, amount: float, unit: str) -> None:
        """Hold an amount from this moment on, and return when that is written down."""
        if self._unread is not None:
            raise _unusable(self.path, "read", self._unread)
        line = Line(call, unit, caller, self.today, reserved=_millionths(amount))
        self._add(line)
        try:
            await asyncio.shield(self._write(call, [line]))
        except (sqlite3.Error, OSError) as error:
            self._take_back(line)
            raise _unusable(self.path, "written", error) from error

    def settle(
        self, caller: str, call: str, certainty: Certainty, costs: Sequence[Charged]
    ) -> None:
        """Put what a call cost in the place of what was reserved for it, once that is certain."""
        held = self._open.get(call)
        if certainty == "maybe":
            return
        if held is not None:
            self._take_back(held)
        lines = _spent(caller, call, held, costs, self.today) if certainty == "yes" else []
        if held is None and not lines:
            return
        for line in lines:
            self._add(line)
            if held is not None and line.unit == held.unit and line.spent > held.reserved:
                told, cost = held.reserved / MILLION, line.spent / MILLION
                log.warning("%s cost %g %s, and %g had been told", call, cost, line.unit, told)
        self._write(call, lines).add_done_callback(self._complain)

    async def forget(self, call: str) -> None:
        """Count no more what an earlier process has settled for a call that is open again."""
        if not self.path.exists():
            return
        try:
            lines = await self._on_thread(lambda: self._opened().lines_of(call))
        except (sqlite3.Error, OSError) as error:
            log.error("%s cannot be read: %s", self.path, error)
            return
        for line in lines:
            self._spent[line.caller, line.unit, line.day] -= line.spent

    async def close(self) -> None:
        """Finish writing and close the file; whoever comes later opens it again."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        await asyncio.get_running_loop().run_in_executor(thread, self._close_file)
        thread.shutdown(wait=False)

    def _date(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def _read(self) -> None:
        """Nobody spends on while it is unknown what was spent; everything else goes on."""
        try:
            for line in read_lines(self.path):
                self._add(line)
        except (sqlite3.Error, OSError) as error:
            self._unread = error
            log.error("%s cannot be read: %s", self.path, error)

    def _add(self, line: Line) -> None:
        place = (line.caller, line.unit, line.day)
        self._spent[place] += line.spent
        self._reserved[place] += line.reserved
        if line.reserved:
            self._open[line.call] = line

    def _take_back(self, line: Line) -> None:
        self._open.pop(line.call, None)
        self._reserved[line.caller, line.unit, line.day] -= line.reserved

    def _write(self, call: str, lines: Sequence[Line]) -> asyncio.Future[None]:
        return self._on_thread(lambda: self._opened().write(call, lines))

    def _on_thread(self, work: Callable[[], Answer]) -> asyncio.Future[Answer]:
        """On a thread of its own, one after the other."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "imageway spending")
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _opened(self) -> SpendingFile:
        if self._file is None:
            self._file = SpendingFile(self.path)
            self._file.forget((self._date() - KEPT).date().isoformat())
        return self._file

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _complain(self, written: asyncio.Future[None]) -> None:
        """What is not written stays reserved there, and is counted at the next start."""
        if (error := written.exception()) is not None:
            log.error("%s cannot be written: %s", self.path, error)


def _spent(
    caller: str, call: str, held: Line | None, costs: Iterable[Charged], today: str
) -> list[Line]:
    """What the vendor told, by unit; what it did not tell cost what had been reserved."""
    day = today if held is None else held.day
    by_unit = Counter[str]({held.unit: held.reserved} if held is not None else {})
    for unit in {cost.unit for cost in costs}:
        by_unit[unit] = _millionths(sum(cost.amount for cost in costs if cost.unit == unit))
    return [Line(call, unit, caller, day, spent=spent) for unit, spent in by_unit.items() if spent]


def _millionths(amount: float) -> int:
    return round(amount * MILLION)


def _unusable(path: Path, how: str, error: Exception) -> ImagewayError:
    return ImagewayError(
        ErrorCode.UNAVAILABLE,
        f"nothing was sent, for {path.name} cannot be {how}: {error}",
        hint="it holds what keys have spent; mend it or make room on the disk, or move it away and "
        "begin at nought",
    )
