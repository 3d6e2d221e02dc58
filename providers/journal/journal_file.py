"""The journal's file: every call that may cost money, in SQLite, one line a call."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

from imageway.core.errors import Charged, ErrorCode, ImagewayError

State = Literal["sent", "accepted", "unknown", "released", "settled"]
Sync = Literal["full", "normal"]

# Nobody knows how these ended; the others are closed.
OPEN = ("sent", "accepted", "unknown")
STATE_BY_CHARGED: Mapping[Charged, State] = {
    "no": "released",
    "maybe": "unknown",
    "yes": "settled",
}
VERSION = 1
BUSY_SECONDS = 5.0
LAYOUT = """
create table calls (
  id text primary key, job text not null, caller text, key text, fingerprint text,
  provider text not null, model text not null, indices text not null, count integer not null,
  request text not null, writer text not null, sent_at real not null, state text not null,
  ticket text, charged text not null, costs text not null, ended_at real, error text
) strict;
create index calls_by_state on calls (state);
create index calls_by_key on calls (caller, key) where key is not null;
"""


@dataclass(frozen=True, slots=True)
class Intent:
    """A call that is about to be sent; times are seconds since 1970."""

    id: str
    job: str
    caller: str | None
    key: str | None
    fingerprint: str | None
    provider: str
    model: str
    indices: tuple[int, ...]
    count: int
    request: str
    sent_at: float


@dataclass(frozen=True, slots=True)
class Line(Intent):
    """A call as it stands in the journal."""

    writer: str
    state: State
    ticket: str | None
    charged: Charged
    costs: tuple[tuple[float, str], ...]
    ended_at: float | None
    error: str | None


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended, as far as anybody knows."""

    charged: Charged
    costs: Sequence[tuple[float, str]]
    at: float
    error: str | None = None


class JournalFile:
    """One connection, for one thread; raises misconfigured for a file that it must not use."""

    def __init__(self, path: Path, sync: Sync, writer: str) -> None:
        self._path, self._writer = path, writer
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The prompts of open calls stand in it.
        path.touch(mode=0o600)
        self._base = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._prepare(sync)
        except sqlite3.DatabaseError as error:
            self._base.close()
            raise _unusable(path, str(error)) from error

    def write(self, intent: Intent) -> None:
        """Write a call down before it is sent."""
        values = (
            intent.id, intent.job, intent.caller, intent.key, intent.fingerprint,
            intent.provider, intent.model, orjson.dumps(intent.indices).decode(), intent.count,
            intent.request, self._writer, intent.sent_at,
        )  # fmt: skip
        with self._transaction():
            self._base.execute(
                "insert into calls values"
                " (?,?,?,?,?,?,?,?,?,?,?,?,'sent',null,'maybe','[]',null,null)",
                values,
            )

    def accept(self, call: str, ticket: str) -> None:
        """Write down what finds the vendor's job again."""
        with self._transaction():
            self._base.execute(
                "update calls set state='accepted', ticket=? where id=?", (ticket, call)
            )

    def end(self, call: str, end: End) -> None:
        """Write down how it ended; what was asked is forgotten once that is certain."""
        state = STATE_BY_CHARGED[end.charged]
        costs = orjson.dumps(list(end.costs)).decode()
        with self._transaction():
            self._base.execute(
                "update calls set state=?, charged=?, costs=?, ended_at=?, error=?,"
                " request=case when ?='unknown' then request else '' end where id=?",
                (state, end.charged, costs, end.at, end.error, state, call),
            )

    def open_lines(self) -> tuple[Line, ...]:
        """The calls of which nobody knows how they ended, the oldest first."""
        return self._lines(f"state in ({','.join('?' * len(OPEN))})", OPEN)

    def lines_of(self, caller: str, key: str) -> tuple[Line, ...]:
        """What was paid for under a caller's key."""
        return self._lines("caller=? and key=? and charged<>'no'", (caller, key))

    def paid_of(self, job: str) -> tuple[Line, ...]:
        """The calls of a job that were paid for and answered."""
        return self._lines("job=? and state='settled' and charged='yes'", (job,))

    def line(self, call: str) -> Line | None:
        """One call."""
        return next(iter(self._lines("id=?", (call,))), None)

    def adopt(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Take the calls of a process that is gone for one's own; returns those that nobody else
        has taken meanwhile.
        """
        with self._transaction():
            return tuple(line for line in lines if self._taken(line))

    def _taken(self, line: Line) -> bool:
        change = "update calls set writer=? where id=? and writer=?"
        return self._base.execute(change, (self._writer, line.id, line.writer)).rowcount == 1

    def forget(self, before: float) -> None:
        """Drop what was closed before a time."""
        with self._transaction():
            self._base.execute(
                "delete from calls where ended_at<? and state in ('released','settled')", (before,)
            )

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _lines(self, where: str, values: Sequence[str]) -> tuple[Line, ...]:
        # The condition is one of this file's own; what comes from outside is a value.
        query = f"select * from calls where {where} order by sent_at"  # noqa: S608
        with closing(self._base.execute(query, values)) as found:
            names = [each[0] for each in found.description]
            return tuple(_line(dict(zip(names, row, strict=True))) for row in found)

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._base.execute("begin immediate")
        try:
            yield
            self._base.execute("commit")
        except BaseException:
            # Some failures, a full disk among them, have ended it already.
            if self._base.in_transaction:
                self._base.execute("rollback")
            raise

    def _prepare(self, sync: Sync) -> None:
        self._base.execute("pragma journal_mode=wal")
        self._base.execute(f"pragma synchronous={sync}")
        if (found := self._base.execute("pragma quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(str(found))
        with self._transaction():
            version = self._base.execute("pragma user_version").fetchone()[0]
            if version == 0:
                for statement in filter(str.strip, LAYOUT.split(";")):
                    self._base.execute(statement)
                self._base.execute(f"pragma user_version={VERSION}")
        if version > VERSION:
            raise sqlite3.DatabaseError(f"it is of version {version}, and {VERSION} is known")


def _line(row: Mapping[str, object]) -> Line:
    costs = tuple((float(amount), str(unit)) for amount, unit in orjson.loads(str(row["costs"])))
    values = {**row, "indices": tuple(orjson.loads(str(row["indices"]))), "costs": costs}
    return Line(**values)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]: the table is strict, and its columns are the fields


def _unusable(path: Path, reason: str) -> ImagewayError:
    return ImagewayError(
        ErrorCode.MISCONFIGURED,
        f"the journal {path} cannot be used: {reason}",
        hint=f"it tells which calls were paid for: save what is left of it (sqlite3 {path.name} "
        '".recover"), or move it away to begin anew without that knowledge',
    )
