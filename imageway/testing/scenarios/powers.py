"""The optional powers: what is there works, costs nothing, and raises only what it may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

from imageway.core.adapter import (
    Adapter,
    BrowsesGallery,
    ChecksEntitlement,
    ChecksHealth,
    ListsModels,
    Quotes,
    Resumes,
)
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Lost
from imageway.emulators.faults import Spot
from imageway.testing.asking import Asking, Terms
from imageway.testing.lab import Lab
from imageway.testing.midway import job_under_way, let_go
from imageway.testing.needs import power, step, wire
from imageway.testing.outcome import described
from imageway.testing.scenario import Broken, expect, scenario

NO_SUCH_FILTER = "no_such_filter_of_the_kit"


@scenario("lists its models, the one that is proven here among them", power(ListsModels))
async def its_models_are_listed(lab: Lab) -> None:
    """`models()` gives each model once, by the name that `request.model` has."""
    names = [model.name for model in await had(lab.adapter, ListsModels).models()]
    expect(lab.subject.model in names, f"{lab.subject.model!r} is not among {names[:8]}")
    expect(len(names) == len(set(names)), "some models are listed twice")


@scenario("says that it is well when its vendor is", power(ChecksHealth))
async def its_health_is_up(lab: Lab) -> None:
    """`check()` asks the vendor one free question; an answer means `up`."""
    health = await had(lab.adapter, ChecksHealth).check()
    expect(health.status == "up", f"its vendor is well, told was {health.status}: {health.detail}")


@scenario("does not say that it is well when nobody is there", power(ChecksHealth), wire)
async def its_health_is_down(lab: Lab) -> None:
    """`check()` asks at every call, and turns a failure into `down`; it remembers no answer."""
    checks = had(lab.adapter, ChecksHealth)
    await checks.check()
    async with lab.deserted() as deserted:
        try:
            health = await had(deserted.adapter, ChecksHealth).check()
        except ImagewayError:
            return
    expect(health.status != "up", "nobody is there, told was that it is well")


@scenario("quotes a price of nothing or more, in a unit", power(Quotes))
async def its_price_is_a_price(lab: Lab) -> None:
    """`quote(request)` gives what the request will cost, before anything is sent that costs.

    A price that nobody knows is `unsupported`.
    """
    try:
        quote = await had(lab.adapter, Quotes).quote(lab.request())
    except ImagewayError as error:
        is_unknown = error.info.code is ErrorCode.UNSUPPORTED
        expect(is_unknown, f"without a price it told {described(error.info)}, not unsupported")
        return
    expect(quote.amount >= 0, f"the quote is {quote.amount} {quote.unit}")
    expect(quote.unit.strip(), "the quote has no unit")


@scenario("says whether its model may be used", power(ChecksEntitlement))
async def its_right_is_told(lab: Lab) -> None:
    """`entitlement(model)` asks the vendor; `None` means that the vendor did not say."""
    found = await had(lab.adapter, ChecksEntitlement).entitlement(lab.subject.model)
    told = found.allowed is not False or found.reason or found.where
    expect(told, "the model may not be used, and nobody says why")


@scenario("shows a page of its gallery", power(BrowsesGallery))
async def its_gallery_is_shown(lab: Lab) -> None:
    """`browse({})` gives the first page in the vendor's words."""
    page = await had(lab.adapter, BrowsesGallery).browse({})
    expect(page.items, "the first page of the gallery is empty")


@scenario("refuses a filter that its gallery does not know, before it asks", power(BrowsesGallery))
async def a_wrong_filter_is_refused(lab: Lab) -> None:
    """Check names and values of the query first, and raise `invalid_request`."""
    try:
        await had(lab.adapter, BrowsesGallery).browse({NO_SUCH_FILTER: 1})
    except ImagewayError as error:
        is_invalid = error.info.code is ErrorCode.INVALID_REQUEST
        expect(is_invalid, f"a wrong filter was told as {described(error.info)}")
    else:
        raise Broken("a filter that nobody knows was accepted")
    expect(not lab.heard, "the vendor was asked with a filter that nobody knows")


