"""The journal: written before a call is sent, closed when its end is known, read after a crash."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from imageway.core.errors import Charged, ErrorCode, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Hooks, Ledger, Run
from imageway.core.size import Size
from imageway.core.streaming import Handler
from imageway.providers.journal.journal import DAY, Journal, read, written
from imageway.providers.journal.journaling import journaled
from tests.core.samples import dot

REQUEST = ImageRequest.build({"prompt": "a fox", "size": "64x32", "seed": 7, "count": 2})
Step = Callable[[Run], Awaitable[None]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
async def journal(path: Path) -> AsyncGenerator[Journal]:
    journal = Journal(path)
    yield journal
    await journal.close()


def a_run(key: str | None = None) -> Run:
    ledger = Ledger(lambda event: None, 2, caller="family", key=key, fingerprint="f1")
    return Run(ledger, (0, 1), provider="shop", model="shop-1")


def exists(path: Path) -> bool:
    return path.exists()


def content(path: Path) -> bytes:
    return path.read_bytes()


def mode(path: Path) -> int:
    return path.stat().st_mode


def break_open(path: Path) -> None:
    path.unlink()
    path.mkdir()


def break_file(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)


def spending(*steps: Step) -> Handler:
    async def handler(request: ImageRequest, run: Run) -> None:
        for step in steps:
            await step(run)

    return handler


async def pay(run: Run) -> None:
    await run.paying()


async def take(run: Run) -> None:
    run.charge(0.04, "USD")
    run.settled("yes")


async def refuse(run: Run) -> None:
    run.settled("no")
    raise ImagewayError(ErrorCode.UNAVAILABLE, "the shop is closed")


async def lose(run: Run) -> None:
    raise ImagewayError(ErrorCode.OUTCOME_UNKNOWN, "cut", charged="maybe")


async def test_a_free_call_is_not_written_down(journal: Journal, path: Path) -> None:
    await journaled(spending(), journal)(REQUEST, a_run())
    assert not exists(path)


async def test_a_call_stands_there_before_it_is_sent(journal: Journal) -> None:
    seen: list[str] = []

    async def look(run: Run) -> None:
        seen.extend(line.state for line in await journal.open_lines())

    await journaled(spending(pay, look, take), journal)(REQUEST, a_run())
    assert seen == ["sent"]


async def test_a_ticket_is_written_down_the_moment_it_is_known(journal: Journal) -> None:
    seen: list[tuple[str, str | None]] = []

    async def accept(run: Run) -> None:
        await run.accepted("wf-1")
        seen.extend((line.state, line.ticket) for line in await journal.open_lines())

    await journaled(spending(pay, accept, take), journal)(REQUEST, a_run())
    assert seen == [("accepted", "wf-1")]


@pytest.mark.parametrize(
    ("last", "state", "charged"),
    [(take, "settled", "yes"), (refuse, "released", "no"), (lose, "unknown", "maybe")],
)
async def test_the_end_tells_what_is_known(
    journal: Journal, last: Step, state: str, charged: Charged
) -> None:
    run = a_run()
    with suppress(ImagewayError):
        await journaled(spending(pay, last), journal)(REQUEST, run)
    line = await journal.line(run.call_id)
    assert line is not None
    assert (line.state, line.charged) == (state, charged)


async def test_what_it_cost_stands_there(journal: Journal) -> None:
    run = a_run()
    await journaled(spending(pay, take), journal)(REQUEST, run)
    line = await journal.line(run.call_id)
    assert line is not None
    assert line.costs == ((0.04, "USD"),)


async def test_the_prompt_is_forgotten_once_nothing_can_be_looked_up_any_more(
    journal: Journal, path: Path
) -> None:
    run = a_run()
    await journaled(spending(pay, take), journal)(REQUEST, run)
    line = await journal.line(run.call_id)
    assert line is not None
    assert line.request == ""


async def test_a_cancel_does_not_lose_the_end(journal: Journal) -> None:
    run, entered = a_run(), asyncio.Event()

    async def wait(run: Run) -> None:
        entered.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(journaled(spending(pay, wait), journal)(REQUEST, run))
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    line = await journal.line(run.call_id)
    assert line is not None
    assert line.state == "unknown"


async def test_who_asks_before_us_may_still_refuse(journal: Journal, path: Path) -> None:
    run = a_run()

    async def no(_: Run) -> None:
        raise ImagewayError(ErrorCode.QUOTA_EXHAUSTED, "the budget is spent")

    with pytest.raises(ImagewayError, match="budget"):
        await journaled(spending(pay), journal)(REQUEST, run.recording(Hooks(on_paying=no)))
    assert not exists(path)


async def test_nothing_is_sent_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, where a folder is needed")
    journal = Journal(tmp_path / "state" / "journal.db")
    run = a_run()
    with pytest.raises(ImagewayError) as caught:
        await journaled(spending(pay), journal)(REQUEST, run)
    await journal.close()
    assert caught.value.info.code is ErrorCode.UNAVAILABLE
    assert caught.value.info.charged == run.call.charged == "no"


async def test_a_full_disk_refuses_paid_calls_and_recovers(journal: Journal) -> None:
    await journaled(spending(pay, take), journal)(REQUEST, a_run())
    await limit(journal, 1)
    with pytest.raises(ImagewayError, match="full"):
        await fill(journal)
    await limit(journal, 100_000)
    run = a_run()
    await journaled(spending(pay, take), journal)(REQUEST, run)
    assert await journal.line(run.call_id) is not None


async def fill(journal: Journal) -> None:
    while True:
        await journaled(spending(pay, take), journal)(REQUEST, a_run())


async def limit(journal: Journal, pages: int) -> None:
    """SQLite's own way to be full: so many pages, however large the disk is."""
    await journal._do(lambda file: file._base.execute(f"pragma max_page_count={pages}"))  # pyright: ignore[reportPrivateUsage]: the disk of the test cannot be filled


