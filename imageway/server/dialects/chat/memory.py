"""Which pictures were drawn in which chat: a small database that survives a restart."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TypeVar

from aiohttp import web

from imageway.server.dialects.chat.messages import Conversation

NAME = "chats.db"
MOST = 20_000
BUSY_SECONDS = 5.0
# The table that is dropped knew no models, and so only one answer to a message.
LAYOUT = """
DROP TABLE IF EXISTS pictures;
CREATE TABLE IF NOT EXISTS answers (
    caller TEXT, chat TEXT, turn TEXT, model TEXT, place INTEGER, job TEXT, file TEXT, at REAL,
    PRIMARY KEY (caller, chat, turn, model, place)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (at);
"""

log = logging.getLogger("imageway")
Value = TypeVar("Value")
# By turn: the place of each picture in its answer, and its file.
Remembered = Mapping[str, tuple[tuple[int, str], ...]]
# A turn, and of one picture of an answer to it the model, the job, the place and the file.
_Row = tuple[str, str, str, int, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One person's message in one chat, and the model that answers it, of perhaps several.

    `turn` stands for all that the person said up to it.
    """

    caller: str
    chat: str
    turn: str
    model: str


class ChatMemory:
    """Remembers files by chat and turn; without it a chat goes on, only nothing can be edited."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = folder / NAME, clock
        self._lock = Lock()

    async def remember(self, moment: Moment, place: int, file: str, job: str, keep: float) -> bool:
        """Write a picture down; an earlier answer of the model to the message is forgotten."""

        def write(database: sqlite3.Connection) -> bool:
            now = self._clock()
            key = (moment.caller, moment.chat, moment.turn, moment.model)
            database.execute(
                "DELETE FROM answers WHERE caller = ? AND chat = ? AND turn = ? AND model = ? "
                "AND job <> ?",
                (*key, job),
            )
            database.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*key, place, job, file, now),
            )
            database.execute("DELETE FROM answers WHERE at < ?", (now - keep,))
            database.execute(
                "DELETE FROM answers WHERE at < (SELECT at FROM answers ORDER BY at DESC "
                "LIMIT 1 OFFSET ?)",
                (MOST,),
            )
            return True

        return await asyncio.to_thread(self._with, write, False)

    async def recall(self, caller: str, chat: str, model: str, keep: float) -> Remembered:
        """The files of each turn of a chat, newest turn last.

        Of several answers to a turn it is the model's own, or else the newest.
        """

        def read(database: sqlite3.Connection) -> Remembered:
            rows: Iterable[_Row] = database.execute(
                "SELECT turn, model, job, place, file FROM answers "
                "WHERE caller = ? AND chat = ? AND at >= ? ORDER BY at",
                (caller, chat, self._clock() - keep),
            )
            found: dict[str, list[_Row]] = {}
            for row in rows:
                found[row[0]] = [*found.pop(row[0], []), row]
            return {turn: _answer_of(model, found[turn]) for turn in found}

        return await asyncio.to_thread(self._with, read, {})

    def _with(self, work: Callable[[sqlite3.Connection], Value], otherwise: Value) -> Value:
        """Do something with the database; a broken one is put aside, never in anybody's way."""
        with self._lock:
            try:
                return self._in_a_transaction(work)
            except sqlite3.OperationalError as error:
                log.warning("the memory of chats cannot be used: %s", error)
            except sqlite3.DatabaseError as error:
                log.warning("the memory of chats is damaged and begins anew: %s", error)
                self._put_aside()
            except OSError as error:
                log.warning("the memory of chats cannot be used: %s", error.strerror)
            return otherwise

    def _in_a_transaction(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as database, database:
            database.executescript(LAYOUT)
            return work(database)

    def _put_aside(self) -> None:
        try:
            self._path.replace(self._path.with_suffix(".damaged"))
        except OSError as error:
            log.warning("the memory of chats cannot be put aside: %s", error.strerror)


def _answer_of(model: str, rows: list[_Row]) -> tuple[tuple[int, str], ...]:
    own = [row for row in rows if row[1] == model]
    job = (own or rows)[-1][2]
    return tuple(sorted((place, file) for _, _, by, place, file in rows if by == job))


CHATS = web.AppKey("chats", ChatMemory)


def turns_of(conversation: Conversation) -> list[str]:
    """A name for each message of the person, the wish last; nobody can read a message in it."""
    said = sha256()
    names: list[str] = []
    for turn in (*conversation.earlier, conversation.wish):
        if turn.role == "user":
            said.update(turn.text.encode("utf-8", "surrogatepass") + b"\0")
            names.append(said.hexdigest())
    return names
