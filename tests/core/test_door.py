"""What leaves an adapter: one kind of error, with what it may have cost, and no open picture."""

from __future__ import annotations

import asyncio

import pytest

from imageway.core.door import door
from imageway.core.errors import Charged, ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import ImageFailed, ImageReady, Note
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler
from tests.core.samples import dot, failure, listening

REQUEST = ImageRequest(prompt="a fox", count=2)
CHARGED: tuple[Charged, ...] = ("no", "maybe", "yes")


async def refusal(inner: Handler, run: Run) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        await door(inner)(REQUEST, run)
    return caught.value.info


@pytest.mark.parametrize("charged", CHARGED)
async def test_a_bug_leaves_as_internal_with_what_it_may_have_cost(
    charged: Charged, caplog: pytest.LogCaptureFixture
) -> None:
    async def inner(request: ImageRequest, run: Run) -> None:
        run.call.charged = charged
        raise KeyError("a secret")

    run, _ = listening(2)
    info = await refusal(inner, run)
    assert (info.code, info.charged, info.request_id) == ("internal", charged, run.id)
    assert "secret" not in info.model_dump_json()
    assert run.id in caplog.text


@pytest.mark.parametrize("charged", CHARGED)
async def test_an_error_leaves_with_at_least_what_the_call_may_have_cost(charged: Charged) -> None:
    async def inner(request: ImageRequest, run: Run) -> None:
        run.call.charged = charged
        raise ImagewayError(ErrorCode.UNAVAILABLE, "the poll said 503")

    run, _ = listening(2)
    part = run.part((0, 1), provider="civitai", model="flux")
    info = await refusal(inner, part)
    assert (info.code, info.charged) == ("unavailable", charged)
    assert (info.provider, info.model) == ("civitai", "flux")


async def test_an_error_that_knows_more_of_the_cost_keeps_it() -> None:
    async def inner(request: ImageRequest, run: Run) -> None:
        raise ImagewayError.carrying(failure(ErrorCode.FAILED, "yes"))

    assert (await refusal(inner, listening(2)[0])).charged == "yes"


async def test_silence_is_a_failure_of_the_call() -> None:
    async def inner(request: ImageRequest, run: Run) -> None:
        run.call.charged = "yes"

    run, heard = listening(2)
    info = await refusal(inner, run)
    assert (info.code, info.charged) == ("failed", "yes")
    assert heard == []


async def test_silence_after_some_pictures_fails_the_others() -> None:
    async def inner(request: ImageRequest, run: Run) -> None:
        run.image(dot(), index=1)

    run, heard = listening(2)
    await door(inner)(REQUEST, run)
    assert isinstance(heard[0], ImageReady)
    assert isinstance(heard[1], ImageFailed)
    assert (heard[1].index, heard[1].error.code) == (0, "failed")


async def test_a_verdict_on_every_picture_is_an_answer() -> None:
    async def inner(request: ImageRequest, run: Run) -> None:
        run.failed(failure(ErrorCode.REJECTED), index=0)
        run.failed(failure(ErrorCode.REJECTED), index=1)

    run, heard = listening(2)
    await door(inner)(REQUEST, run)
    assert len(heard) == 2


async def cancel_under(charged: Charged, run: Run) -> None:
    begun = asyncio.Event()

    async def inner(request: ImageRequest, run: Run) -> None:
        run.call.charged = charged
        run.image(dot(), index=0)
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(door(inner)(REQUEST, run))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("charged", ["maybe", "yes"])
async def test_a_cancel_after_sending_leaves_an_unknown_outcome(charged: Charged) -> None:
    run, heard = listening(2)
    await cancel_under(charged, run)
    told = heard[1]
    assert isinstance(told, ImageFailed)
    assert (told.index, told.error.code, told.error.charged) == (1, "outcome_unknown", charged)


async def test_a_cancel_before_sending_leaves_the_rest_open() -> None:
    run, heard = listening(2)
    await cancel_under("no", run)
    assert run.open == (1,)
    assert len(heard) == 1


async def test_what_is_told_after_the_door_has_closed_is_dropped() -> None:
    async def inner(request: ImageRequest, run: Run) -> None:
        run.failed(failure(), index=1)

    run, heard = listening(2)
    part = run.part((0, 1), last=False)
    await door(inner)(REQUEST, part)
    part.image(dot(), index=1)
    assert [type(event) for event in heard] == [Note]
    assert part.call.closed
