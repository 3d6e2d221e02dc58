"""A vendor with a gallery that answers, fails or hangs as a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.powers import GalleryPage, Recipe, ServiceHealth
from tests.stack.vendor import NoConfig, Vendor

Query = Mapping[str, JsonValue]
Mood = Callable[[Query], Awaitable[GalleryPage]]

NAMES = frozenset({"limit", "cursor", "sort", "kind", "page"})
BROKEN = "Internal Server Error"
HEALTHY = ServiceHealth(name="images", status="up", code="up")
HALF_DOWN = ServiceHealth(
    name="images",
    status="degraded",
    code="parametrised_failing",
    detail="host up, parametrised queries failing",
)


def broken(code: ErrorCode = ErrorCode.UNAVAILABLE) -> Mood:
    """The vendor's failure of that night."""

    async def mood(query: Query) -> GalleryPage:
        raise ImagewayError(code, "it answered 500", origin="vendor", vendor_message=BROKEN)

    return mood


async def hangs(query: Query) -> GalleryPage:
    """Nothing is heard any more."""
    await asyncio.sleep(1e6)
    raise AssertionError("nobody waits that long")


@dataclass(eq=False)
class Wall(Vendor):
    """Hangs one picture for each time it is asked, so that answers tell themselves apart."""

    mood: Mood | None = None
    browsed: list[Query] = field(default_factory=list[Query])
    known: Sequence[ServiceHealth] = (HEALTHY,)
    recipes: Mapping[str, Recipe] = field(default_factory=dict[str, Recipe])

    async def browse(self, query: Query) -> GalleryPage:
        """Refuse what is unknown; else ask, and answer by mood."""
        if unknown := query.keys() - NAMES:
            name = min(unknown)
            raise invalid(name, f"there is no {name!r}", f"there is {', '.join(sorted(NAMES))}")
        self.browsed.append(query)
        await asyncio.sleep(0.1)
        if self.mood is not None:
            return await self.mood(query)
        return GalleryPage(items=({"id": len(self.browsed)},), cursor="next")

    def services(self) -> Sequence[ServiceHealth]:
        """What a test says."""
        return self.known

    async def recipe(self, item: str) -> Recipe:
        """What a test says."""
        if item not in self.recipes:
            raise ImagewayError(ErrorCode.NOT_FOUND, f"there is no picture {item!r}")
        return self.recipes[item]


class Hung(Wall):
    """The same, made as plug-ins are."""

    def __init__(self, config: NoConfig, http: Http, memo: Memo) -> None:
        super().__init__("wall")
