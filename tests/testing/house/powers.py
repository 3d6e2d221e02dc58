"""Everything that House can be asked besides pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, JsonValue, SecretStr

from imageway.core.errors import ImagewayError, invalid
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import CallOptions
from imageway.core.powers import Entitlement, GalleryPage, Health, ModelInfo, Quote
from imageway.core.request import ImageRequest
from tests.testing.house import wire
from tests.testing.house.ways import Way


class HouseConfig(BaseModel):
    """What plugins.toml may say of House."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    api_key: SecretStr
    way: Way = "plain"


class HousePowers:
    """The optional powers, and how House is reached."""

    def __init__(self, config: HouseConfig, http: Http, memo: Memo) -> None:
        self.config, self.http, self.memo = config, http, memo

    def free(self) -> CallOptions:
        """The options of every other call."""
        return {
            "headers": {"Authorization": f"Bearer {self.config.api_key.get_secret_value()}"},
            "explain": wire.explain,
        }

    def at(self, path: str) -> str:
        """An address at House."""
        return f"{self.config.base_url}{path}"

    async def models(self) -> Sequence[ModelInfo]:
        """All models."""
        found = await self.http.json("GET", self.at("/models"), wire.Models, **self.free())
        return [ModelInfo(name=each.name, title=each.title) for each in found.models]

    async def check(self) -> Health:
        """Ask how the house is."""
        try:
            found = await self.http.json("GET", self.at("/health"), wire.Wellness, **self.free())
        except ImagewayError as error:
            return Health(status="down", detail=error.info.message)
        return Health(status="up" if found.well else "down")

    async def quote(self, request: ImageRequest) -> Quote:
        """Ask for the price."""
        order = wire.Sent(model=request.model, prompt=request.prompt, count=request.count)
        options: CallOptions = {**self.free(), "send": order}
        found = await self.http.json("POST", self.at("/quotes"), wire.Price, **options)
        return Quote(amount=found.amount, unit="USD")

    async def entitlement(self, model: str) -> Entitlement:
        """Ask whether a model may be used."""
        found = await self.http.json("GET", self.at(f"/models/{model}"), wire.Access, **self.free())
        return Entitlement(allowed=found.allowed, reason=found.why)

    async def browse(self, query: Mapping[str, JsonValue]) -> GalleryPage:
        """Look at the walls."""
        if unknown := query.keys() - {"text"}:
            raise invalid(min(unknown), f"the gallery knows no {min(unknown)!r}", "use 'text'")
        params = {"text": str(query.get("text", ""))}
        options: CallOptions = {**self.free(), "params": params}
        found = await self.http.json("GET", self.at("/gallery"), wire.Gallery, **options)
        return GalleryPage(items=tuple(found.items), cursor=found.next)
