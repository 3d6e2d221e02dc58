"""Every line of the list of faults has a test that is named after it, or says what it waits for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.faults.table import FAULTS, Fault
from tests.faults.wire_table import BREAKS, Break

LINES = frozenset(f"F{number:02}" for number in [*range(1, 15), *range(20, 39)])

# A line may have tests for what is there, and wait for the rest.
WAITS: Mapping[str, str] = {
    "F06": "to be looked up after all, a lost call must be in the journal",
    "F08": "the job that goes on behind a 424 gets an address of its own with the jobs' pages",
    "F10": "the progress of a download is not told; only an adapter's own is",
    "F26": "a charge for no more than was delivered needs prices",
    "F30": "two jobs under one id are told apart by the journal's hash of the request",
    "F32": "which model and sampler were really used, only an adapter can read in its answer",
    "F33": "a mark in /v1/providers and an alarm: nothing keeps a provider's last refusal yet",
    "F34": "the page of budgets is not there yet",
    "F37": "CivitAI refuses an order in the same words whatever ended since the check",
    "F38": "prices and their ceilings are not there yet",
}


def lines_with_a_test() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    named = {name.upper() for text in texts for name in re.findall(r"def test_(f\d\d)_", text)}
    return named | {fault.line for fault in FAULTS} | {row.line for row in BREAKS}


def test_every_line_has_a_test_or_waits() -> None:
    assert sorted(LINES - lines_with_a_test() - WAITS.keys()) == []


def test_no_test_is_named_after_a_line_that_is_not_there() -> None:
    assert sorted(lines_with_a_test() - LINES) == []
    assert sorted(WAITS.keys() - LINES) == []


@pytest.mark.parametrize("rows", [FAULTS, BREAKS])
def test_the_rows_of_a_table_have_names_of_their_own(rows: Sequence[Fault | Break]) -> None:
    names = [row.name for row in rows]
    assert sorted(set(names)) == sorted(names)
