"""imageway journal: what is open is shown, and closed by hand."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from imageway.cli import main
from imageway.core.request import ImageRequest
from imageway.core.run import Ledger, Run
from imageway.providers.accounting.spending import Spending
from imageway.providers.journal.journal import Journal

REQUEST = ImageRequest.build({"prompt": "a secret wish", "model": "shop-1"})


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A call that a process left open."""
    monkeypatch.chdir(tmp_path)
    Path("plugins.toml").write_text('[providers.demo]\nadapter = "demo"\n')
    run = Run(Ledger(lambda event: None, 1, caller="family"), (0,), provider="shop")

    async def leave_open() -> None:
        journal = Journal(Path("state/journal.db"))
        await journal.intend(REQUEST, run)
        await journal.accepted(run.call_id, "wf-7")
        await journal.close()

    asyncio.run(leave_open())
    return run.call_id


def test_what_is_open_is_shown(call: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "list"]) == 0
    out = capsys.readouterr().out
    assert call in out
    assert "wf-7" in out
    assert "secret" not in out


def test_it_is_shown_as_json(call: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "list", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert (shown["call"], shown["state"], shown["ticket"]) == (call, "accepted", "wf-7")


@pytest.mark.parametrize("verdict", ["charged", "free"])
def test_a_call_is_closed_by_hand(
    call: str, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["journal", "settle", call, verdict]) == 0
    assert main(["journal", "list"]) == 0
    assert "every paid call is settled" in capsys.readouterr().out


def test_a_call_that_is_not_open_cannot_be_closed(
    call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["journal", "settle", "call_nobody_knows", "free"]) == 2
    assert "no open call" in capsys.readouterr().err


def test_what_was_reserved_for_it_is_settled_too(call: str) -> None:
    async def reserve() -> None:
        book = Spending(Path("state/spending.db"))
        await book.reserve("family", call, 1.0, "usd")
        await book.close()

    asyncio.run(reserve())
    assert main(["journal", "settle", call, "free"]) == 0
    assert Spending(Path("state/spending.db")).sum("family", "usd", "day").reserved == 0
