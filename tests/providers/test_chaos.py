"""The table [chaos]: off unless it says so, never without an end, and the same across reloads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Ledger, Run
from imageway.providers.config import Config
from imageway.providers.journal.journal import Journal
from imageway.providers.journal.journaling import journaled
from imageway.providers.rehearsing import Rehearsal, rehearsed
from imageway.providers.tables.chaos import Chaos, Trouble
from tests.providers.support import HOUSE, living, refusal

END = datetime(2027, 1, 31, 18, tzinfo=UTC)
BEFORE = END.timestamp() - 60
UNTIL = "until = 2027-01-31T18:00:00Z\n"
LATE = Trouble.model_validate({"latency": "2s"})
TROUBLE = "[chaos.providers.house]\nerror = 'unavailable'\n"


def rehearsal(chaos: Chaos, now: float = BEFORE) -> Rehearsal:
    made = Rehearsal("house", lambda: now)
    made.adjust(chaos)
    return made


def chaos(**changes: object) -> Chaos:
    table: dict[str, object] = {
        "enabled": True,
        "until": END,
        "providers": {"house": {"error": "failed"}},
    }
    return Chaos.model_validate({**table, **changes})


def test_without_a_word_nobody_rehearses_anything() -> None:
    assert Config().chaos == Chaos()
    assert rehearsal(Chaos()).order is None


def test_a_table_alone_enables_nothing() -> None:
    assert rehearsal(chaos(enabled=False)).order is None


def test_an_enabled_table_is_suffered_until_its_end() -> None:
    order = rehearsal(chaos()).order
    assert order is not None
    assert str(order) == "error failed, until 2027-01-31T18:00:00Z"
    assert rehearsal(chaos(), END.timestamp()).order is None


def test_the_file_reaches_the_provider(tmp_path: Path) -> None:
    end = "until = 2999-01-31T18:00:00Z\n"
    snapshot = living(tmp_path, f"{HOUSE}[chaos]\nenabled = true\n{end}{TROUBLE}")
    order = snapshot.providers["house"].state.rehearsal.order
    assert order is not None
    assert order.trouble.code is ErrorCode.UNAVAILABLE


def test_a_file_that_is_read_again_unchanged_does_not_begin_anew_what_was_ended() -> None:
    made = rehearsal(chaos())
    made.end()
    made.adjust(chaos())
    assert made.order is None


def test_what_was_begun_by_hand_outlives_a_reload_and_not_the_word_that_enables_it() -> None:
    made = rehearsal(Chaos(enabled=True))
    made.begin(LATE, 600)
    made.adjust(Chaos(enabled=True))
    assert made.order is not None
    made.adjust(Chaos())
    assert made.order is None


def test_another_table_takes_the_place_of_what_was_begun() -> None:
    made = rehearsal(Chaos(enabled=True))
    made.begin(LATE, 600)
    made.adjust(chaos())
    assert made.order is not None
    assert made.order.trouble.error == "failed"


@pytest.mark.parametrize("trouble", [{"error": "outcome_unknown"}, {"cut": 0}])
async def test_the_journal_hears_nothing_of_what_was_never_sent(
    trouble: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "journal.db"
    journal, made = Journal(path), rehearsal(Chaos(enabled=True))
    made.begin(Trouble.model_validate(trouble), 600)
    run = Run(Ledger(lambda event: None, 1), (0,))
    asked = journaled(rehearsed(_pays, made), journal)
    with pytest.raises(ImagewayError) as caught:
        await asked(ImageRequest(prompt="a fox"), run)
    assert (caught.value.info.code, run.call.charged) == (ErrorCode.OUTCOME_UNKNOWN, "no")
    assert await journal.open_lines() == ()
    assert [*tmp_path.iterdir()] == []  # noqa: ASYNC240 - an empty folder
    await journal.close()


async def _pays(request: ImageRequest, run: Run) -> None:
    await run.paying()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (TROUBLE, "must say when it ends, such as until = 2027-01-31T18:00:00Z"),
        (UNTIL + TROUBLE.replace("house", "hause"), "there is no provider 'hause'"),
        (UNTIL + "[chaos.providers.house]\nratio = 0.5", "does nothing; give it an error"),
        (UNTIL + TROUBLE + "cut = 1", "fails before any picture"),
        (
            UNTIL + "[chaos.providers.house]\ncut = 1\nretry_after = '1s'",
            "has a retry_after and no error",
        ),
        (UNTIL + TROUBLE.replace("unavailable", "internal"), "must be 'invalid_request', "),
        (UNTIL + TROUBLE + "ratio = 0", "ratio = 0: must be more than 0"),
        (UNTIL.replace("Z", ""), "must be a date, a time and an offset"),
        ("until = 2027-01-31\n", "must be a date, a time and an offset"),
        ("until = '2027-01-31T18:00:00Z'\n", "must be a date, a time and an offset"),
        ("enable = true", "unknown key 'enable'"),
    ],
)
def test_a_mistake_is_refused(table: str, words: str, tmp_path: Path) -> None:
    info = refusal(tmp_path, f"{HOUSE}[chaos]\n{table}\n")
    assert words in info.message
    assert "plugins.toml, line " in info.message


def test_a_trouble_tells_everything_that_it_does() -> None:
    trouble = Trouble.model_validate({"latency": "90s", "cut": 2, "drip": "500ms", "ratio": 0.25})
    assert str(trouble) == "latency 90s, cut after 2, drip 500ms, for 25% of the orders"
    refused = Trouble.model_validate({"error": "rate_limited", "retry_after": "1h"})
    assert str(refused) == "error rate_limited, retry_after 1h"