@scenario("asks for nothing that costs when it is only asked about something", wire)
async def powers_are_free(lab: Lab) -> None:
    """Describing, listing, checking and quoting must use what the vendor gives away."""
    await lab.adapter.describe(lab.subject.model)
    for ask in _questions(lab):
        with suppress(ImagewayError):
            await ask()
    expect(not lab.heard_at(Spot.WORK), "a question was sent to where it costs")
    expect(not lab.charges, f"questions cost {lab.charges}")


def _questions(lab: Lab) -> list[Callable[[], Awaitable[object]]]:
    """What can be asked of this adapter besides pictures."""
    adapter, model = lab.adapter, lab.subject.model
    found: list[Callable[[], Awaitable[object]]] = []
    if isinstance(adapter, ListsModels):
        found.append(adapter.models)
    if isinstance(adapter, ChecksHealth):
        found.append(adapter.check)
    if isinstance(adapter, Quotes):
        found.append(lambda: adapter.quote(lab.request()))
    if isinstance(adapter, ChecksEntitlement):
        found.append(lambda: adapter.entitlement(model))
    if isinstance(adapter, BrowsesGallery):
        found.append(lambda: adapter.browse({}))
    return found


@scenario("raises only errors of the house, whatever it is asked", wire)
async def questions_raise_only_ours(lab: Lab) -> None:
    """Ask through `http`: it raises `ImagewayError` and nothing else. An empty answer may be
    given as well, where that is true.
    """
    async with lab.deserted() as deserted:
        for ask in _questions(deserted):
            with suppress(ImagewayError):
                await ask()


@scenario("picks up a job after a crash, and pays no second time", power(Resumes), step(Spot.POLL))
async def a_job_is_picked_up(lab: Lab) -> None:
    """`resume(lost, run)` follows `lost.ticket` with free calls alone and hands over what the
    job has made.
    """
    crashed = await job_under_way(lab)
    paid = len(lab.vendor.heard_at(Spot.WORK))
    lost = _lost(crashed, crashed.calls[0].ticket)
    expect(lost.ticket, "a job was begun, and its ticket was not told by `run.accepted`")
    let_go(lab)
    resumed = lab.rebuilt().begin(crashed.request, Terms(resumes=lost))
    outcome = await resumed.end()
    await crashed.end()
    expect(outcome.pictures, f"the job was not brought home: {described(outcome.error)}")
    calls = len(lab.vendor.heard_at(Spot.WORK)) - paid
    expect(calls == 0, f"to pick up a job, {calls} calls that cost were sent")


@scenario("pays no second time for a call whose ticket was lost", power(Resumes), wire)
async def a_lost_ticket_is_not_paid_again(lab: Lab) -> None:
    """Without a ticket look for `lost.call_id` at the vendor, or raise `outcome_unknown`."""
    first = lab.begin(lab.request())
    await first.end()
    paid = len(lab.vendor.heard_at(Spot.WORK))
    outcome = await lab.rebuilt().begin(first.request, Terms(resumes=_lost(first, None))).end()
    calls = len(lab.vendor.heard_at(Spot.WORK)) - paid
    expect(calls == 0, f"for a lost ticket, {calls} calls that cost were sent")
    told = outcome.error
    expect(
        told is None or told.code is not ErrorCode.INTERNAL,
        f"without a ticket it broke: {described(told)}",
    )


def _lost(asking: Asking, ticket: str | None) -> Lost:
    return Lost(asking.calls[0].id, ticket, asking.request, datetime.now(UTC))


Power = TypeVar("Power")


def had(adapter: Adapter, protocol: Callable[..., Power]) -> Power:
    """The adapter as one that has this power; mypy takes no protocol for a type."""
    if not (isinstance(protocol, type) and isinstance(adapter, protocol)):
        raise TypeError(f"the adapter has no {protocol!r}")
    return adapter  # type: ignore[return-value]  # pyright: ignore[reportReturnType]: seen above
