"""Every editor's way of saving is noticed once, and what is half written is left alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from imageway.providers.reloading.watching import BEAT, SETTLED, watch


class Enough(Exception):
    """The beats that a test has are over."""


class Desk:
    """A file, what is done to it between two looks, and what the watcher called out."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "plugins.toml"
        self.file.write_text("one")
        self.beat = 0
        self.seen: list[tuple[int, str]] = []

    async def play(self, steps: Sequence[Callable[[], object]], after: int = 4) -> None:
        """Begin, let the first look settle, then take a step a beat and look on for a while."""
        waiting: list[Callable[[], object] | None] = [None] * (SETTLED + 1)
        script = iter([*waiting, *steps, *[None] * after])

        async def sleep(seconds: float) -> None:
            assert seconds == BEAT
            try:
                step = next(script)
            except StopIteration:
                raise Enough from None
            self.beat += 1
            if step is not None:
                step()

        with pytest.raises(Enough):
            await watch(self.file, self._saved, sleep)
        assert self.seen.pop(0) == (SETTLED, "one"), "it is looked at once in the beginning"

    async def _saved(self) -> None:
        there = self.file.is_file() and os.access(self.file, os.R_OK)
        self.seen.append((self.beat, self.file.read_text() if there else "-"))

    @property
    def heard(self) -> list[str]:
        return [text for _, text in self.seen]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def nothing() -> None:
    """A beat in which nobody writes."""


async def test_written_in_place(desk: Desk) -> None:
    await desk.play([lambda: desk.file.write_text("two")])
    assert desk.heard == ["two"]


async def test_it_is_noticed_well_within_a_second(desk: Desk) -> None:
    await desk.play([lambda: desk.file.write_text("two")])
    began = SETTLED + 2
    assert (desk.seen[0][0] - began + 1) * BEAT <= 0.7


async def test_renamed_over_it(desk: Desk) -> None:
    def save() -> None:
        beside = desk.file.with_suffix(".tmp")
        beside.write_text("two")
        beside.replace(desk.file)

    await desk.play([save])
    assert desk.heard == ["two"]


async def test_moved_away_as_a_backup_and_written_anew_a_beat_later(desk: Desk) -> None:
    await desk.play(
        [
            lambda: desk.file.rename(desk.file.with_suffix(".toml~")),
            lambda: desk.file.write_text("two"),
        ]
    )
    assert desk.heard == ["two"]


async def test_emptied_and_written_in_pieces(desk: Desk) -> None:
    def add(text: str) -> Callable[[], object]:
        return lambda: desk.file.write_text(desk.file.read_text() + text)

    await desk.play([lambda: desk.file.write_text(""), add("t"), nothing, add("w"), add("o")])
    assert desk.heard == ["two"]


async def test_of_the_same_length_and_with_its_time_put_back(desk: Desk) -> None:
    def save() -> None:
        before = desk.file.stat()
        desk.file.write_text("two")
        os.utime(desk.file, ns=(before.st_atime_ns, before.st_mtime_ns))

    await desk.play([save])
    assert desk.heard == ["two"]


async def test_a_link_that_is_turned_over_as_kubernetes_does(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for name, text in (("a", "one"), ("b", "two")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plugins.toml").write_text(text)
    data, fresh = tmp_path / "data", tmp_path / "fresh"
    data.symlink_to("a")
    desk.file.unlink()
    desk.file.symlink_to("data/plugins.toml")

    def turn() -> None:
        fresh.symlink_to("b")
        fresh.replace(data)

    await desk.play([turn])
    assert desk.heard == ["two"]


async def test_deleted_and_a_directory_in_its_place_and_back_again(desk: Desk) -> None:
    settled = [nothing] * SETTLED
    await desk.play(
        [
            desk.file.unlink,
            *settled,
            desk.file.mkdir,
            *settled,
            desk.file.rmdir,
            lambda: desk.file.write_text("two"),
        ]
    )
    assert desk.heard == ["-", "-", "two"]


async def test_rights_that_are_taken_are_noticed_too(desk: Desk) -> None:
    await desk.play([lambda: desk.file.chmod(0)])
    assert len(desk.heard) == 1


async def test_a_file_that_nobody_touches_is_not_called_out_again(desk: Desk) -> None:
    await desk.play([nothing] * 20)
    assert desk.heard == []


async def test_what_is_saved_while_the_last_one_is_taken_is_not_missed(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text("one")
    heard: list[str] = []

    async def saved() -> None:
        heard.append(file.read_text())
        if heard == ["one"]:
            file.write_text("two!")
        if "two!" in heard:
            raise Enough

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    with pytest.raises(Enough):
        await watch(file, saved, sleep)
    assert heard == ["one", "two!"]
