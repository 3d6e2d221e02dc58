"""Reading a gallery from its first page on, each item once, however its pages shift meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import GalleryPage

Browse = Callable[[Mapping[str, JsonValue]], Awaitable[GalleryPage]]
Item = dict[str, JsonValue]

USUAL_PAGES = 100


async def leaf_through(
    browse: Browse, query: Mapping[str, JsonValue], most_pages: int = USUAL_PAGES
) -> AsyncGenerator[Item]:
    """The items of so many pages; new ones that push old ones to the next page are no harm."""
    seen: set[JsonValue] = set()
    cursors: set[str] = set()
    for _ in range(most_pages):
        page = await browse(query)
        for item in page.items:
            if _is_new(item, seen):
                yield item
        if page.cursor is None:
            return
        if page.cursor in cursors:
            raise ImagewayError(
                ErrorCode.BAD_ANSWER, "the gallery's cursor leads in a circle", origin="vendor"
            )
        cursors.add(page.cursor)
        query = {**query, "cursor": page.cursor}


def _is_new(item: Item, seen: set[JsonValue]) -> bool:
    """Whether it was not there before; what has no id cannot be told from others."""
    found = item.get("id")
    if not isinstance(found, str | int) or isinstance(found, bool):
        return True
    is_new = found not in seen
    seen.add(found)
    return is_new
