"""The columns of a gallery's table: where an item tells its size, its maker and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import JsonValue

from imageway.core.leafing import Item

Path = tuple[str | int, ...]
LIKES: tuple[Path, ...] = (
    ("stats", "likeCount"),
    ("stats", "heartCount"),
    ("stats", "thumbsUpCount"),
    ("likes",),
)


def _at(value: JsonValue, path: Path) -> JsonValue:
    for step in path:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return None
    return value


def _first(*paths: Path) -> Callable[[Item], str]:
    """What stands in the first of some places."""

    def read(item: Item) -> str:
        found = (_at(item, path) for path in paths)
        return next((str(each) for each in found if isinstance(each, str | int | float)), "")

    return read


def _size(item: Item) -> str:
    width, height = _at(item, ("width",)), _at(item, ("height",))
    return f"{width}x{height}" if isinstance(width, int) and isinstance(height, int) else ""


def _date(item: Item) -> str:
    """The day is enough."""
    return _first(
        ("createdAt",), ("publishedAt",), ("modelVersions", 0, "publishedAt"), ("created",)
    )(item)[:10]


def _likes(item: Item) -> str:
    """All that say that somebody likes it."""
    counts = [count for path in LIKES if isinstance(count := _at(item, path), int)]
    return str(sum(counts)) if counts else ""


COLUMNS: tuple[tuple[str, Callable[[Item], str]], ...] = (
    ("id", _first(("id",))),
    ("name", _first(("name",), ("title",))),
    ("size", _size),
    ("by", _first(("username",), ("creator", "username"), ("author",))),
    ("date", _date),
    ("likes", _likes),
    ("model", _first(("baseModel",), ("modelVersions", 0, "baseModel"), ("model",))),
    ("url", _first(("url",), ("link",))),
)
TITLES = tuple(title for title, _ in COLUMNS)


def cells(item: Item) -> Sequence[str]:
    """One row; what an item does not tell is empty."""
    return [read(item) for _, read in COLUMNS]
