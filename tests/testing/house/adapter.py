"""A correct adapter for House, in its three ways; broken ones change one method each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, SecretStr, ValidationError

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.options import Option, Range
from imageway.core.outgoing import CallOptions
from imageway.core.picture import Picture
from imageway.core.powers import Entitlement, GalleryPage, Health, Lost, ModelInfo, Quote
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.size import Size
from imageway.core.sse import ServerSentEvent
from tests.testing.house import wire

Way = Literal["plain", "stream", "poll"]

CAPABILITIES = Capabilities(
    options=frozenset(Option),
    allowed={
        Option.QUALITY: frozenset({"draft", "fine"}),
        Option.FORMAT: frozenset({"png", "jpeg", "webp"}),
        Option.BACKGROUND: frozenset({"opaque", "transparent"}),
        Option.ASPECT: frozenset({"1:1", "16:9", "2:3"}),
        Option.GUIDANCE: Range(1, 20),
        Option.STEPS: Range(1, 50),
        Option.PREVIEWS: Range(0, 3),
    },
    operations=frozenset({"generate", "edit"}),
    sizes=SizeRule(multiple_of=8, least_edge=32, most_edge=512, usual=Size(64, 64)),
    images_per_call=4,
    references=3,
    reports_progress=True,
    sends_previews=True,
)
WITHOUT_BY_WAY: Mapping[Way, frozenset[Option]] = {
    "plain": frozenset({Option.PREVIEWS}),
    "stream": frozenset(),
    "poll": frozenset({Option.PREVIEWS}),
}


class HouseConfig(BaseModel):
    """What plugins.toml may say of House."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    api_key: SecretStr
    way: Way = "plain"


