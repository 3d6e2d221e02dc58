"""An adapter with a gallery that the tests load as a file; its keys say what it does."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, JsonValue

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.options import Option
from imageway.core.powers import GalleryPage, Recipe
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.cli.mine import picture

NAMES = frozenset({"kind", "model", "sort", "limit", "cursor", "tag", "pages"})
RECIPE = Recipe(
    prompt="a lighthouse",
    model="draws",
    wishes={"steps": 30, "guidance": 7.5, "seed": 11, "size": "832x1216"},
    left_out=("sampler 'Euler a'",),
)


class WallConfig(BaseModel):
    """After `fails_from` pages nothing comes any more; `interrupts_at` presses Ctrl-C."""

    model_config = ConfigDict(frozen=True)

    pages: int = 3
    fails_from: int = 100
    interrupts_at: int = 100
    circle: bool = False


class Wall:
    """Each page begins with the last picture of the page before."""

    Config = WallConfig

    def __init__(self, config: WallConfig, http: Http, memo: Memo) -> None:
        self._config = config

    async def describe(self, model: str) -> Capabilities:
        """Everything but a style."""
        return Capabilities(options=frozenset(Option) - {Option.STYLE}, images_per_call=10)

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Draw, with what was asked as the words beside the picture."""
        told = request.model_dump(mode="json", exclude_defaults=True)
        run.image(picture().with_words(request.seed, str(told)))

    async def browse(self, query: Mapping[str, JsonValue]) -> GalleryPage:
        """Two pictures a page."""
        if unknown := query.keys() - NAMES:
            raise invalid(min(unknown), f"there is no {min(unknown)!r}", "did you mean 'tag'?")
        page = int(str(query.get("cursor", "0")))
        if page >= self._config.fails_from:
            raise ImagewayError(ErrorCode.NETWORK, "nobody there", origin="vendor")
        if page >= self._config.interrupts_at:
            signal.raise_signal(signal.SIGINT)
        following = 0 if self._config.circle else page + 1
        items = tuple(item(number, query) for number in (page, page + 1))
        return GalleryPage(
            items=items if self._config.pages else (),
            cursor=str(following) if following < self._config.pages else None,
        )

    async def recipe(self, item: str) -> Recipe:
        """Of one picture alone."""
        if item != "70":
            raise ImagewayError(ErrorCode.NOT_FOUND, f"there is no picture {item!r}")
        return RECIPE


def item(number: int, query: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """A picture in a vendor's words, and the query that found it."""
    asked: dict[str, JsonValue] = {name: query[name] for name in query if name != "cursor"}
    return {
        "id": number,
        "url": f"https://example.org/{number}.jpeg",
        "width": 832,
        "height": 1216,
        "createdAt": "2026-07-02T09:14:03.551Z",
        "username": "lamp\x1blighter",
        "baseModel": "SDXL 1.0",
        "stats": {"likeCount": 41, "heartCount": 17},
        "asked": asked,
    }
