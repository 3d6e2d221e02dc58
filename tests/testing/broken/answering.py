"""These hand over something else than what came."""

from __future__ import annotations

from contextlib import suppress

from aiohttp import ClientError
from pydantic import ValidationError

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.sse import EventParser, ServerSentEvent
from imageway.emulators.pictures import paint
from tests.testing.broken.catalogue import REST, broken
from tests.testing.house import wire
from tests.testing.house.adapter import HouseAdapter


@broken("stream", "previews_come_first")
class ShowsPreviewsTooLate(HouseAdapter):
    kept: list[ServerSentEvent]

    async def listen(self, request: ImageRequest, run: Run) -> None:
        self.kept = []
        await super().listen(request, run)
        for event in self.kept:
            super().understand(event, run)

    def understand(self, event: ServerSentEvent, run: Run) -> bool:
        if event.event == "preview":
            self.kept.append(event)
            return False
        return super().understand(event, run)


@broken("stream", "previews_come_first")
class ShowsEachPreviewTwice(HouseAdapter):
    def understand(self, event: ServerSentEvent, run: Run) -> bool:
        if event.event == "preview":
            super().understand(event, run)
        return super().understand(event, run)


@broken("stream", "previews_may_be_absent")
class CountsOnPreviews(HouseAdapter):
    wanted = 0

    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        self.wanted = request.previews or 0
        return super().order(request, run)

    def understand(self, event: ServerSentEvent, run: Run) -> bool:
        if event.event == "preview":
            self.wanted = 0
        if event.event == "picture" and self.wanted:
            raise self.lost("there was no preview")
        return super().understand(event, run)


@broken("poll", "progress_counts_up")
class SaysPercent(HouseAdapter):
    async def look(self, job: str, run: Run) -> wire.Job | None:
        found = await self.http.json("GET", self.at(f"/jobs/{job}"), wire.Job, **self.free())
        if found.error:
            raise wire.refused(found.error)
        run.progress(found.share * 100)
        return found if found.state == "done" else None


@broken("stream", "progress_counts_up")
class CountsDown(HouseAdapter):
    def understand(self, event: ServerSentEvent, run: Run) -> bool:
        if event.event == "progress":
            run.progress(1 - wire.Share.model_validate_json(event.data).share)
            return False
        return super().understand(event, run)


@broken("poll", "progress_counts_up")
class SaysNothingOnTheWay(HouseAdapter):
    async def look(self, job: str, run: Run) -> wire.Job | None:
        found = await self.http.json("GET", self.at(f"/jobs/{job}"), wire.Job, **self.free())
        if found.error:
            raise wire.refused(found.error)
        return found if found.state == "done" else None


@broken("plain", "garbage_is_a_bad_answer")
class BelievesGarbage(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        found = await self.http.json(
            "POST", self.at("/pictures"), wire.Lenient, **self.paid(request, run)
        )
        self.deliver(found, run)


@broken(
    "plain",
    "all_garbage_is_survived",
    "garbage_is_a_bad_answer",
    "only_our_errors_leave",
)
class ReadsByHand(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        reply = await self.http.exchange("POST", self.at("/pictures"), **self.paid(request, run))
        found = wire.Made.model_validate_json(reply.body)
        self.deliver(found, run)


@broken("plain", "no_picture_is_a_bad_answer")
class TakesTheWrongWordForNoPicture(HouseAdapter):
    def hand_over(self, item: wire.Item, run: Run, index: int | None) -> None:
        try:
            run.image(Picture.from_base64(item.data or ""), index)
        except ImagewayError:
            run.failed(ErrorInfo(code=ErrorCode.FAILED, message="no picture"), index)


@broken("plain", "fewer_pictures_are_a_part")
class WantsAllOrNothing(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        made = await self.http.json(
            "POST", self.at("/pictures"), wire.Made, **self.paid(request, run)
        )
        if len(made.pictures) != request.count:
            raise ImagewayError(ErrorCode.FAILED, "not all pictures came", origin="vendor")
        self.deliver(made, run)


@broken("stream", "chatter_is_skipped")
class FearsWhatItDoesNotKnow(HouseAdapter):
    def understand(self, event: ServerSentEvent, run: Run) -> bool:
        if event.event not in {"progress", "preview", "picture", "end", "error"}:
            message = f"there is no event {event.event!r}"
            raise ImagewayError(ErrorCode.BAD_ANSWER, message, origin="vendor")
        return super().understand(event, run)


@broken("stream", "order_is_by_index")
class TakesThemAsTheyCome(HouseAdapter):
    def hand_over(self, item: wire.Item, run: Run, index: int | None) -> None:
        super().hand_over(item, run, None)


@broken("stream", "what_came_before_a_cut_stays")
class WaitsForTheEnd(HouseAdapter):
    async def listen(self, request: ImageRequest, run: Run) -> None:
        paid = self.paid(request, run)
        events = [event async for event in self.http.events("POST", self.at("/pictures"), **paid)]
        if events[-1].event not in {"end", "error"}:
            raise self.lost("the stream ended too early")
        for event in events:
            self.hear(event, run)


@broken("stream", "a_cut_stream_is_no_success")
class TakesACutForTheEnd(HouseAdapter):
    def hear(self, event: ServerSentEvent, run: Run) -> bool:
        super().hear(event, run)
        return True


@broken(
    "plain",
    "as_many_come_as_asked",
    "several_in_one_call",
    "fewer_pictures_are_a_part",
    "four_pictures_have_four_seeds",
)
class HandsOverTheFirst(HouseAdapter):
    def hand_over(self, item: wire.Item, run: Run, index: int | None) -> None:
        if index == 0:
            super().hand_over(item, run, index)


@broken("plain", "an_error_in_a_success_is_known")
class PaintsABlankForAnError(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        reply = await self.http.exchange("POST", self.at("/pictures"), **self.paid(request, run))
        if b'"error"' in reply.body:
            run.image(Picture.from_bytes(paint(64, 64)))
            return
        try:
            made = wire.Made.model_validate_json(reply.body)
        except ValidationError:
            raise ImagewayError(ErrorCode.BAD_ANSWER, "unreadable", origin="vendor") from None
        self.deliver(made, run)


@broken("stream", "a_sliced_answer_is_read", REST)
class GoesAroundHttp(HouseAdapter):
    async def listen(self, request: ImageRequest, run: Run) -> None:
        body = self.order(request, run).model_dump(exclude_none=True)
        async with self.http.session.post(
            self.at("/pictures"), json=body, headers=self.free().get("headers", {})
        ) as response:
            async for chunk in response.content.iter_any():
                for event in EventParser().feed(chunk):
                    self.hear(event, run)


@broken("plain", "a_picture_comes", REST)
class DoesNothing(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        return


@broken("plain", "no_redirect_is_followed", "nothing_is_sent_twice")
class FollowsRedirects(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if "redirects" in error.info.message:
                headers = self.free().get("headers", {})
                with suppress(ClientError):
                    await self.http.session.post(self.at("/pictures"), json={}, headers=headers)
            raise


@broken("plain", "a_worse_picture_is_noted")
class KeepsItToItself(HouseAdapter):
    def warn(self, made: wire.Made, run: Run) -> None:
        return
