"""These are careless with money."""

from __future__ import annotations

from contextlib import aclosing

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import Charged
from imageway.core.outgoing import CallOptions
from imageway.core.powers import Lost, Quote
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.testing.broken.catalogue import broken
from tests.testing.broken.failing import changing
from tests.testing.house import wire
from tests.testing.house.adapter import HouseAdapter


@broken(
    "plain",
    "leave_is_asked_first",
    "no_leave_no_call",
    "a_success_is_charged_once",
    "what_is_paid_for_is_kept",
    "charged_is_never_denied",
    "a_hang_up_leaves_it_unknown",
    "a_cut_answer_leaves_it_unknown",
    "a_stall_leaves_it_unknown",
    "a_slow_drip_ends",
)
class ForgetsThatItCosts(HouseAdapter):
    def paid(self, request: ImageRequest, run: Run) -> CallOptions:
        return {**self.free(), "send": self.order(request, run)}


@broken("plain", "leave_is_asked_first", "nobody_is_there", "a_refusal_is_free")
class AsksLeaveTwice(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        await run.paying()
        await super().ask(request, run)


@broken("plain", "no_leave_no_call")
class TakesNoForAnAnswerOfTheVendor(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if error.info.origin == "imageway" and error.info.code is ErrorCode.QUOTA_EXHAUSTED:
                raise changing(error, code=ErrorCode.FAILED) from error
            raise


@broken("plain", "nothing_is_sent_twice")
class AsksAgainItself(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if error.info.code is not ErrorCode.UNAVAILABLE:
                raise
            await super().ask(request, run)


@broken("stream", "a_success_is_charged_once", "the_price_is_told")
class LeavesTheStreamEarly(HouseAdapter):
    async def listen(self, request: ImageRequest, run: Run) -> None:
        paid = self.paid(request, run)
        async with aclosing(self.http.events("POST", self.at("/pictures"), **paid)) as events:
            async for event in events:
                if self.hear(event, run) or not run.open:
                    return
        raise self.lost("the stream ended too early")


@broken("plain", "the_price_is_told")
class KeepsThePriceToItself(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        made = await self.http.json(
            "POST", self.at("/pictures"), wire.Made, **self.paid(request, run)
        )
        for index, item in enumerate(made.pictures):
            self.hand_over(item, run, index)
        self.warn(made, run)


@broken("poll", "the_price_is_right")
class CountsInCents(HouseAdapter):
    async def follow(self, job: str, run: Run) -> None:
        tell = run.ledger.send
        run.ledger.send = lambda event: tell(
            Charged(event.amount * 100, event.unit) if isinstance(event, Charged) else event
        )
        await super().follow(job, run)


@broken("plain", "charged_is_never_denied")
class DeniesTheCharge(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if error.info.code is ErrorCode.BAD_ANSWER:
                run.settled("no")
                raise changing(error, charged="no") from error
            raise


@broken("plain", "a_refusal_is_free")
class FearsTheBill(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if error.info.code is ErrorCode.RATE_LIMITED:
                raise changing(error, charged="maybe") from error
            raise


@broken("plain", "powers_are_free")
class PaysForAQuote(HouseAdapter):
    async def quote(self, request: ImageRequest) -> Quote:
        order = wire.Sent(model=request.model, prompt=request.prompt, count=request.count)
        options: CallOptions = {**self.free(), "send": order}
        made = await self.http.json("POST", self.at("/pictures"), wire.Made, **options)
        return Quote(amount=made.cost, unit="USD")


@broken("poll", "a_job_is_picked_up", "a_lost_ticket_is_not_paid_again")
class BeginsAgainAfterACrash(HouseAdapter):
    async def resume(self, lost: Lost, run: Run) -> None:
        await self.generate(lost.request, run)


@broken("poll", "a_lost_ticket_is_not_paid_again")
class BuysANewTicket(HouseAdapter):
    async def resume(self, lost: Lost, run: Run) -> None:
        if lost.ticket is None:
            await self.generate(lost.request, run)
        else:
            await self.follow(lost.ticket, run)


@broken("poll", "a_lost_job_may_have_cost")
class WritesOffALostJob(HouseAdapter):
    async def follow(self, job: str, run: Run) -> None:
        try:
            await super().follow(job, run)
        except ImagewayError as error:
            if error.info.vendor_code == "no_model":
                run.settled("no")
                raise changing(error, charged="no") from error
            raise
