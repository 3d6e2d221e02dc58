"""These break what every adapter promises besides, and what its powers promise."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import CallOptions
from imageway.core.powers import Entitlement, GalleryPage, Health, ModelInfo, Quote
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.testing.broken.catalogue import broken
from tests.testing.house import wire
from tests.testing.house.adapter import HouseAdapter, HouseConfig

log = logging.getLogger("house")


@broken("plain", "only_our_errors_leave", "no_picture_is_a_failure")
class RaisesItsOwn(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        made = await self.http.json(
            "POST", self.at("/pictures"), wire.Made, **self.paid(request, run)
        )
        if request.count == 1 and len(made.pictures) != 1:
            raise LookupError("no picture")
        self.deliver(made, run)


@broken("plain", "a_stranger_is_described")
class RefusesStrangers(HouseAdapter):
    async def describe(self, model: str) -> Capabilities:
        if not model.startswith("house-"):
            raise ImagewayError(ErrorCode.NOT_FOUND, f"there is no model {model!r}")
        return await super().describe(model)


@broken("plain", "it_describes_without_its_vendor")
class AlwaysAsksWhatItCan(HouseAdapter):
    async def describe(self, model: str) -> Capabilities:
        await self.memo.remember("models", 60, self.models)
        return await super().describe(model)


@broken("plain", "the_environment_is_not_read")
class LooksAround(HouseAdapter):
    async def generate(self, request: ImageRequest, run: Run) -> None:
        os.environ.get("HOUSE_API_KEY")
        await super().generate(request, run)


@broken("plain", "no_secret_is_logged")
class LogsThePrompt(HouseAdapter):
    async def generate(self, request: ImageRequest, run: Run) -> None:
        log.debug("asking for %s", request.prompt)
        await super().generate(request, run)


@broken("stream", "no_secret_is_logged")
class LogsTheKey(HouseAdapter):
    async def generate(self, request: ImageRequest, run: Run) -> None:
        log.debug("asking with %s", self.free().get("headers"))
        await super().generate(request, run)


@broken("plain", "no_key_when_printed")
class KeepsItsKeyInTheOpen(HouseAdapter):
    def __init__(self, config: HouseConfig, http: Http, memo: Memo) -> None:
        super().__init__(config, http, memo)
        self.key = config.api_key.get_secret_value()


@broken("plain", "its_health_is_down")
class IsAlwaysWell(HouseAdapter):
    async def check(self) -> Health:
        return Health(status="up")


@broken("plain", "its_health_is_up")
class IsNeverWell(HouseAdapter):
    async def check(self) -> Health:
        return Health(status="degraded", detail="hm")


@broken("plain", "its_models_are_listed")
class ListsOtherNames(HouseAdapter):
    async def models(self) -> Sequence[ModelInfo]:
        return [ModelInfo(name=model.title or "") for model in await super().models()]


@broken("plain", "its_price_is_a_price")
class OwesYou(HouseAdapter):
    async def quote(self, request: ImageRequest) -> Quote:
        return Quote(amount=-1, unit="USD")


@broken("plain", "its_right_is_told")
class SaysNoWithoutAWord(HouseAdapter):
    async def entitlement(self, model: str) -> Entitlement:
        return Entitlement(allowed=False)


@broken("plain", "its_gallery_is_shown")
class HasAnEmptyGallery(HouseAdapter):
    async def browse(self, query: Mapping[str, JsonValue]) -> GalleryPage:
        page = await super().browse(query)
        return page.model_copy(update={"items": ()})


@broken("plain", "a_wrong_filter_is_refused")
class AsksAnything(HouseAdapter):
    async def browse(self, query: Mapping[str, JsonValue]) -> GalleryPage:
        params = {name: str(value) for name, value in query.items()}
        options: CallOptions = {**self.free(), "params": params}
        found = await self.http.json("GET", self.at("/gallery"), wire.Gallery, **options)
        return GalleryPage(items=tuple(found.items))


@broken("plain", "questions_raise_only_ours")
class RaisesItsOwnAboutModels(HouseAdapter):
    async def models(self) -> Sequence[ModelInfo]:
        try:
            return await super().models()
        except ImagewayError as error:
            raise ConnectionError(error.info.message) from error
