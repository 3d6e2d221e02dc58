"""Where pictures go when others write there too, and when the disk says no."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from imageway.cli.saving import Files, Folder, stem_of
from imageway.core.errors import ImagewayError
from tests.cli.conftest import names


def test_a_number_taken_meanwhile_is_skipped(tmp_path: Path) -> None:
    place = Folder.prepare(tmp_path)
    place.save(b"one", "png", 0, "fox")
    (tmp_path / "fox-2.png").write_bytes(b"another program's")
    assert place.save(b"two", "png", 1, "fox").name == "fox-3.png"
    assert (tmp_path / "fox-2.png").read_bytes() == b"another program's"


def test_pictures_keep_their_order_whichever_comes_first(tmp_path: Path) -> None:
    place = Folder.prepare(tmp_path)
    place.save(b"second", "png", 1, "fox")
    place.save(b"first", "png", 0, "fox")
    assert (tmp_path / "fox-1.png").read_bytes() == b"first"


def test_a_disk_without_links_still_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(path: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    place = Folder.prepare(tmp_path)
    place.save(b"one", "png", 0, "fox")
    (tmp_path / "fox-2.png").write_bytes(b"another program's")
    place.save(b"two", "png", 1, "fox")
    assert names(tmp_path) == ["fox-1.png", "fox-2.png", "fox-3.png"]


def test_a_full_disk_leaves_neither_half_a_picture_nor_a_stray_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.write_bytes

    def half(path: Path, data: bytes) -> int:
        real(path, data[:2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", half)
    for place in (Folder.prepare(tmp_path), Files((tmp_path / "fox.png",))):
        with pytest.raises(OSError, match="No space left"):
            place.save(b"picture", "png", 0, "fox")
    assert names(tmp_path) == []


def test_a_file_in_the_way_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ImagewayError, match="cannot write to"):
        Folder.prepare(tmp_path / "out")


@pytest.mark.parametrize(
    ("prompt", "stem"),
    [
        ("A red fox!", "imageway-a-red-fox"),
        ("../../etc/passwd", "imageway-etc-passwd"),
        ("Café Zürich", "imageway-cafe-zurich"),
        ("x" * 99, "imageway-" + "x" * 40),
        ("word " * 20, "imageway-word-word-word-word-word-word-word-word"),
        ("赤い狐", "imageway-req_1"),
    ],
)
def test_a_prompt_becomes_a_plain_name(prompt: str, stem: str) -> None:
    assert stem_of(prompt, "req_1") == stem
