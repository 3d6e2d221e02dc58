"""Many pictures from a vendor that makes few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from imageway.core.errors import ImagewayError
from imageway.core.negotiate import Describe
from imageway.core.options import MAX_SEED
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler


def fan_out(inner: Handler, describe: Describe) -> Handler:
    """Split into parts that run together; one that fails leaves the others' pictures standing.

    Only here the seed is changed: each part is asked with the seed plus its first index, so
    four pictures with one seed are four pictures, and the same four next time.
    """

    async def handler(request: ImageRequest, run: Run) -> None:
        step = (await describe(request.model)).images_per_call
        parts = list(_parts(run.open, step, whole=request.seed is None))
        if len(parts) == 1 and len(parts[0]) == len(run.indices):
            await inner(_asked_for(request, parts[0]), run)
            return
        async with asyncio.TaskGroup() as group:
            for indices in parts:
                group.create_task(_play(inner, _asked_for(request, indices), run.part(indices)))

    return handler


async def _play(inner: Handler, request: ImageRequest, part: Run) -> None:
    if part.ledger.leaving.is_set():
        return
    try:
        await inner(request, part)
    except ImagewayError as error:
        part.fail_rest(error.info)


def _asked_for(request: ImageRequest, indices: tuple[int, ...]) -> ImageRequest:
    # Behind the largest seed comes the first, so that each is one that can be asked for.
    seed = None if request.seed is None else (request.seed + indices[0]) % (MAX_SEED + 1)
    return request.having(count=len(indices), seed=seed)


def _parts(indices: tuple[int, ...], step: int, *, whole: bool) -> Iterator[tuple[int, ...]]:
    """Cut into parts of at most `step`; with a seed also at holes, where it would not follow."""
    part: tuple[int, ...] = ()
    for index in indices:
        is_hole = part and not whole and index != part[-1] + 1
        if is_hole or len(part) == step:
            yield part
            part = ()
        part = (*part, index)
    if part:
        yield part
