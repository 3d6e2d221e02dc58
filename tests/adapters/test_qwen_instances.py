"""Several Qwen servers behind one provider: the shortest line, and those that are left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import ValidationError

from imageway.adapters.qwen import QwenConfig
from imageway.core.errors import ErrorCode
from imageway.core.outgoing import Times
from imageway.emulators.faults import Fault, Spot
from tests.adapters.qwen_lab import Gate, Lab, heard, lab, wishes
from tests.emulators.qwen_client import SMALL, SmallPublishedQwen, SmallQwen

# Nobody listens there.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def first() -> SmallQwen:
    return SmallQwen()


@pytest.fixture
def second() -> SmallQwen:
    return SmallQwen()


@pytest.fixture
async def at(first: SmallQwen, second: SmallQwen) -> AsyncIterator[Lab]:
    async with lab(first, second) as opened:
        yield opened


async def test_the_one_with_the_shortest_line_is_asked(
    at: Lab, first: SmallQwen, second: SmallQwen
) -> None:
    first.crowd(3)
    second.crowd(2)
    await at.draw()
    assert (len(wishes(first)), len(wishes(second))) == (0, 1)


async def test_pictures_that_are_asked_together_are_shared_out(
    at: Lab, first: SmallQwen, second: SmallQwen
) -> None:
    result = await at.draw(count=4)
    assert result.status == "succeeded"
    assert (len(wishes(first)), len(wishes(second))) == (2, 2)


async def test_one_that_has_drawn_nothing_yet_is_not_taken_for_slow(
    at: Lab, first: SmallQwen, second: SmallQwen
) -> None:
    first.seconds_per_picture = 0.01
    await at.draw(count=4)
    assert (len(wishes(first)), len(wishes(second))) == (2, 2)


@pytest.mark.parametrize("standing", ["loading", "stopping", "error"])
async def test_one_that_cannot_begin_comes_last(
    at: Lab, first: SmallQwen, second: SmallQwen, standing: str
) -> None:
    first.standing = standing  # type: ignore[assignment]  # parametrized by the literals themselves
    second.crowd(5)
    assert (await at.draw()).status == "succeeded"
    assert (len(wishes(first)), len(wishes(second))) == (0, 1)


async def test_one_whose_line_is_full_comes_last(
    at: Lab, first: SmallQwen, second: SmallQwen
) -> None:
    first.facts = replace(SMALL, queue_depth=1)
    first.crowd(2)
    second.crowd(9)
    assert (await at.draw()).status == "succeeded"
    assert (len(wishes(first)), len(wishes(second))) == (0, 1)


async def test_where_all_are_loading_the_caller_is_told_to_wait(
    at: Lab, first: SmallQwen, second: SmallQwen
) -> None:
    first.standing = second.standing = "loading"
    error = (await at.draw()).error
    assert error is not None
    assert (error.vendor_code, error.retry_after) == ("3001", 20)


async def test_a_dead_one_is_skipped(second: SmallQwen) -> None:
    async with lab(NOWHERE, second) as at:
        assert (await at.draw(count=3)).status == "succeeded"
    assert len(wishes(second)) == 3


async def test_a_dead_one_is_left_alone_for_a_while(first: SmallQwen, second: SmallQwen) -> None:
    async with lab(first, second) as at:
        first.script(Fault.HANG_UP, spot=Spot.LOOK)
        second.crowd(1)
        await at.draw()
        asked = len(first.heard)
        await at.draw()
        assert len(first.heard) == asked
        at.memo.forget(("standing", at.urls[0]))
        await at.draw()
    assert len(wishes(first)) == 1
    assert len(wishes(second)) == 2


async def test_one_that_dies_while_it_is_asked_is_left_alone(
    at: Lab, first: SmallQwen, second: SmallQwen
) -> None:
    second.crowd(1)
    first.script(Fault.HANG_UP)
    error = (await at.draw()).error
    assert error is not None
    assert error.code is ErrorCode.NETWORK
    assert (await at.draw()).status == "succeeded"
    assert (len(wishes(first)), len(wishes(second))) == (1, 1)


@pytest.mark.slow
async def test_one_that_says_nothing_is_skipped(first: SmallQwen, second: SmallQwen) -> None:
    second.crowd(1)
    async with lab(first, second, times=Times(first_byte=1)) as at:
        first.script(Fault.STALL, spot=Spot.LOOK)
        assert (await at.draw()).status == "succeeded"
    assert (len(wishes(first)), len(wishes(second))) == (0, 1)


async def test_where_all_are_dead_the_first_is_told_of() -> None:
    async with lab(NOWHERE, "http://127.0.0.1:10") as at:
        error = (await at.draw()).error
        health = await at.adapter.check()
        assert not (await at.adapter.describe("qwen-image-2512")).known
    assert error is not None
    assert error.code is ErrorCode.NETWORK
    assert error.message == (
        "none of 2 Qwen servers can be asked; the provider refused the connection"
    )
    assert health.status == "down"


async def test_a_single_dead_one_is_asked_each_time(first: SmallQwen) -> None:
    async with lab(NOWHERE) as at:
        error = (await at.draw()).error
        assert error is not None
        assert error.message == "the provider refused the connection"
        assert (await at.adapter.check()).detail == "the provider refused the connection"


async def test_both_generations_may_stand_side_by_side(second: SmallQwen) -> None:
    old = SmallPublishedQwen()
    async with lab(old, second) as at:
        second.crowd(3)
        result = await at.draw()
    assert result.status == "succeeded"
    assert (len(wishes(old)), len(wishes(second))) == (1, 0)


async def test_one_of_two_that_is_dead_is_half_a_health(second: SmallQwen) -> None:
    async with lab(NOWHERE, second) as at:
        health = await at.adapter.check()
    assert health.status == "degraded"
    assert health.detail.startswith(f"{NOWHERE}: down, the provider refused the connection; ")


async def test_the_picture_is_fetched_where_it_was_drawn(
    at: Lab, first: SmallQwen, second: SmallQwen
) -> None:
    first.crowd(1)
    await at.draw()
    assert heard(first, "GET", "/api/requests/") == []
    assert len(heard(second, "GET", "/api/requests/")) == 2


async def test_a_cancelled_one_is_taken_back_where_it_was_drawn(
    at: Lab, first: SmallQwen, second: SmallQwen
) -> None:
    gate = Gate()
    second.sleep = gate
    first.crowd(1)
    job = at.start()
    await gate.reached.wait()
    job.cancel()
    await job.ended()
    assert (len(heard(first, "DELETE")), len(heard(second, "DELETE"))) == (0, 1)


def test_an_address_is_taken_without_its_last_slash() -> None:
    assert QwenConfig(base_url="http://gpu:7860/").urls == ("http://gpu:7860",)
    assert QwenConfig().urls == ("http://127.0.0.1:7860",)
    twice = QwenConfig(instances=("http://gpu:1/", "http://gpu:1", "http://gpu:2"))
    assert twice.urls == ("http://gpu:1", "http://gpu:2")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"base_url": "gpu:7860"}, "begins with http:// or https://, got 'gpu:7860'"),
        (
            {"base_url": "http://a", "instances": ["http://b"]},
            "give base_url or instances, not both",
        ),
        ({"url": "http://a"}, "Extra inputs are not permitted"),
    ],
)
def test_a_configuration_that_is_wrong_is_refused(
    values: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        QwenConfig.model_validate(values)