async def test_a_broken_file_is_refused_and_not_replaced(path: Path) -> None:
    break_file(path)
    journal = Journal(path)
    with pytest.raises(ImagewayError, match=r"cannot be used") as caught:
        await journal.orphans()
    assert caught.value.info.code is ErrorCode.MISCONFIGURED
    assert "recover" in (caught.value.info.hint or "")
    assert content(path).startswith(b"no database")


async def test_a_file_of_a_later_version_is_refused(journal: Journal, path: Path) -> None:
    await journaled(spending(pay, take), journal)(REQUEST, a_run())
    await journal.close()
    with sqlite3.connect(path) as base:
        base.execute("pragma user_version=9")
    base.close()
    with pytest.raises(ImagewayError, match="version 9"):
        await Journal(path).orphans()


async def test_the_file_is_for_its_owner_alone(journal: Journal, path: Path) -> None:
    await journaled(spending(pay, take), journal)(REQUEST, a_run())
    assert mode(path) & 0o077 == mode(path.parent) & 0o077 == 0


async def test_calls_of_a_process_that_lives_are_left_alone(journal: Journal, path: Path) -> None:
    other = Journal(path)
    await other.intend(REQUEST, a_run())
    assert await journal.orphans() == ()
    await other.close()


async def test_calls_of_a_process_that_is_gone_are_taken_over_once(path: Path) -> None:
    gone, first, second = Journal(path), Journal(path), Journal(path)
    run = a_run()
    await gone.intend(REQUEST, run)
    await gone.close()
    found = await first.orphans()
    assert [(line.id, line.job, line.indices) for line in found] == [(run.call_id, run.id, (0, 1))]
    assert await second.orphans() == ()
    await first.close()
    await second.close()


async def test_what_is_closed_is_kept_for_a_while(path: Path) -> None:
    now = [1_000_000.0]
    journal = Journal(path, keep=30 * DAY, now=lambda: now[0])
    run, open_one = a_run(), a_run()
    await journaled(spending(pay, take), journal)(REQUEST, run)
    await journal.intend(REQUEST, open_one)
    now[0] += 29 * DAY
    await journal.orphans()
    assert await journal.line(run.call_id) is not None
    now[0] += 2 * DAY
    await journal.orphans()
    assert await journal.line(run.call_id) is None
    assert await journal.line(open_one.call_id) is not None
    await journal.close()


def test_a_request_is_read_as_it_was_written() -> None:
    again = read(written(REQUEST))
    assert again == REQUEST
    assert isinstance(again.size, Size)


def test_pictures_that_were_sent_along_are_not_written() -> None:
    request = ImageRequest.build({"prompt": "bluer", "references": [{"picture": dot(8)}]})
    assert "references" not in written(request)


async def test_two_that_start_together_share_no_call(path: Path) -> None:
    gone, first, second = Journal(path), Journal(path), Journal(path)
    runs = [a_run() for _ in range(20)]
    for run in runs:
        await gone.intend(REQUEST, run)
    await gone.close()
    found = [
        line.id
        for lines in await asyncio.gather(first.orphans(), second.orphans())
        for line in lines
    ]
    assert sorted(found) == sorted(run.call_id for run in runs)
    await first.close()
    await second.close()


async def test_what_was_paid_and_answered_is_known_by_its_job(journal: Journal) -> None:
    run, open_one = a_run(), a_run()
    await journaled(spending(pay, take), journal)(REQUEST, run)
    await journal.intend(REQUEST, open_one)
    assert await journal.paid_indices(run.id) == {0, 1}
    assert await journal.paid_indices(open_one.id) == frozenset()


async def test_a_key_is_looked_up_in_words_also_where_the_file_is_locked(
    journal: Journal, path: Path
) -> None:
    await journaled(spending(pay, take), journal)(REQUEST, a_run())
    await journal.close()
    break_open(path)
    with pytest.raises(ImagewayError) as caught:
        await Journal(path).paid_under("family", "key")
    assert caught.value.info.code in {ErrorCode.UNAVAILABLE, ErrorCode.MISCONFIGURED}
