"""A call that was lost with our process is found again at the Qwen server, or clearly is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from imageway.core.door import door
from imageway.core.errors import ErrorCode
from imageway.core.events import Accepted
from imageway.core.powers import Lost
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult, fold
from imageway.core.run import Run
from imageway.core.streaming import play
from tests.adapters.qwen_lab import MODEL, Lab, lab, wishes
from tests.core.samples import listening
from tests.emulators.qwen_client import SmallPublishedQwen, SmallQwen

NOWHERE = "http://127.0.0.1:9"
REQUEST = ImageRequest(prompt="a red fox", model=MODEL)


@pytest.fixture
def server() -> SmallQwen:
    return SmallQwen()


@pytest.fixture
async def at(server: SmallQwen) -> AsyncIterator[Lab]:
    async with lab(server) as opened:
        yield opened


async def drawn(at: Lab) -> Lost:
    """A picture that was drawn, and the call as it would be written down."""
    [ready] = (await at.draw()).images
    [ticket] = [event.ticket for event in at.of(Accepted)]
    request = REQUEST.having(seed=ready.picture.seed)
    return Lost("call_lost", ticket, request, datetime.now(UTC))


async def resume(at: Lab, lost: Lost) -> ImageResult:
    run, at.events = listening(1)

    async def handler(request: ImageRequest, run: Run) -> None:
        await at.adapter.resume(lost, run)

    await play(door(handler), lost.request, run)
    return fold(at.events)


async def test_it_is_fetched_by_its_id_and_not_drawn_again(at: Lab, server: SmallQwen) -> None:
    lost = await drawn(at)
    result = await resume(at, lost)
    assert result.images[0].picture.seed == lost.request.seed
    assert len(server.drawn) == len(wishes(server)) == 1


async def test_one_that_still_runs_is_waited_for(at: Lab, server: SmallQwen) -> None:
    server.polls_until_done = 3
    lost = await drawn(at)
    [job] = server.line.jobs.values()
    job.state, job.looks, job.ended = "running", 0, None
    assert (await resume(at, lost)).status == "succeeded"


async def test_it_is_found_among_several_and_one_may_be_dead(server: SmallQwen) -> None:
    async with lab(NOWHERE, SmallPublishedQwen(), SmallQwen(), server) as at:
        async with lab(at.urls[3]) as alone:
            lost = await drawn(alone)
        assert (await resume(at, lost)).status == "succeeded"


async def test_one_that_nobody_knows_has_failed_for_good(at: Lab, server: SmallQwen) -> None:
    lost = await drawn(at)
    server.restart()
    error = (await resume(at, lost)).error
    assert error is not None
    assert (error.code, error.vendor_code) == (ErrorCode.FAILED, "3902")
    assert error.message == f"no Qwen server knows the request {lost.ticket!r} any more"
    assert not error.may_be_repeated


async def test_one_that_a_dead_server_may_know_is_not_given_up(server: SmallQwen) -> None:
    async with lab(server, NOWHERE) as at:
        error = (await resume(at, Lost("call_x", "req_1", REQUEST, datetime.now(UTC)))).error
    assert error is not None
    assert error.code is ErrorCode.NETWORK
    assert error.may_be_repeated


async def test_without_an_id_nothing_is_sent(at: Lab, server: SmallQwen) -> None:
    error = (await resume(at, Lost("call_x", None, REQUEST, datetime.now(UTC)))).error
    assert error is not None
    assert error.code is ErrorCode.OUTCOME_UNKNOWN
    assert server.heard == []


async def test_the_published_kind_knows_nobody(server: SmallQwen) -> None:
    async with lab(SmallPublishedQwen()) as at:
        error = (await resume(at, Lost("call_x", "req_1", REQUEST, datetime.now(UTC)))).error
    assert error is not None
    assert error.code is ErrorCode.FAILED
