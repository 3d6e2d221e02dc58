"""A gallery from one page to the next: no item twice, and no list without an end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.browsing import Query, Stale, browse
from imageway.providers.registry import Provider

Item = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Leaf:
    """The items of one page that were on none before; its cursor is where the next one is."""

    items: tuple[Item, ...]
    cursor: str | None
    stale: Stale | None


async def leaves(provider: Provider, query: Query, most: int | None = 1) -> AsyncIterator[Leaf]:
    """So many pages, or all; new items that shift a list show an old one twice, we do not."""
    seen: set[str] = set()
    cursors: set[str] = set()
    number = 0
    while most is None or number < most:
        shown = await browse(provider, query)
        number += 1
        page = shown.page
        yield Leaf(tuple(_new(page.items, seen)), page.cursor, shown.stale)
        if page.cursor is None:
            return
        if page.cursor in cursors:
            raise ImagewayError(
                ErrorCode.BAD_ANSWER,
                f"{provider.name} leads in a circle: page {number} names a page that was shown",
                origin="vendor",
                provider=provider.name,
            )
        cursors.add(page.cursor)
        query = {**query, "cursor": page.cursor}


def _new(items: tuple[Item, ...], seen: set[str]) -> list[Item]:
    """Those that were not seen yet; who has no id is known by everything else."""
    fresh: list[Item] = []
    for item in items:
        mark = json.dumps(item.get("id", item), sort_keys=True)
        if mark not in seen:
            seen.add(mark)
            fresh.append(item)
    return fresh
