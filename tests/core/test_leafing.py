"""Leafing through a gallery: each item once, an end that is found, and no circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.leafing import Browse, leaf_through
from imageway.core.powers import GalleryPage

Item = dict[str, JsonValue]


def pages_of(*pages: tuple[Sequence[Item], str | None]) -> tuple[Browse, list[JsonValue]]:
    asked: list[JsonValue] = []

    async def browse(query: Mapping[str, JsonValue]) -> GalleryPage:
        items, cursor = pages[len(asked)]
        asked.append(query.get("cursor"))
        return GalleryPage(items=tuple(items), cursor=cursor)

    return browse, asked


async def test_what_was_pushed_to_the_next_page_is_told_once() -> None:
    browse, asked = pages_of(([{"id": 1}, {"id": 2}], "a"), ([{"id": 2}, {"id": 3}], None))
    assert [each["id"] async for each in leaf_through(browse, {"limit": 2})] == [1, 2, 3]
    assert asked == [None, "a"]


async def test_items_without_an_id_are_all_told() -> None:
    browse, _ = pages_of(([{"a": 1}, {"a": 1}, {"id": None}, {"id": [1]}, {"id": True}], None))
    assert len([each async for each in leaf_through(browse, {})]) == 5


async def test_it_reads_no_more_pages_than_it_may() -> None:
    browse, asked = pages_of(([{"id": 1}], "a"), ([{"id": 2}], "b"), ([{"id": 3}], "c"))
    assert [each["id"] async for each in leaf_through(browse, {}, most_pages=2)] == [1, 2]
    assert len(asked) == 2


async def test_an_empty_page_is_no_end() -> None:
    browse, _ = pages_of(([], "a"), ([{"id": 2}], None))
    assert [each["id"] async for each in leaf_through(browse, {})] == [2]


async def test_a_cursor_that_leads_in_a_circle_is_a_bad_answer() -> None:
    browse, _ = pages_of(([{"id": 1}], "a"), ([{"id": 2}], "a"))
    with pytest.raises(ImagewayError) as caught:
        assert [each async for each in leaf_through(browse, {})] == []
    assert caught.value.info.code is ErrorCode.BAD_ANSWER


async def test_it_begins_where_it_is_told_to() -> None:
    browse, asked = pages_of(([{"id": 1}], None))
    assert [each["id"] async for each in leaf_through(browse, {"cursor": "x"})] == [1]
    assert asked == ["x"]
