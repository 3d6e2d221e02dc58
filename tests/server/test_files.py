"""Pictures are kept on disk until they are too old or too many, and whatever else lies there."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from stat import S_IMODE

import pytest

from imageway.core.picture import Picture
from imageway.providers.tables.storage import Storage
from imageway.server.files import FileStore
from tests.core.samples import encoded
from tests.server.lab import picture, png

NAME = "file-" + "a" * 48


def settings(**keys: object) -> Callable[[], Storage]:
    made = Storage.model_validate(keys)
    return lambda: made


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_a_picture_survives_a_restart_and_so_does_whose_it_is(tmp_path: Path) -> None:
    name = str(await FileStore(tmp_path / "images").put(picture(), "me.and-others"))
    after = FileStore(tmp_path / "images")
    found = await after.fetch(name, "me.and-others")
    assert found is not None
    assert (found.bytes, found.media_type) == (png(), "image/png")
    assert await after.fetch(name, "me") is None


async def test_the_oldest_goes_when_there_are_too_many_bytes(tmp_path: Path) -> None:
    store = FileStore(tmp_path, settings(size=f"{2 * len(png())}B"))
    first, second, third = [str(await store.put(picture(), "me")) for _ in range(3)]
    assert store.find(first) is None
    assert store.find(second) is not None
    assert store.find(third) is not None
    assert len(files_in(tmp_path)) == 2


async def test_the_oldest_is_known_after_a_restart_too(tmp_path: Path) -> None:
    names: list[str] = []
    for date in (1000.0, 1001.0, 1002.0):
        then = FileStore(tmp_path, now=partial(float, date))
        names.append(str(await then.put(picture(), "me")))
    after = FileStore(tmp_path, settings(size=f"{2 * len(png())}B"), lambda: 1003.0)
    after.sweep()
    assert [after.find(name) is not None for name in names] == [False, True, True]


async def test_what_is_too_old_is_not_found_and_soon_deleted(tmp_path: Path) -> None:
    now = 1000.0
    store = FileStore(tmp_path, settings(keep="10s"), lambda: now)
    name = str(await store.put(picture(), "me"))
    assert store.find(name) is not None
    now = 1010.0
    assert store.find(name) is None
    store.sweep()
    assert files_in(tmp_path) == []


async def test_what_is_larger_than_the_store_is_not_kept(tmp_path: Path) -> None:
    assert await FileStore(tmp_path, settings(size="10B")).put(picture(), "me") is None


async def test_ids_cannot_be_guessed_from_each_other(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    names = {str(await store.put(picture(), "me")) for _ in range(20)}
    assert len(names) == 20
    assert all(len(name) > 30 for name in names)


async def test_another_callers_file_is_as_unknown_as_none(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = str(await store.put(picture(), "me"))
    assert store.find(name, "you") is None
    assert store.find(name, "me") is not None


async def test_files_and_folders_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "images"
    await FileStore(folder).put(picture(), "me")
    [file] = files_in(folder)
    modes = [S_IMODE(each.stat().st_mode) for each in (folder.parent, folder, file)]
    assert modes == [0o700, 0o700, 0o600]


@pytest.mark.parametrize("owner", ["../me", "", "a/b", "a\0b", ".hidden", "x" * 100])
async def test_an_owner_who_is_no_name_writes_nothing(tmp_path: Path, owner: str) -> None:
    folder = tmp_path / "images"
    assert await FileStore(folder).put(picture(), owner) is None
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    "name", [f"{NAME}.me.html", f"{NAME}.me.svg", "notes.png", f"{NAME}.png", f"x{NAME}.me.png"]
)
def test_a_strange_name_in_the_folder_is_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(png())
    store = FileStore(tmp_path, settings(size="1B"))
    store.sweep()
    assert store.look(NAME) is None
    assert store.look(name) is None
    assert (tmp_path / name).exists()


def test_a_link_in_the_folder_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(png())
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / f"{NAME}.me.png").symlink_to(tmp_path / "secret")
    assert FileStore(folder).find(NAME) is None


async def test_a_link_that_takes_a_files_place_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(png())
    store = FileStore(tmp_path / "images")
    name = str(await store.put(picture(), "me"))
    [file] = files_in(store.folder)
    file.unlink()
    file.symlink_to(tmp_path / "secret")
    assert store.look(name) is None
    assert store.find(name) is None


async def test_a_file_that_somebody_deleted_is_unknown(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = str(await store.put(picture(), "me"))
    files_in(tmp_path)[0].unlink()
    assert store.find(name) is None


async def test_a_file_that_somebody_cut_short_is_no_picture(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = str(await store.put(picture(), "me"))
    os.truncate(files_in(tmp_path)[0], 30)
    assert store.find(name) is None


def test_a_draft_that_was_abandoned_goes_and_a_fresh_one_stays(tmp_path: Path) -> None:
    written: Mapping[str, float] = {".unfinished-old": 1000.0, ".unfinished-new": 9000.0}
    for name, date in written.items():
        (tmp_path / name).write_bytes(png()[:20])
        os.utime(tmp_path / name, (date, date))
    FileStore(tmp_path, now=lambda: 9001.0).sweep()
    assert [path.name for path in files_in(tmp_path)] == [".unfinished-new"]


async def test_a_folder_that_cannot_be_made_keeps_nothing_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "images").write_text("a file")
    assert await FileStore(tmp_path / "images").put(picture(), "me") is None
    assert "cannot keep a picture" in caplog.text


async def test_a_full_disk_keeps_nothing_and_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert await FileStore(tmp_path).put(picture(), "me") is None
    assert files_in(tmp_path) == []


async def test_settings_that_change_are_in_force_at_once(tmp_path: Path) -> None:
    keep = "1h"
    store = FileStore(tmp_path, lambda: Storage.model_validate({"keep": keep}), lambda: 100_000.0)
    name = str(await store.put(picture(), "me"))
    later = FileStore(tmp_path, lambda: Storage.model_validate({"keep": keep}), lambda: 103_000.0)
    assert later.find(name) is not None
    keep = "10m"
    assert later.find(name) is None


async def test_a_picture_that_is_damaged_inside_is_not_kept_and_breaks_nothing(
    tmp_path: Path,
) -> None:
    text = b64encode(encoded("png", (300, 300))).decode()
    middle = len(text) // 2
    damaged = Picture.from_base64(f"{text[:middle]}!!!!{text[middle + 4 :]}")
    assert await FileStore(tmp_path).put(damaged, "me") is None
