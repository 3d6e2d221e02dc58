"""Money at CivitAI: charged once, found again by the same key, told as the ledger has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import Accepted, Charged, Event
from imageway.core.powers import Lost
from imageway.core.request import ImageRequest
from imageway.core.run import Hooks, Ledger, Run
from imageway.core.streaming import play
from imageway.emulators.civitai_workflows import Script
from imageway.emulators.faults import Fault, Scripted, Spot
from tests.adapters.civitai_stand import Stand, stand
from tests.emulators.civitai_lab import SDXL


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


async def test_a_success_is_charged_once_in_buzz_as_the_ledger_has_it(found: Stand) -> None:
    await found.draw(count=4)
    assert [event for event in found.heard if isinstance(event, Charged)] == [Charged(32, "buzz")]
    assert found.vendor.user.spent == 32


async def test_the_fee_of_a_creator_is_in_what_is_told(found: Stand) -> None:
    await found.draw(model="777080", count=2)
    assert found.charged == found.vendor.user.spent == 16 + 4


async def test_four_pictures_with_one_blocked_and_one_lost_poll_are_three_pictures(
    found: Stand,
) -> None:
    found.vendor.play(Script(("ok", "blocked:ChildReference", "ok", "ok")))
    found.vendor.script(Fault.HANG_UP, spot=Spot.POLL)
    result = await found.draw(count=4)
    assert [image.index for image in result.images] == [0, 2, 3]
    [failed] = result.failures
    assert (failed.index, failed.error.code) == (1, ErrorCode.REJECTED)
    assert failed.error.vendor_message == "ChildReference"
    assert failed.error.charged == "yes"
    assert len(found.ordered) == 1
    assert found.charged == found.vendor.user.spent == 32


async def test_a_connection_that_is_cut_after_the_charge_is_found_again_by_its_key(
    found: Stand,
) -> None:
    found.vendor.script(Fault.HANG_UP)
    result = await found.draw(count=2)
    assert len(result.images) == 2
    first, second = found.ordered
    assert first.body == second.body
    assert len(found.vendor.board.workflows) == 1
    assert found.charged == found.vendor.user.spent == 16


LOST = (
    Scripted(fault=Fault.HANG_UP),
    Scripted(fault=Fault.CUT),
    Scripted(fault=Fault.GARBAGE),
    Scripted(fault=Fault.HTML, charged=True),
    Scripted(fault=Fault.HTML),
    Scripted(fault=Fault.SERVER_ERROR, charged=True),
    Scripted(fault=Fault.SERVER_ERROR),
    Scripted(fault=Fault.UNAVAILABLE, charged=True),
    Scripted(fault=Fault.UNAVAILABLE),
)


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.fault}-{fault.charged}")
async def test_whatever_became_of_the_answer_there_is_one_workflow_and_one_charge(
    found: Stand, fault: Scripted
) -> None:
    found.vendor.add(fault)
    assert (await found.draw()).status == "succeeded"
    assert len(found.vendor.board.workflows) == 1
    assert found.charged == found.vendor.user.spent == 8


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.fault}-{fault.charged}")
async def test_lost_twice_it_may_have_been_charged_and_is_sent_no_third_time(
    found: Stand, fault: Scripted
) -> None:
    found.vendor.add(fault.model_copy(update={"times": None}))
    error = await found.refusal()
    assert error.charged != "no"
    assert len(found.ordered) == 2
    assert len(found.vendor.board.workflows) <= 1


@pytest.mark.parametrize(
    "fault", [Fault.RATE_LIMITED, Fault.BAD_KEY, Fault.FORBIDDEN, Fault.NOT_FOUND]
)
async def test_a_refusal_is_proof_and_is_not_sent_again(found: Stand, fault: Fault) -> None:
    found.vendor.script(fault)
    error = await found.refusal()
    assert (error.charged, len(found.ordered), found.vendor.user.spent) == ("no", 1, 0)


async def test_the_key_is_the_calls_own_and_known_before_anything_is_sent(found: Stand) -> None:
    seen: list[str] = []

    async def on_paying(run: Run) -> None:
        assert found.ordered == []
        seen.append(run.call_id)

    request = ImageRequest(prompt="a lighthouse", model=SDXL)
    run = Run(Ledger(lambda event: None, 1), (0,), hooks=Hooks(on_paying=on_paying))
    await found.adapter.generate(request, run)
    assert [heard.fields()["externalId"] for heard in found.ordered] == seen


async def test_two_calls_have_two_keys_and_two_seeds(found: Stand) -> None:
    await found.draw()
    first = found.input["seed"]
    await found.draw()
    assert first != found.input["seed"]
    keys = {str(heard.fields()["externalId"]) for heard in found.ordered}
    assert len(keys) == 2


async def test_another_workflow_than_the_one_that_was_ordered_is_refused_loudly(
    found: Stand,
) -> None:
    request = ImageRequest(prompt="a lighthouse", model=SDXL)
    run = Run(Ledger(lambda event: None, 1), (0,))
    await found.adapter.generate(request, run)
    again = Run(Ledger(lambda event: None, 1), (0,))
    again.call.id = run.call_id
    other = ImageRequest(prompt="another lighthouse", model=SDXL)
    with pytest.raises(Exception, match="another workflow than the one that was ordered"):
        await found.adapter.generate(other, again)


async def test_a_failure_that_is_paid_back_costs_nothing(found: Stand) -> None:
    found.vendor.play(Script(("missing",), "failed", errors=("worker lost",)))
    error = await found.refusal()
    assert (error.code, error.vendor_message) == (ErrorCode.FAILED, "worker lost")
    assert found.charged == found.vendor.user.spent == 0


async def test_a_failure_that_is_half_paid_back_is_told_by_half(found: Stand) -> None:
    found.vendor.play(Script(("ok", "missing"), "failed", refund="partial"))
    result = await found.draw(count=2)
    assert (len(result.images), result.status) == (1, "partial")
    assert found.charged == found.vendor.user.spent == 8


async def test_what_is_blocked_may_be_paid_back(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, blocked_refund="full")
    found.vendor.play(Script(("ok", "blocked:x")))
    await found.draw(count=2)
    assert found.charged == found.vendor.user.spent == 8


async def test_a_quote_is_what_the_order_then_costs(found: Stand) -> None:
    request = ImageRequest(prompt="a lighthouse", model=SDXL, count=3)
    quote = await found.adapter.quote(request)
    assert (quote.amount, quote.unit) == (24, "buzz")
    assert (found.ordered, found.vendor.user.spent) == ([], 0)
    await found.draw(count=3)
    assert found.charged == quote.amount


async def test_a_question_carries_no_key(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, whatif_claims_key=True)
    await found.adapter.quote(ImageRequest(prompt="a lighthouse", model=SDXL))
    asked = [heard for heard in found.vendor.heard if heard.method == "POST"]
    assert "externalId" not in asked[0].fields()


@dataclass(slots=True)
class Begun:
    """A call under way."""

    task: asyncio.Task[None]
    run: Run
    events: list[Event]


async def begun(found: Stand, request: ImageRequest) -> Begun:
    """Ask, and return once the ticket is known."""
    events: list[Event] = []
    accepted = asyncio.Event()

    def hear(event: Event) -> None:
        events.append(event)
        if isinstance(event, Accepted):
            accepted.set()

    run = Run(Ledger(hear, request.count), tuple(range(request.count)))
    task = asyncio.create_task(play(found.adapter.generate, request, run))
    await accepted.wait()
    return Begun(task, run, events)


async def test_cancelled_it_tells_the_vendor_and_what_that_left_to_pay(found: Stand) -> None:
    found.vendor.play(Script(never_ends=True))
    call = await begun(found, ImageRequest(prompt="a lighthouse", model=SDXL))
    call.task.cancel()
    await asyncio.wait((call.task,))
    assert len(found.at(Spot.CANCEL)) == 1
    told = [event.amount for event in call.events if isinstance(event, Charged)]
    assert told == [found.vendor.user.spent]
    [workflow] = found.vendor.board.workflows.values()
    assert workflow.status == "canceled"


async def test_a_lost_call_is_picked_up_by_its_ticket_and_pays_no_second_time(
    found: Stand,
) -> None:
    request = ImageRequest(prompt="a lighthouse", model=SDXL, count=2)
    call = await begun(found, request)
    found.vendor.script(Fault.UNAVAILABLE, spot=Spot.CANCEL)
    call.task.cancel()
    await asyncio.wait((call.task,))
    result = await resumed(found, request, call.run.call_id, call.run.call.ticket)
    assert result == [0, 1]
    assert found.vendor.user.spent == 16


async def test_a_lost_call_is_picked_up_by_its_tag_while_the_index_lags(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, list_lag=3)
    request = ImageRequest(prompt="a lighthouse", model=SDXL)
    call_id = await lost_call(found, request)
    assert await resumed(found, request, call_id, None) == [0]
    assert len(found.vendor.board.workflows) == 1


async def test_a_lost_call_that_cannot_be_found_stays_unknown(found: Stand) -> None:
    request = ImageRequest(prompt="a lighthouse", model=SDXL)
    run = Run(Ledger(lambda event: None, 1), (0,))
    lost = Lost("call_nowhere", None, request, datetime.fromtimestamp(found.vendor.now(), UTC))
    with pytest.raises(Exception, match="does not prove that there is none"):
        await found.adapter.resume(lost, run)
    assert found.ordered == []


async def lost_call(found: Stand, request: ImageRequest) -> str:
    """A call whose answer was lost for good."""
    found.vendor.script(Fault.HANG_UP, times=None)
    run = Run(Ledger(lambda event: None, request.count), tuple(range(request.count)))
    with pytest.raises(Exception, match="may have been charged"):
        await found.adapter.generate(request, run)
    found.vendor.playlist.clear()
    return run.call_id


async def resumed(
    found: Stand, request: ImageRequest, call_id: str, ticket: str | None
) -> list[int]:
    """The pictures that a lost call has made."""
    ledger = Ledger(lambda event: None, request.count)
    run = Run(ledger, tuple(range(request.count)))
    sent_at = datetime.fromtimestamp(found.vendor.now(), UTC)
    await found.adapter.resume(Lost(call_id, ticket, request, sent_at), run)
    return sorted(ledger.pictures)
