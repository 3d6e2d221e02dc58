"""After a crash: what cannot be brought back is told as it is, and keeps nothing else back."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from imageway.client import Imageway
from imageway.core.errors import ErrorCode
from imageway.core.request import ImageRequest
from imageway.core.run import Ledger, Run
from imageway.providers.config import Config
from imageway.providers.jobs import KEPT_SECONDS, Job
from imageway.providers.journal.journal import Journal
from imageway.providers.loading import Source
from imageway.providers.snapshot import provision

REQUEST = ImageRequest.build({"prompt": "a fox", "model": "one", "count": 1})


@pytest.fixture
async def gone(tmp_path: Path) -> AsyncGenerator[Journal]:
    journal = Journal(tmp_path / "journal.db")
    yield journal
    await journal.close()


def a_run(ledger: Ledger, index: int) -> Run:
    return Run(ledger, (index,), provider="shop", model="one")


def a_ledger(count: int = 1) -> Ledger:
    return Ledger(lambda event: None, count, caller="family", fingerprint="f1")


async def recovered(path: Path) -> tuple[Imageway, tuple[Job, ...]]:
    table = {"shop": {"adapter": "tests.server.lab:Scripted"}}
    source = Source(Config.model_validate({"providers": table}), path.parent / "plugins.toml")
    way = Imageway(provision(source, {}, journal=Journal(path)))
    return way, tuple(await way.recover())


async def test_a_line_that_cannot_be_read_stays_open_and_holds_up_no_other(
    tmp_path: Path, gone: Journal
) -> None:
    unreadable, other = a_ledger(), a_ledger()
    for ledger in (unreadable, other):
        await gone.intend(REQUEST, a_run(ledger, 0))
    await gone.close()
    with sqlite3.connect(tmp_path / "journal.db") as base:
        base.execute("update calls set request='{\"seed\":-1}' where job=?", (unreadable.id,))
    base.close()
    way, jobs = await recovered(tmp_path / "journal.db")
    assert [job.id for job in jobs] == [other.id]
    await way.close()
    journal = Journal(tmp_path / "journal.db")
    assert unreadable.id in {line.job for line in await journal.open_lines()}
    await journal.close()


async def test_a_picture_that_was_paid_for_and_lost_is_told_as_paid(
    tmp_path: Path, gone: Journal
) -> None:
    ledger = a_ledger(3)
    paid, under_way = a_run(ledger, 0), a_run(ledger, 1)
    await gone.intend(REQUEST, paid)
    await gone.intend(REQUEST, under_way)
    paid.settled("yes")
    await gone.ended(paid, None)
    await gone.close()
    way, (job,) = await recovered(tmp_path / "journal.db")
    result = await job.result()
    await way.close()
    told = {each.index: (each.error.code, each.error.charged) for each in result.failures}
    assert told == {
        0: (ErrorCode.FAILED, "yes"),
        1: (ErrorCode.OUTCOME_UNKNOWN, "maybe"),
        2: (ErrorCode.UNAVAILABLE, "no"),
    }


async def test_what_was_lost_long_ago_answers_no_new_question(
    tmp_path: Path, gone: Journal
) -> None:
    await gone.intend(REQUEST, a_run(a_ledger(), 0))
    await gone.close()
    with sqlite3.connect(tmp_path / "journal.db") as base:
        base.execute("update calls set sent_at=sent_at-?", (KEPT_SECONDS + 1,))
    base.close()
    way, (job,) = await recovered(tmp_path / "journal.db")
    assert job.ledger.fingerprint is None
    await way.close()
