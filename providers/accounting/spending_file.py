"""What keys have spent and reserved, in SQLite beside the gateway's other state; call by call."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

TABLE = """
CREATE TABLE IF NOT EXISTS spending (
    call TEXT, unit TEXT, caller TEXT, day TEXT, reserved INTEGER, spent INTEGER,
    PRIMARY KEY (call, unit)
)
"""
COLUMNS = "call, unit, caller, day, reserved, spent"


@dataclass(frozen=True, slots=True)
class Line:
    """What one call has reserved, or has cost, of one unit; in millionths of it, on a UTC day."""

    call: str
    unit: str
    caller: str
    day: str
    reserved: int = 0
    spent: int = 0


class SpendingFile:
    """The open file; what has been written survives a loss of power."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(TABLE)

    def write(self, call: str, lines: Iterable[Line]) -> None:
        """Put these in the place of whatever was written of a call."""
        rows = [(e.call, e.unit, e.caller, e.day, e.reserved, e.spent) for e in lines]
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("DELETE FROM spending WHERE call = ?", (call,))
            self._connection.executemany(
                f"INSERT INTO spending ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
                rows,
            )

    def lines_of(self, call: str) -> tuple[Line, ...]:
        """What was written of a call."""
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM spending WHERE call = ?",  # noqa: S608 - a constant
            (call,),
        )
        return tuple(Line(*row) for row in rows)

    def forget(self, before: str) -> None:
        """Drop what is older than a day."""
        self._connection.execute("DELETE FROM spending WHERE day < ?", (before,))

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def read_lines(path: Path) -> tuple[Line, ...]:
    """Everything that was written; nothing where there is no file."""
    try:
        path.stat()
    except OSError:
        return ()
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
        # Opened for writing too: what a process left half written when it died is undone by that.
        connection.execute(TABLE)
        rows = connection.execute(f"SELECT {COLUMNS} FROM spending ORDER BY rowid")  # noqa: S608 - a constant
        return tuple(Line(*row) for row in rows)
