"""The book of what keys have spent: it opens again whatever a process left behind when it died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from imageway.core.events import Charged
from imageway.providers.accounting.spending import Spending

DIES_WRITING = """
import os, signal, sqlite3, sys
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute("PRAGMA cache_size = 1")
base.execute("PRAGMA cache_spill = 1")
base.execute("BEGIN IMMEDIATE")
row = ("x" * 2000, "usd", "family", "2026-01-01", 1, 0)
for number in range(200):
    base.execute("INSERT INTO spending VALUES (?,?,?,?,?,?)", (f"{number}{row[0]}", *row[1:]))
os.kill(os.getpid(), signal.SIGKILL)
"""


async def spend(book: Spending, call: str, amount: float = 0.04) -> None:
    await book.reserve("family", call, amount, "usd")
    book.settle("family", call, "yes", [Charged(amount, "usd")])


async def test_a_process_that_died_while_it_wrote_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "spending.db"
    book = Spending(path)
    await spend(book, "call-1")
    await book.close()
    ended = subprocess.run([sys.executable, "-c", DIES_WRITING, os.fspath(path)], check=False)  # noqa: ASYNC221
    assert ended.returncode == -signal.SIGKILL
    again = Spending(path)
    await spend(again, "call-2")
    assert again.sum("family", "usd", "day").spent == 0.08
    await again.close()


async def test_an_empty_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "spending.db"
    path.touch()
    book = Spending(path)
    await spend(book, "call-1")
    assert book.sum("family", "usd", "day").spent == 0.04
    await book.close()


async def test_a_call_that_is_settled_again_counts_once(tmp_path: Path) -> None:
    book = Spending(tmp_path / "spending.db")
    await spend(book, "call-1", 10.0)
    await book.close()
    after = Spending(tmp_path / "spending.db")
    await after.forget("call-1")
    after.settle("family", "call-1", "yes", [Charged(10.0, "usd")])
    assert after.sum("family", "usd", "day").spent == 10.0
    await after.close()
