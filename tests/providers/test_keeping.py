"""The table gallery: its defaults, its place, and what it means on the way to the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.providers.tables.keeping import Bounds
from tests.providers.support import HOUSE, living, refusal

SHOWS = """
[providers.wall]
adapter = "tests.testing.house.adapter:HouseAdapter"
base_url = "http://127.0.0.1"
api_key = { env = "KEY" }
"""


def test_without_a_word_ten_minutes_and_a_day(tmp_path: Path) -> None:
    keeping = living(tmp_path, HOUSE).providers["house"].policies.gallery
    assert (keeping.cache, keeping.stale_for, keeping.queries) == (600, 86_400, 10_000)


def test_a_provider_s_keys_win_over_those_of_all(tmp_path: Path) -> None:
    text = f"""
    [defaults.gallery]
    stale_for = "12h"
    queries = 7
    {SHOWS}
    gallery = {{ cache = "1m", memory = "1MiB", disk = "2MiB" }}
    """
    keeping = living(tmp_path, text).providers["wall"].policies.gallery
    assert (keeping.cache, keeping.stale_for) == (60, 43_200)
    assert (keeping.in_memory, keeping.on_disk) == (Bounds(7, 2**20), Bounds(7, 2**21))


def test_those_of_all_may_stand_beside_providers_without_a_gallery(tmp_path: Path) -> None:
    assert living(tmp_path, HOUSE + '[defaults.gallery]\ncache = "1m"\n').providers


def test_at_a_provider_without_a_gallery_the_table_is_refused(tmp_path: Path) -> None:
    info = refusal(tmp_path, HOUSE + 'gallery = { cache = "1m" }\n')
    assert info.message == (
        "plugins.toml, line 3: [providers.house] gallery: "
        "the adapter './plugin.py:House' shows no gallery"
    )
    assert info.hint == "leave the table out; [defaults.gallery] is for all that have one"


def test_at_a_provider_whose_key_is_missing_it_is_not_refused(tmp_path: Path) -> None:
    wall = living(tmp_path, SHOWS + 'gallery = { cache = "1m" }\n').providers["wall"]
    assert wall.disabled == "set KEY in the environment"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('{ cach = "1m" }', "unknown key 'cach'"),
        ("{ cache = 60 }", "such as"),
        ("{ queries = 0 }", "must be at least 1"),
        ('{ disk = "0B" }', "must be at least 1"),
        ('{ timeout = "0s" }', "must be more than 0"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path: Path, table: str, told: str) -> None:
    assert told in refusal(tmp_path, f"{SHOWS}gallery = {table}\n").message


def test_it_is_kept_in_the_folder_for_what_survives_a_restart(tmp_path: Path) -> None:
    drawer = living(tmp_path, SHOWS).providers["wall"].state.gallery.kept.drawer
    assert drawer is not None
    assert drawer.folder == tmp_path / "state" / "gallery" / "wall"
    assert not (tmp_path / "state").exists()
