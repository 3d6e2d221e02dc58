"""A correct adapter for House, in its three ways; broken ones change one method each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing

from pydantic import ValidationError

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.outgoing import CallOptions
from imageway.core.picture import Picture
from imageway.core.powers import Lost
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.sse import ServerSentEvent
from tests.testing.house import wire
from tests.testing.house.powers import HouseConfig, HousePowers
from tests.testing.house.ways import Way, capabilities

__all__ = ["HouseAdapter", "HouseConfig", "Way"]


class HouseAdapter(HousePowers):
    """Everything that an adapter can be, and every power there is."""

    Config = HouseConfig

    async def describe(self, model: str) -> Capabilities:
        """An unknown model is described permissively."""
        is_known = model.startswith("house-")
        return capabilities(self.config.way) if is_known else Capabilities.permissive()

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Ask in the way that is configured."""
        match self.config.way:
            case "plain":
                await self.ask(request, run)
            case "stream":
                await self.listen(request, run)
            case "poll" | "listen":
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

    async def ask(self, request: ImageRequest, run: Run) -> None:
        """One call, one answer."""
        made = await self.http.json(
            "POST", self.at("/pictures"), wire.Made, **self.paid(request, run)
        )
        self.deliver(made, run)

    def deliver(self, made: wire.Made, run: Run) -> None:
        """Give everything to the run that an answer holds."""
        for index, item in enumerate(made.pictures):
            self.hand_over(item, run, index)
        self.warn(made, run)
        run.charge(made.cost, "USD")

    def warn(self, made: wire.Made, run: Run) -> None:
        """Tell what House says against its own pictures."""
        if made.worse is not None:
            run.note("degraded", f"house says that it was {made.worse}")

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
            ask = self.overhear if self.config.way == "listen" else self.look
            done = await self.http.poll(lambda: ask(job, run))
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

    async def overhear(self, job: str, run: Run) -> wire.Job | None:
        """Listen until the job is done; None when its events stop before."""
        url = self.at(f"/jobs/{job}/events")
        async with aclosing(self.http.events("GET", url, **self.free())) as events:
            async for event in events:
                if event.event != "state":
                    continue
                found = wire.Job.model_validate_json(event.data)
                run.progress(found.share, found.state)
                if found.state == "done":
                    return found
        return None

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
