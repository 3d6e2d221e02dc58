"""The same question again: by key, by a client's own word, or because nobody got the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from imageway.client import Imageway
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.providers.config import Config
from imageway.providers.jobs import KEPT_SECONDS, Job, Jobs
from imageway.providers.journal.journal import Journal
from imageway.providers.journal.repeats import Asking, Repeats
from imageway.providers.loading import Source
from imageway.providers.snapshot import provision
from tests.core.samples import dot
from tests.server.lab import Scripted

FOX = ImageRequest.build({"prompt": "a fox", "model": "shop/one"})
HEN = ImageRequest.build({"prompt": "a hen", "model": "shop/one"})
NEW, AGAIN, KEYED = Asking(), Asking(is_repeat=True), Asking("key-1")
SOURCE = Source(
    Config.model_validate({"providers": {"shop": {"adapter": "tests.server.lab:Scripted"}}})
)


@dataclass
class Shop:
    """A vendor that is paid; it draws once it may go on, or fails and takes nothing."""

    path: Path
    now: float = 0.0
    asked: int = 0
    paid: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False
    way: Imageway = field(init=False)

    def open(self) -> None:
        """A process with this journal; opening again is a restart."""
        journal = Journal(self.path)
        self.way = Imageway(provision(SOURCE, {}, journal=journal))
        self.way.jobs = Jobs(lambda: self.now)
        self.way.repeats = Repeats(self.way.jobs, journal)
        adapter = self.way.snapshot.providers["shop"].adapter
        assert isinstance(adapter, Scripted)
        adapter.play = self._draw

    async def _draw(self, request: ImageRequest, run: Run) -> None:
        await run.paying()
        self.asked += 1
        self.paid.set()
        await self.go_on.wait()
        if self.fails:
            run.settled("no")
            raise ImagewayError(ErrorCode.FAILED, "out of paint")
        run.settled("yes")
        run.image(dot())

    async def begin(
        self, asking: Asking = NEW, request: ImageRequest = FOX, caller: str = "family"
    ) -> tuple[Job, bool]:
        return await self.way.begin(request, caller, asking=asking)

    async def drawn(self, asking: Asking = NEW) -> Job:
        """A job to its end, its answer delivered."""
        self.go_on.set()
        job, _ = await self.begin(asking)
        await job.result()
        await job.ended()
        await asyncio.sleep(0)
        return job

    async def lost(self) -> Job:
        """A job whose caller goes after it was paid for."""
        job, _ = await self.begin()
        async with job.subscribe():
            await self.paid.wait()
        return job


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop]:
    it = Shop(tmp_path / "journal.db")
    it.open()
    yield it
    it.go_on.set()
    await it.way.close()


async def test_five_at_once_with_one_key_are_one_call(shop: Shop) -> None:
    begun = await asyncio.gather(*(shop.begin(KEYED) for _ in range(5)))
    shop.go_on.set()
    results = await asyncio.gather(*(job.result() for job, _ in begun))
    assert shop.asked == 1
    assert [joined for _, joined in begun].count(True) == 4
    assert len({result.images[0].picture.base64 for result in results}) == 1


async def test_a_key_answers_again_after_it_was_delivered(shop: Shop) -> None:
    first = await shop.drawn(KEYED)
    again, joined = await shop.begin(KEYED)
    assert (again, joined, shop.asked) == (first, True, 1)


async def test_a_key_with_another_request_is_a_conflict(shop: Shop) -> None:
    await shop.drawn(KEYED)
    with pytest.raises(ImagewayError, match="another request") as caught:
        await shop.begin(KEYED, HEN)
    assert caught.value.info.code is ErrorCode.CONFLICT
    assert shop.asked == 1


async def test_another_callers_key_is_another_key(shop: Shop) -> None:
    await shop.drawn(KEYED)
    job, joined = await shop.begin(KEYED, caller="neighbour")
    await job.result()
    assert (joined, shop.asked) == (False, 2)


async def test_what_failed_and_cost_nothing_is_asked_anew(shop: Shop) -> None:
    shop.fails = True
    await shop.drawn(KEYED)
    shop.fails = False
    job, joined = await shop.begin(KEYED)
    assert (joined, len((await job.result()).images)) == (False, 1)


async def test_a_key_whose_answer_is_gone_is_not_paid_again(shop: Shop) -> None:
    await shop.drawn(KEYED)
    shop.now = KEPT_SECONDS + 1
    with pytest.raises(ImagewayError, match="not kept any more"):
        await shop.begin(KEYED)
    assert shop.asked == 1


async def test_a_key_is_known_after_a_restart(shop: Shop) -> None:
    await shop.drawn(KEYED)
    await shop.way.close()
    shop.open()
    with pytest.raises(ImagewayError, match="not kept any more"):
        await shop.begin(KEYED)
    with pytest.raises(ImagewayError, match="another request"):
        await shop.begin(KEYED, HEN)
    assert shop.asked == 1


async def test_who_left_and_asks_the_same_gets_what_was_paid(shop: Shop) -> None:
    first = await shop.lost()
    shop.go_on.set()
    again, joined = await shop.begin()
    assert (again, joined, shop.asked) == (first, True, 1)
    assert len((await again.result()).images) == 1


async def test_the_same_after_a_delivered_answer_is_another_picture(shop: Shop) -> None:
    await shop.drawn()
    _, joined = await shop.begin()
    assert joined is False


async def test_the_same_while_somebody_reads_is_another_picture(shop: Shop) -> None:
    job, _ = await shop.begin()
    async with job.subscribe():
        _, joined = await shop.begin()
        assert joined is False
        shop.go_on.set()


async def test_a_client_that_says_it_asks_again_joins_what_runs(shop: Shop) -> None:
    job, _ = await shop.begin()
    async with job.subscribe():
        again, joined = await shop.begin(AGAIN)
        assert (again, joined) == (job, True)
        shop.go_on.set()


async def test_who_left_before_anything_was_paid_begins_anew(shop: Shop) -> None:
    slots = shop.way.snapshot.providers["shop"].state.slots
    slots.at_once = 0
    job, _ = await shop.begin()
    async with job.subscribe():
        await asyncio.sleep(0)
    slots.at_once = 1
    again, joined = await shop.begin()
    shop.go_on.set()
    assert (joined, len((await again.result()).images)) == (False, 1)


async def test_an_answer_that_nobody_fetched_is_forgotten_after_a_while(shop: Shop) -> None:
    job = await shop.lost()
    shop.go_on.set()
    await job.ended()
    shop.now = KEPT_SECONDS + 1
    _, joined = await shop.begin()
    assert joined is False


async def test_what_its_owner_has_cancelled_is_not_joined(shop: Shop) -> None:
    job, _ = await shop.begin()
    await shop.paid.wait()
    job.cancel()
    await job.ended()
    again, joined = await shop.begin()
    shop.go_on.set()
    assert (joined, len((await again.result()).images)) == (False, 1)
