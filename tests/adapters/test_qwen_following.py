"""What becomes of a request at the Qwen service when the way to it breaks, or its caller goes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import Preview, Progress
from imageway.emulators.faults import Fault, Spot
from tests.adapters.qwen_lab import Gate, Lab, heard, lab, wishes
from tests.emulators.qwen_client import SmallQwen


@pytest.fixture
def server() -> SmallQwen:
    return SmallQwen(polls_until_done=4)


@pytest.fixture
async def at(server: SmallQwen) -> AsyncIterator[Lab]:
    async with lab(server) as opened:
        yield opened


def listens(server: SmallQwen) -> int:
    return sum(each.path.endswith("/events") for each in heard(server, "GET"))


def looks(server: SmallQwen) -> int:
    states = [each.path.count("/") == 3 for each in heard(server, "GET", "/api/requests/")]
    return sum(states)


@pytest.mark.parametrize(
    "fault", [Fault.CUT_STREAM, Fault.CUT, Fault.HANG_UP, Fault.GARBAGE, Fault.HTML]
)
async def test_events_that_break_are_listened_to_again_and_nothing_is_drawn_twice(
    at: Lab, server: SmallQwen, fault: Fault
) -> None:
    server.script(fault, spot=Spot.POLL, after_events=3)
    assert (await at.draw()).status == "succeeded"
    assert len(server.drawn) == len(wishes(server)) == 1
    assert heard(server, "DELETE") == []


async def test_a_stream_that_is_cut_thrice_is_given_up_for_polling(
    at: Lab, server: SmallQwen
) -> None:
    server.polls_until_done = 9
    server.script(Fault.CUT_STREAM, times=None, after_events=2)
    assert (await at.draw()).status == "succeeded"
    assert listens(server) == 3
    assert looks(server) > 1
    assert len(server.drawn) == 1


async def test_a_server_without_events_is_polled_each_second(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.HTML, status=404, spot=Spot.POLL)
    await at.draw()
    assert (listens(server), looks(server)) == (1, 4)
    assert set(at.slept) == {1.0}
    assert [event.stage for event in at.of(Progress)][:2] == ["step 12 of 50", "step 25 of 50"]


async def test_polling_tells_the_place_in_the_line_and_the_verdict(
    at: Lab, server: SmallQwen
) -> None:
    server.script(Fault.HTML, status=404, spot=Spot.POLL)
    server.script(Fault.SERVER_ERROR, variant="oom")
    error = (await at.draw()).error
    assert error is not None
    assert (error.code, error.vendor_code) == (ErrorCode.FAILED, "4001")
    assert error.hint == "use a smaller size profile; choose another placement"


async def test_a_server_that_is_unavailable_for_a_moment_is_asked_again(
    at: Lab, server: SmallQwen
) -> None:
    server.script(Fault.UNAVAILABLE, spot=Spot.POLL, retry_after="1")
    assert (await at.draw()).status == "succeeded"


async def test_looks_that_fail_are_repeated(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.HTML, status=404, spot=Spot.POLL)
    server.script(Fault.HANG_UP, spot=Spot.POLL, times=3)
    assert (await at.draw()).status == "succeeded"


async def test_a_picture_whose_way_is_cut_is_fetched_again(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.CUT, spot=Spot.DOWNLOAD, times=2)
    assert (await at.draw()).status == "succeeded"
    assert len(server.drawn) == 1


async def test_an_acceptance_that_gets_lost_is_not_asked_for_again(
    at: Lab, server: SmallQwen
) -> None:
    server.script(Fault.HANG_UP)
    error = (await at.draw()).error
    assert error is not None
    assert (error.code, error.charged) == (ErrorCode.NETWORK, "no")
    assert len(wishes(server)) == 1


async def test_where_work_costs_a_lost_acceptance_may_have_been_charged(
    server: SmallQwen,
) -> None:
    async with lab(server, cost="paid") as at:
        server.script(Fault.HANG_UP)
        error = (await at.draw()).error
    assert error is not None
    assert (error.code, error.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    assert len(wishes(server)) == 1


async def test_a_server_that_was_restarted_is_a_clear_error_at_once(
    at: Lab, server: SmallQwen
) -> None:
    gate = Gate()
    server.sleep = gate
    job = at.start()
    await gate.reached.wait()
    server.restart()
    gate.opened.set()
    result = await job.result()
    assert result.error is not None
    assert (result.error.code, result.error.vendor_code) == (ErrorCode.UNAVAILABLE, "3902")
    assert result.error.message == (
        "the Qwen server no longer knows this request; it was restarted, or kept it no longer"
    )
    assert result.error.may_be_repeated
    assert heard(server, "DELETE") == []
    assert at.slept == [1.0]


async def test_a_result_that_was_thrown_away_is_a_clear_error(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.NOT_FOUND, spot=Spot.DOWNLOAD)
    error = (await at.draw()).error
    assert error is not None
    assert (error.code, error.vendor_code) == (ErrorCode.BAD_ANSWER, "3902")
    assert error.message == "the Qwen server drew the picture and does not have it any more"


async def test_somebody_else_may_cancel_it(at: Lab, server: SmallQwen) -> None:
    gate = Gate()
    server.sleep = gate
    job = at.start()
    await gate.reached.wait()
    [running] = server.line.jobs.values()
    server.line.cancel(running)
    gate.opened.set()
    error = (await job.result()).error
    assert error is not None
    assert (error.code, error.vendor_code) == (ErrorCode.CANCELLED, "3901")


async def test_a_caller_who_cancels_in_the_middle_frees_the_server(
    at: Lab, server: SmallQwen
) -> None:
    gate = Gate()
    server.sleep = gate
    job = at.start()
    await gate.reached.wait()
    job.cancel()
    await job.ended()
    [asked] = heard(server, "DELETE")
    [running] = server.line.jobs.values()
    assert asked.path == f"/api/requests/{running.id}"
    assert running.state == "cancelled"


async def test_a_caller_who_leaves_frees_the_server_too(at: Lab, server: SmallQwen) -> None:
    gate = Gate()
    server.sleep = gate
    job = at.start()
    await gate.reached.wait()
    job.leave()
    await job.ended()
    assert len(heard(server, "DELETE")) == 1


async def test_a_caller_who_cancels_in_the_line_takes_his_place_with_him(
    at: Lab, server: SmallQwen
) -> None:
    gate = Gate()
    server.sleep = gate
    server.crowd(2)
    job = at.start()
    await gate.reached.wait()
    job.cancel()
    await job.ended()
    assert (len(heard(server, "DELETE")), server.drawn) == (1, ())


async def test_a_caller_who_cancels_before_the_acceptance_frees_the_server(
    at: Lab, server: SmallQwen
) -> None:
    await at.adapter.describe("qwen-image-2512")
    gate = Gate()
    server.sleep = gate
    server.script(Fault.DRIP, step=20)
    job = at.start()
    await gate.reached.wait()
    job.cancel()
    gate.opened.set()
    await job.ended()
    assert len(heard(server, "DELETE")) == 1
    assert [each.state for each in server.line.jobs.values()] == ["cancelled"]


async def test_a_server_that_does_not_hear_the_farewell_holds_nobody_up(
    at: Lab, server: SmallQwen
) -> None:
    gate = Gate()
    server.sleep = gate
    job = at.start()
    await gate.reached.wait()
    server.script(Fault.HANG_UP, spot=Spot.CANCEL)
    job.cancel()
    await job.ended()
    assert job.is_finished


async def test_who_gives_up_frees_the_server(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.HANG_UP, spot=Spot.POLL, times=None)
    error = (await at.draw()).error
    assert error is not None
    assert error.code is ErrorCode.NETWORK
    assert len(heard(server, "DELETE")) == 1


async def test_a_preview_that_is_no_picture_is_left_out(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.NOT_A_PICTURE, spot=Spot.WORK)
    assert (await at.draw(previews=3)).status == "succeeded"
    assert at.of(Preview) == []
