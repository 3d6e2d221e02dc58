"""These do not end as they should: jobs, cancels, downloads."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from imageway.core.download import explain_download
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import CallOptions
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.testing.broken.catalogue import broken
from tests.testing.broken.failing import changing
from tests.testing.house import wire
from tests.testing.house.adapter import HouseAdapter, HouseConfig

LATE = 2.5


@broken("poll", "the_ticket_comes_first")
class PollsBeforeItsTicketIsKept(HouseAdapter):
    async def submit(self, request: ImageRequest, run: Run) -> str:
        ticket = await self.http.json(
            "POST", self.at("/jobs"), wire.Ticket, **self.paid(request, run)
        )
        with suppress(ImagewayError):
            await self.look(ticket.id, run)
        await run.accepted(ticket.id)
        return ticket.id


@broken("poll", "a_failed_poll_is_survived")
class GivesUpOnAPoll(HouseAdapter):
    async def look(self, job: str, run: Run) -> wire.Job | None:
        try:
            return await super().look(job, run)
        except ImagewayError as error:
            if error.info.code is ErrorCode.UNAVAILABLE:
                raise changing(error, code=ErrorCode.FAILED) from error
            raise


@broken("poll", "an_endless_job_ends")
class GivesUpTooSoon(HouseAdapter):
    def __init__(self, config: HouseConfig, http: Http, memo: Memo) -> None:
        super().__init__(config, http, memo)
        self.polls = Counter[str]()

    async def look(self, job: str, run: Run) -> wire.Job | None:
        self.polls[job] += 1
        if self.polls[job] > 4:
            raise ImagewayError(ErrorCode.FAILED, "it takes too long", origin="vendor")
        return await super().look(job, run)


@broken("poll", "a_cut_download_is_repeated")
class FetchesOnce(HouseAdapter):
    async def fetch(self, item: wire.Item, run: Run, index: int) -> None:
        reply = await self.http.exchange("GET", item.url or "", explain=explain_download)
        run.image(Picture.from_bytes(reply.body), index)


@broken("poll", "a_missing_file_is_a_bad_answer")
class BlamesTheModelForAFile(HouseAdapter):
    async def fetch(self, item: wire.Item, run: Run, index: int) -> None:
        try:
            data = await self.http.download(item.url or "")
            run.image(Picture.from_bytes(data), index)
        except ImagewayError as error:
            if "404" in error.info.message:
                raise changing(error, code=ErrorCode.NOT_FOUND) from error
            raise


@broken("poll", "no_key_for_strangers")
class ShowsItsKeyToEverybody(HouseAdapter):
    def download_headers(self) -> Mapping[str, str]:
        return self.free().get("headers", {})


@broken("plain", "cancelled_while_waiting")
class WillNotStop(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except asyncio.CancelledError:
            await asyncio.sleep(LATE)
            raise


@broken("stream", "cancelled_in_a_stream", "cancelled_while_waiting")
class WillNotStopListening(HouseAdapter):
    async def listen(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().listen(request, run)
        except asyncio.CancelledError:
            await asyncio.sleep(LATE)
            raise


@broken("poll", "cancelled_between_polls", "the_vendor_is_told", "cancelled_in_a_download")
class GoesOnPolling(HouseAdapter):
    async def follow(self, job: str, run: Run) -> None:
        self.polling = asyncio.ensure_future(super().follow(job, run))
        await asyncio.shield(self.polling)


@broken("poll", "the_vendor_is_told")
class LeavesWithoutAWord(HouseAdapter):
    async def tell_to_stop(self, job: str) -> None:
        return


@broken("poll", "cancelled_in_a_download")
class FinishesItsDownload(HouseAdapter):
    async def fetch(self, item: wire.Item, run: Run, index: int) -> None:
        try:
            await super().fetch(item, run, index)
        except asyncio.CancelledError:
            await asyncio.sleep(LATE)
            raise


@broken("plain", "nobody_waits_any_more")
class PaysForNobody(HouseAdapter):
    def paid(self, request: ImageRequest, run: Run) -> CallOptions:
        forced = replace(run, ledger=replace(run.ledger, leaving=asyncio.Event()))
        return {**super().paid(request, run), "paid": forced}


@broken("plain", "no_task_is_left_behind")
class ForgetsATask(HouseAdapter):
    async def generate(self, request: ImageRequest, run: Run) -> None:
        self.watching = asyncio.create_task(asyncio.sleep(3600))
        await super().generate(request, run)


@broken("poll", "nothing_is_told_too_late")
class TellsTooLate(HouseAdapter):
    async def generate(self, request: ImageRequest, run: Run) -> None:
        await super().generate(request, run)
        asyncio.get_running_loop().call_soon(run.progress, 1.0)


@broken("listen", "a_cut_listening_is_survived", "an_endless_job_ends")
class GivesUpWhenItHearsNoMore(HouseAdapter):
    async def overhear(self, job: str, run: Run) -> wire.Job | None:
        found = await super().overhear(job, run)
        if found is None:
            raise self.lost("the events stopped")
        return found
