"""Memory before disk, both bounded; a disk that fails is told of once."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from imageway.providers.galleries.drawer import Copy
from imageway.providers.galleries.lastgood import LastGood, Shelf
from imageway.providers.tables.keeping import Bounds
from tests.providers.test_drawer import copy, file_of, key, no_room

ROOMY = Bounds(100, 1 << 20)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def keep(kept: LastGood, number: int, answer: Copy) -> None:
    await kept.keep(key(number), answer, ROOMY, ROOMY)


async def find(kept: LastGood, number: int) -> Copy | None:
    return await kept.find(key(number), ROOMY, ROOMY)


def test_memory_is_bounded_in_answers_and_in_bytes() -> None:
    shelf = Shelf()
    for number in range(10):
        shelf.keep(key(number), copy("1" * 100), Bounds(4, 1000))
    assert (shelf.count, shelf.size) == (4, 400)
    shelf.keep(key(20), copy("1" * 900), Bounds(4, 1000))
    assert (shelf.count, shelf.size) == (2, 1000)


def test_what_is_used_stays_longest_in_memory() -> None:
    shelf = Shelf()
    for number in (1, 2):
        shelf.keep(key(number), copy(), Bounds(2, 1000))
    shelf.find(key(1))
    shelf.keep(key(3), copy(), Bounds(2, 1000))
    assert [shelf.find(key(number)) is not None for number in (1, 2, 3)] == [True, False, True]


def test_an_answer_larger_than_memory_pushes_nothing_out() -> None:
    shelf = Shelf()
    shelf.keep(key(1), copy(), Bounds(2, 100))
    shelf.keep(key(2), copy("1" * 101), Bounds(2, 100))
    assert shelf.find(key(1)) is not None


async def test_what_memory_has_forgotten_lies_on_disk(tmp_path: Path) -> None:
    await keep(LastGood("a", tmp_path), 1, copy())
    again = LastGood("a", tmp_path)
    assert again.at_hand(key(1)) is None
    assert await find(again, 1) == copy()
    assert again.at_hand(key(1)) == copy()


async def test_of_two_answers_the_newer_one_is_found(tmp_path: Path) -> None:
    mine, other = LastGood("a", tmp_path), LastGood("a", tmp_path)
    await keep(mine, 1, copy("[1]", at=1))
    await keep(other, 1, copy("[2]", at=2))
    assert await find(mine, 1) == copy("[2]", at=2)
    mine.shelf.keep(key(1), copy("[3]", at=3), ROOMY)
    assert await find(mine, 1) == copy("[3]", at=3)


async def test_without_a_folder_memory_is_all() -> None:
    kept = LastGood("a", None)
    await keep(kept, 1, copy())
    assert await find(kept, 1) == copy()
    assert (await find(kept, 2), kept.problem) == (None, None)


async def test_a_folder_that_cannot_be_written_is_told_of_once_and_costs_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "imageway")
    folder = tmp_path / "in the way"
    folder.write_text("a file")
    kept = LastGood("a's gallery", folder)
    for number in range(5):
        await keep(kept, number, copy())
        assert await find(kept, number) == copy()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "what a's gallery answers is kept in memory alone" in caplog.text
    assert kept.problem is not None
    assert str(folder) in kept.problem
    folder.unlink()
    await keep(kept, 9, copy())
    assert kept.problem is None
    assert caplog.records[-1].getMessage() == "what a's gallery answers is kept on disk again"


async def test_a_full_disk_is_told_of_and_costs_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = LastGood("a", tmp_path)
    with no_room():
        await keep(kept, 1, copy())
    assert kept.problem is not None
    assert kept.problem.endswith("File too large")
    assert await find(kept, 1) == copy()
    assert len(caplog.records) == 1
    assert names(tmp_path) == []


async def test_a_folder_where_a_file_should_be_is_no_answer(tmp_path: Path) -> None:
    kept = LastGood("a", tmp_path)
    file_of(tmp_path).mkdir()
    assert await find(kept, 1) is None
    assert kept.problem is not None


async def test_many_at_once_leave_the_folder_within_its_bounds(tmp_path: Path) -> None:
    kept, bounds = LastGood("a", tmp_path), Bounds(10, 1 << 20)
    await asyncio.gather(*(kept.keep(key(number), copy(), bounds, bounds) for number in range(60)))
    assert kept.drawer is not None
    assert len(names(tmp_path)) == kept.drawer.count == kept.shelf.count == 10
