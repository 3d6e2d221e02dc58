"""Many pictures from a vendor that makes few: parts run together and fail alone."""

from __future__ import annotations

import asyncio

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import Event, ImageFailed
from imageway.core.fanout import fan_out
from imageway.core.request import ImageRequest
from imageway.core.run import Ledger, Run
from imageway.core.streaming import Handler

Asked = list[tuple[tuple[int, ...], int, int | None]]


def recording(asked: Asked) -> Handler:
    async def inner(request: ImageRequest, run: Run) -> None:
        asked.append((run.indices, request.count, request.seed))

    return inner


def split(inner: Handler, step: int) -> Handler:
    async def describe(model: str) -> Capabilities:
        return Capabilities(images_per_call=step)

    return fan_out(inner, describe)


async def parts(count: int, step: int, seed: int | None, *told: int) -> Asked:
    asked: Asked = []
    ledger = Ledger(lambda event: None, count)
    ledger.told.update(told)
    run = Run(ledger, tuple(range(count)))
    await split(recording(asked), step)(ImageRequest(prompt="p", count=count, seed=seed), run)
    return sorted(asked)


async def test_a_request_is_split_by_what_one_call_makes() -> None:
    assert [indices for indices, _, _ in await parts(5, 2, None)] == [(0, 1), (2, 3), (4,)]


async def test_the_count_always_matches_the_indices() -> None:
    assert all(len(indices) == count for indices, count, _ in await parts(7, 3, None))


async def test_each_part_has_the_seed_of_its_first_index() -> None:
    assert [seed for _, _, seed in await parts(4, 1, 100)] == [100, 101, 102, 103]


async def test_without_a_seed_none_is_invented() -> None:
    assert [seed for _, _, seed in await parts(3, 1, None)] == [None, None, None]


async def test_with_a_seed_a_hole_cuts_so_that_every_picture_keeps_its_own() -> None:
    assert await parts(4, 4, 100, 1) == [((0,), 1, 100), ((2, 3), 2, 102)]


async def test_without_a_seed_a_hole_does_not_cut() -> None:
    assert await parts(4, 4, None, 1) == [((0, 2, 3), 3, None)]


async def test_the_parts_run_together() -> None:
    both = asyncio.Barrier(2)

    async def inner(request: ImageRequest, run: Run) -> None:
        await both.wait()

    run = Run(Ledger(lambda event: None, 2), (0, 1))
    async with asyncio.timeout(1):
        await split(inner, 1)(ImageRequest(prompt="p", count=2), run)


async def test_one_part_that_fails_leaves_the_others_standing() -> None:
    heard: list[Event] = []

    async def inner(request: ImageRequest, run: Run) -> None:
        if run.indices == (1,):
            raise ImagewayError(ErrorCode.REJECTED, "no")

    await split(inner, 1)(
        ImageRequest(prompt="p", count=3), Run(Ledger(heard.append, 3), (0, 1, 2))
    )
    assert [event.index for event in heard if isinstance(event, ImageFailed)] == [1]


async def test_no_part_begins_for_a_caller_who_left() -> None:
    asked: Asked = []
    run = Run(Ledger(lambda event: None, 2), (0, 1))
    run.ledger.leaving.set()
    await split(recording(asked), 1)(ImageRequest(prompt="p", count=2), run)
    assert asked == []