class HouseAdapter:
    """Everything that an adapter can be, and every power there is."""

    Config = HouseConfig

    def __init__(self, config: HouseConfig, http: Http, memo: Memo) -> None:
        self.config, self.http, self.memo = config, http, memo

    async def describe(self, model: str) -> Capabilities:
        """Previews are for streams, and progress is for those who wait."""
        if not model.startswith("house-"):
            return Capabilities.permissive()
        way = self.config.way
        without = WITHOUT_BY_WAY[way]
        return CAPABILITIES.model_copy(
            update={
                "options": CAPABILITIES.options - without,
                "allowed": {k: v for k, v in CAPABILITIES.allowed.items() if k not in without},
                "reports_progress": way != "plain",
                "sends_previews": way == "stream",
            }
        )

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Ask in the way that is configured."""
        match self.config.way:
            case "plain":
                await self.ask(request, run)
            case "stream":
                await self.listen(request, run)
            case "poll":
                await self.follow(await self.submit(request, run), run)

    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        """The request in House's words."""
        size = request.size
        streams = self.config.way == "stream"
        return wire.Sent(
            model=request.model,
            prompt=request.prompt,
            count=request.count,
            width=size.width if size else None,
            height=size.height if size else None,
            shape=str(request.aspect) if request.aspect else None,
            seed=request.seed,
            avoid=request.negative_prompt,
            quality=request.quality,
            format=request.format,
            background=request.background,
            guidance=request.guidance,
            steps=request.steps,
            style=request.style,
            inputs=[each.picture.base64 for each in request.references] or None,
            mask=request.mask.picture.base64 if request.mask else None,
            previews=request.previews if streams else None,
            stream=streams or None,
            external=run.call_id,
            **request.extra(run.provider or "house", "house"),
        )

    def paid(self, request: ImageRequest, run: Run) -> CallOptions:
        """The options of the one call that costs."""
        return {**self.free(), "paid": run, "send": self.order(request, run)}

    def free(self) -> CallOptions:
        """The options of every other call."""
        return {
            "headers": {"Authorization": f"Bearer {self.config.api_key.get_secret_value()}"},
            "explain": wire.explain,
        }

    def at(self, path: str) -> str:
        """An address at House."""
        return f"{self.config.base_url}{path}"

    async def ask(self, request: ImageRequest, run: Run) -> None:
        """One call, one answer."""
        made = await self.http.json(
            "POST", self.at("/pictures"), wire.Made, **self.paid(request, run)
        )
        for index, item in enumerate(made.pictures):
            self.hand_over(item, run, index)
        run.charge(made.cost, "USD")

    def hand_over(self, item: wire.Item, run: Run, index: int | None) -> None:
        """Give one picture to the run, or the verdict on it."""
        try:
            picture = Picture.from_base64(item.data or "")
        except ImagewayError as error:
            run.failed(error.info.model_copy(update={"origin": "vendor"}), index)
        else:
            run.image(picture, index)

    async def listen(self, request: ImageRequest, run: Run) -> None:
        """A stream of events."""
        paid = self.paid(request, run)
        async with aclosing(self.http.events("POST", self.at("/pictures"), **paid)) as events:
            ended = False
            async for event in events:
                ended = self.hear(event, run) or ended
        if not ended:
            raise self.lost("the stream ended too early")

    def lost(self, message: str) -> ImagewayError:
        """What is said when nobody knows how it ended."""
        return ImagewayError(ErrorCode.OUTCOME_UNKNOWN, message, origin="vendor", charged="maybe")

    def hear(self, event: ServerSentEvent, run: Run) -> bool:
        """Take one event; True for the last."""
        try:
            return self.understand(event, run)
        except ValidationError:
            message = f"house sent an event {event.event!r} that cannot be read"
            raise ImagewayError(ErrorCode.BAD_ANSWER, message, origin="vendor") from None

    def understand(self, event: ServerSentEvent, run: Run) -> bool:
        """Do what one event says."""
        match event.event:
            case "progress":
                run.progress(wire.Share.model_validate_json(event.data).share)
            case "preview":
                item = wire.Item.model_validate_json(event.data)
                run.preview(Picture.from_base64(item.data or ""), item.index)
            case "picture":
                item = wire.Item.model_validate_json(event.data)
                self.hand_over(item, run, item.index)
            case "end":
                run.charge(wire.End.model_validate_json(event.data).cost, "USD")
                return True
            case "error":
                raise wire.refused(wire.Failure.model_validate_json(event.data).error)
            case _:
                pass
        return False

    async def submit(self, request: ImageRequest, run: Run) -> str:
        """Give a job away; its ticket is written down before anybody polls."""
        ticket = await self.http.json(
            "POST", self.at("/jobs"), wire.Ticket, **self.paid(request, run)
        )
        await run.accepted(ticket.id)
        return ticket.id

    async def follow(self, job: str, run: Run) -> None:
        """Look after a job until it is done; cancelled, tell House to stop."""
        try:
            done = await self.http.poll(lambda: self.look(job, run))
        except asyncio.CancelledError:
            await self.tell_to_stop(job)
            raise
        for index, item in enumerate(done.pictures):
            await self.fetch(item, run, index)
        run.charge(done.cost, "USD")

    async def look(self, job: str, run: Run) -> wire.Job | None:
        """One poll."""
        found = await self.http.json("GET", self.at(f"/jobs/{job}"), wire.Job, **self.free())
        if found.error:
            raise wire.refused(found.error)
        run.progress(found.share, found.state)
        return found if found.state == "done" else None

    async def fetch(self, item: wire.Item, run: Run, index: int) -> None:
        """Download one picture."""
        try:
            data = await self.http.download(item.url or "", headers=self.download_headers())
            picture = Picture.from_bytes(data)
        except ImagewayError as error:
            run.failed(error.info.model_copy(update={"origin": "vendor"}), index)
        else:
            run.image(picture, index)

    def download_headers(self) -> Mapping[str, str]:
        """A signed link needs no key."""
        return {}

    async def tell_to_stop(self, job: str) -> None:
        """Save what can be saved."""
        await self.http.exchange("DELETE", self.at(f"/jobs/{job}"), **self.free())

    async def resume(self, lost: Lost, run: Run) -> None:
        """Only a ticket finds a job again."""
        if lost.ticket is None:
            raise self.lost("the job was sent, and its ticket was lost")
        await self.follow(lost.ticket, run)

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
