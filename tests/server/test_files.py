"""Pictures are kept until they are too old or too many."""

from __future__ import annotations

from imageway.server.files import FileStore
from tests.server.lab import picture, png


async def test_the_oldest_goes_when_there_are_too_many_bytes() -> None:
    store = FileStore(most=2 * len(png()))
    first, second, third = [str(await store.put(picture(), "me")) for _ in range(3)]
    assert store.find(first) is None
    assert store.find(second) is not None
    assert store.find(third) is not None


async def test_what_is_too_old_is_forgotten() -> None:
    now = 0.0
    store = FileStore(seconds=10, clock=lambda: now)
    name = str(await store.put(picture(), "me"))
    assert store.find(name) is not None
    now = 10.0
    assert store.find(name) is None


async def test_what_is_larger_than_the_store_is_not_kept() -> None:
    assert await FileStore(most=10).put(picture(), "me") is None


async def test_ids_cannot_be_guessed_from_each_other() -> None:
    store = FileStore()
    names = {str(await store.put(picture(), "me")) for _ in range(50)}
    assert len(names) == 50
    assert all(len(name) > 30 for name in names)


async def test_another_callers_file_is_as_unknown_as_none() -> None:
    store = FileStore()
    name = str(await store.put(picture(), "me"))
    assert store.find(name, "you") is None
    assert store.find(name, "me") is not None
