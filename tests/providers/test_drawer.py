"""The folder of answers: whole files, a bound, and no request that fails because of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest

from imageway.providers.galleries.drawer import Copy, Drawer
from imageway.providers.tables.keeping import Bounds

ROOMY = Bounds(100, 1 << 20)


def key(number: int) -> str:
    return f"{number:064x}"


def copy(text: str = "[1]", at: float = 5.0, cursor: str | None = "next") -> Copy:
    return Copy.of(text.encode(), at, cursor)


def file_of(folder: Path, number: int = 1) -> Path:
    return folder / f"{key(number)}.answer"


@contextmanager
def no_room() -> Generator[None]:
    """No file may grow beyond its first bytes, as on a full disk."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (10, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)


@pytest.mark.parametrize("cursor", ["next", None])
def test_what_is_written_is_read_by_a_program_that_begins_anew(
    tmp_path: Path, cursor: str | None
) -> None:
    kept = copy("[\n1]", cursor=cursor)
    Drawer(tmp_path / "gallery" / "a").write(key(1), kept, ROOMY)
    assert Drawer(tmp_path / "gallery" / "a").read(key(1), ROOMY.size) == kept


def test_only_its_owner_may_look_into_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    Drawer(folder).write(key(1), copy(), ROOMY)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file_of(folder).stat().st_mode & 0o777 == 0o600


def test_what_was_never_written_is_not_there(tmp_path: Path) -> None:
    assert Drawer(tmp_path / "none").read(key(1), ROOMY.size) is None


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


DAMAGES: Mapping[str, Callable[[bytes], bytes]] = {
    "half": half,
    "one byte short": lambda data: data[:-1],
    "empty": lambda data: b"",
    "another item": lambda data: data.replace(b"[1]", b"[2]"),
    "another cursor": lambda data: data.replace(b'"next"', b'"text"'),
    "noughts": lambda data: b"\x00" * len(data),
    "nested": lambda data: b"[" * 100_000,
    "huge": lambda data: data + b" " * ROOMY.size,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_is_ignored_and_removed(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    drawer = Drawer(tmp_path)
    drawer.write(key(1), copy(), ROOMY)
    file_of(tmp_path).write_bytes(damage(file_of(tmp_path).read_bytes()))
    assert drawer.read(key(1), ROOMY.size) is None
    assert not file_of(tmp_path).exists()
    drawer.write(key(1), copy("[3]"), ROOMY)
    assert drawer.read(key(1), ROOMY.size) == copy("[3]")


def test_there_are_never_more_files_than_allowed_and_the_oldest_go(tmp_path: Path) -> None:
    drawer = Drawer(tmp_path)
    for number in range(10):
        drawer.write(key(number), copy(), Bounds(4, 1 << 20))
        assert len(list(tmp_path.iterdir())) == min(number + 1, 4)
    assert [drawer.read(key(n), 1 << 20) is not None for n in (5, 6, 9)] == [False, True, True]


def test_there_are_never_more_bytes_than_allowed(tmp_path: Path) -> None:
    drawer, bounds = Drawer(tmp_path), Bounds(100, 2000)
    for number in range(10):
        drawer.write(key(number), copy("1" * 500), bounds)
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2000
    assert drawer.count == 3


def test_an_answer_that_is_too_large_pushes_nothing_out(tmp_path: Path) -> None:
    drawer, bounds = Drawer(tmp_path), Bounds(100, 1000)
    drawer.write(key(1), copy(), bounds)
    drawer.write(key(2), copy("1" * 2000), bounds)
    assert drawer.read(key(1), 1000) is not None
    assert drawer.read(key(2), 1000) is None


def test_a_program_that_begins_anew_removes_what_was_of_no_use_for_longest(tmp_path: Path) -> None:
    first = Drawer(tmp_path)
    for number in range(3):
        first.write(key(number), copy(), ROOMY)
        os.utime(file_of(tmp_path, number), (number, number))
    first.read(key(0), ROOMY.size)
    Drawer(tmp_path).write(key(9), copy(), Bounds(3, 1 << 20))
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted(file_of(tmp_path, number).name for number in (0, 2, 9))


def test_what_a_program_left_half_written_is_removed_and_what_is_not_ours_stays(
    tmp_path: Path,
) -> None:
    for name in ("old.part", "new.part", "README"):
        (tmp_path / name).write_text("x")
    os.utime(tmp_path / "old.part", (0, 0))
    Drawer(tmp_path).write(key(1), copy(), ROOMY)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"new.part", "README", file_of(tmp_path).name}


def test_a_full_disk_leaves_no_half_of_a_file_and_the_old_answer(tmp_path: Path) -> None:
    drawer = Drawer(tmp_path)
    drawer.write(key(1), copy(), ROOMY)
    with no_room(), pytest.raises(OSError, match="File too large"):
        drawer.write(key(1), copy("[2]"), ROOMY)
    assert [path.name for path in tmp_path.iterdir()] == [file_of(tmp_path).name]
    assert drawer.read(key(1), ROOMY.size) == copy()


def test_a_file_in_the_way_of_the_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "gallery").write_text("I was here first")
    with pytest.raises(OSError, match=r"exists|Not a directory"):
        Drawer(tmp_path / "gallery" / "a").write(key(1), copy(), ROOMY)


def test_a_folder_that_was_emptied_meanwhile_is_filled_again(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    drawer = Drawer(folder)
    drawer.write(key(1), copy(), ROOMY)
    file_of(folder).unlink()
    folder.rmdir()
    drawer.write(key(2), copy(), ROOMY)
    assert drawer.read(key(2), ROOMY.size) == copy()
    assert drawer.count == 1


def test_two_programs_may_share_the_folder(tmp_path: Path) -> None:
    one, other = Drawer(tmp_path, time.time), Drawer(tmp_path)
    one.write(key(1), copy(), ROOMY)
    other.write(key(1), copy("[2]"), ROOMY)
    assert one.read(key(1), ROOMY.size) == copy("[2]")
