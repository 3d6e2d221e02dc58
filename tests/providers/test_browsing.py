"""The last good answer to each query, while the vendor is well and while it is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import GalleryPage
from imageway.providers.galleries.browsing import Shown, canonical
from imageway.providers.galleries.gallery import MOST_LISTS
from imageway.providers.state import new_state
from imageway.providers.tables.policies import Policies
from tests.stack.house import House
from tests.stack.vendor import Vendor
from tests.stack.wall import HALF_DOWN, Query, Wall, broken, hangs
from tests.virtual import run_virtually

MINUTE, HOUR = 60.0, 3600.0


def scene(play: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Play it on a clock that jumps."""

    @wraps(play)
    def played() -> None:
        run_virtually(play())

    return played


def ids(shown: Shown) -> list[JsonValue]:
    return [item["id"] for item in shown.page.items]


@scene
async def test_within_its_time_an_answer_serves_without_a_question() -> None:
    wall = Wall("a")
    house = House(wall)
    for _ in range(3):
        shown = await house.way.gallery("a", {"limit": 3})
        assert (ids(shown), shown.stale, shown.copy.cursor) == ([1], None, "next")
    assert len(wall.browsed) == 1


@scene
async def test_after_its_time_the_vendor_is_asked_again() -> None:
    wall = Wall("a")
    house = House(wall)
    await house.way.gallery("a", {"limit": 3})
    await asyncio.sleep(10 * MINUTE + 1)
    assert ids(await house.way.gallery("a", {"limit": 3})) == [2]


@scene
async def test_another_query_is_another_answer() -> None:
    wall = Wall("a")
    house = House(wall)
    assert ids(await house.way.gallery("a", {"limit": 3})) == [1]
    assert ids(await house.way.gallery("a", {"limit": 4})) == [2]


@scene
async def test_all_who_ask_the_same_at_once_share_one_question() -> None:
    wall = Wall("a")
    house = House(wall)
    shown = await asyncio.gather(*(house.way.gallery("a", {"limit": 3}) for _ in range(50)))
    assert [ids(each) for each in shown] == [[1]] * 50
    assert len(wall.browsed) == 1


@scene
async def test_no_more_are_asked_at_once_than_the_provider_allows() -> None:
    running, most = 0, 0

    async def counts(query: Query) -> GalleryPage:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(1)
        running -= 1
        return GalleryPage(items=())

    house = House(Wall("a", mood=counts), a={"concurrency": {"at_once": 2}})
    await asyncio.gather(*(house.way.gallery("a", {"limit": number}) for number in range(9)))
    assert most == 2


@scene
async def test_who_leaves_does_not_disturb_the_others() -> None:
    wall = Wall("a")
    house = House(wall)
    first = asyncio.create_task(house.way.gallery("a", {}))
    second = asyncio.create_task(house.way.gallery("a", {}))
    await asyncio.sleep(0.05)
    first.cancel()
    assert ids(await second) == [1]
    assert len(wall.browsed) == 1


@scene
async def test_while_the_vendor_fails_the_last_answer_stands_in_and_says_so() -> None:
    wall = Wall("a")
    house = House(wall)
    await house.way.gallery("a", {"limit": 3})
    await asyncio.sleep(HOUR)
    wall.mood = broken()
    shown = await house.way.gallery("a", {"limit": 3})
    assert ids(shown) == [1]
    assert shown.stale is not None
    assert shown.stale.told() == {"age_seconds": 3600, "reason": "unavailable: it answered 500"}


@scene
async def test_a_vendor_that_hangs_is_not_waited_for_longer_than_one_try() -> None:
    wall = Wall("a")
    house = House(wall, a={"gallery": {"timeout": "5s"}})
    await house.way.gallery("a", {})
    await asyncio.sleep(HOUR)
    wall.mood, began = hangs, house.loop.time()
    shown = await house.way.gallery("a", {})
    assert shown.stale is not None
    assert shown.stale.reason == "timeout: no answer within 5 seconds"
    assert house.loop.time() - began == pytest.approx(5)


@scene
async def test_past_its_time_the_last_answer_stands_in_no_longer() -> None:
    wall = Wall("a")
    house = House(wall, a={"gallery": {"stale_for": "2h"}})
    await house.way.gallery("a", {})
    wall.mood = broken()
    await asyncio.sleep(2 * HOUR)
    with pytest.raises(ImagewayError, match=r"too old, 2\.0 hours: unavailable: it answered 500"):
        await house.way.gallery("a", {})


@scene
async def test_a_query_never_asked_before_is_told_what_is_known() -> None:
    wall = Wall("a", known=[HALF_DOWN], mood=broken())
    house = House(wall)
    with pytest.raises(ImagewayError) as caught:
        await house.way.gallery("a", {"limit": 3})
    info = caught.value.info
    assert info.code is ErrorCode.UNAVAILABLE
    assert info.message == (
        "a fails and has not answered this query before: unavailable: it answered 500"
    )
    assert info.hint == "images: host up, parametrised queries failing"
    assert (info.provider, info.vendor_message) == ("a", "Internal Server Error")
    assert info.details["failure"] == "unavailable"


@scene
async def test_behind_an_open_breaker_the_vendor_s_own_words_are_told() -> None:
    wall = Wall("a", mood=broken())
    house = House(wall)
    for number in range(20):
        with pytest.raises(ImagewayError, match="it answered 500"):
            await house.way.gallery("a", {"limit": number})
    assert house.providers["a"].state.gallery.listing().breaker.state == "open"


@pytest.mark.parametrize(
    "code", [ErrorCode.TIMEOUT, ErrorCode.NETWORK, ErrorCode.BAD_ANSWER, ErrorCode.RATE_LIMITED]
)
def test_whatever_the_vendor_is_to_blame_for_is_stood_in_for(code: ErrorCode) -> None:
    async def play() -> None:
        wall = Wall("a")
        house = House(wall)
        await house.way.gallery("a", {})
        await asyncio.sleep(HOUR)
        wall.mood = broken(code)
        assert (await house.way.gallery("a", {})).stale is not None

    run_virtually(play())


@pytest.mark.parametrize("code", [ErrorCode.INVALID_REQUEST, ErrorCode.UNAUTHENTICATED])
def test_what_concerns_who_asked_is_told_as_it_is(code: ErrorCode) -> None:
    async def play() -> None:
        wall = Wall("a")
        house = House(wall)
        await house.way.gallery("a", {})
        await asyncio.sleep(HOUR)
        wall.mood = broken(code)
        with pytest.raises(ImagewayError) as caught:
            await house.way.gallery("a", {})
        assert caught.value.info.code is code

    run_virtually(play())


@scene
async def test_a_wrong_name_is_refused_and_nobody_is_asked() -> None:
    wall = Wall("a")
    with pytest.raises(ImagewayError) as caught:
        await House(wall).way.gallery("a", {"limt": 3})
    assert (caught.value.info.code, caught.value.info.param) == (ErrorCode.INVALID_REQUEST, "limt")
    assert wall.browsed == []


@scene
async def test_a_list_that_fails_leaves_the_other_lists_alone() -> None:
    async def images_fail(query: Query) -> GalleryPage:
        return await broken()(query) if query["kind"] == "images" else GalleryPage(items=())

    wall = Wall("a", mood=images_fail)
    house = House(wall)
    for number in range(20):
        with pytest.raises(ImagewayError):
            await house.way.gallery("a", {"kind": "images", "limit": number})
        assert (await house.way.gallery("a", {"kind": "models", "limit": number})).stale is None
    gallery = house.providers["a"].state.gallery
    states = {name: each.breaker.state for name, each in gallery.listings.items()}
    assert states == {"images": "open", "models": "closed"}


def test_kinds_beyond_a_few_share_one_list() -> None:
    gallery = new_state("a", Policies()).gallery
    for number in range(100):
        gallery.listing(f"kind {number}")
    assert len(gallery.listings) == MOST_LISTS
    assert gallery.listing("kind 0").name == "kind 0"


def test_a_failure_is_logged_when_it_begins_and_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "imageway")

    async def play() -> None:
        wall = Wall("a")
        house = House(wall)
        for mood in (None, broken(), broken(), None):
            wall.mood = mood
            await house.way.gallery("a", {})
            await asyncio.sleep(HOUR)

    run_virtually(play())
    assert [record.getMessage() for record in caplog.records] == [
        "a's list of images fails: unavailable: it answered 500",
        "a's list of images answers again",
    ]


@scene
async def test_a_gallery_that_fails_leaves_pictures_alone() -> None:
    wall = Wall("a", mood=broken())
    house = House(wall)
    for number in range(20):
        with pytest.raises(ImagewayError):
            await house.way.gallery("a", {"limit": number})
    assert (await house.draw()).status == "succeeded"


@scene
async def test_an_answer_from_the_future_is_not_believed_to_be_new() -> None:
    wall = Wall("a")
    house = House(wall)
    await house.way.gallery("a", {})
    gallery = house.providers["a"].state.gallery
    before = gallery.now
    gallery.now = lambda: before() - HOUR
    assert ids(await house.way.gallery("a", {})) == [2]


@scene
async def test_switched_off_by_hand_nobody_is_asked_and_the_last_answer_stands_in() -> None:
    wall = Wall("a")
    house = House(wall)
    await house.way.gallery("a", {})
    await asyncio.sleep(HOUR)
    house.providers["a"].state.pause.begin(because="too dear")
    stale = (await house.way.gallery("a", {})).stale
    assert stale is not None
    assert stale.reason == "switched off by hand: too dear"
    with pytest.raises(ImagewayError, match="a is disabled: switched off by hand: too dear"):
        await house.way.gallery("a", {"limit": 3})
    assert len(wall.browsed) == 1


@scene
async def test_an_empty_page_is_an_answer() -> None:
    async def empty(query: Query) -> GalleryPage:
        return GalleryPage(items=())

    house = House(Wall("a", mood=empty))
    shown = await house.way.gallery("a", {})
    assert (shown.page, shown.stale) == (GalleryPage(items=()), None)


@scene
async def test_numbers_and_letters_beyond_the_usual_come_through() -> None:
    item: dict[str, JsonValue] = {"seed": 2**70, "name": "\ud800"}

    async def odd(query: Query) -> GalleryPage:
        return GalleryPage(items=(item,))

    house = House(Wall("a", mood=odd))
    assert b"1180591620717411303424" in (await house.way.gallery("a", {})).copy.body


@scene
async def test_the_only_gallery_needs_no_name() -> None:
    house = House(Wall("a"), Vendor("b"))
    assert ids(await house.way.gallery()) == [1]
    with pytest.raises(ImagewayError, match="b has no gallery"):
        await house.way.gallery("b")
    with pytest.raises(ImagewayError) as caught:
        await house.way.gallery("aa")
    assert caught.value.info.hint == "did you mean 'a'?"
    with pytest.raises(ImagewayError, match="no provider of this configuration has a gallery"):
        await House(Vendor("b")).way.gallery()
    with pytest.raises(ImagewayError, match="more than one"):
        await House(Wall("a"), Wall("b")).way.gallery()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"limit": 3, "sort": "Newest"}, {"sort": "Newest", "limit": "3"}),
        ({"types": ["LORA"]}, {"types": "LORA"}),
        ({"nsfw": True}, {"nsfw": "true"}),
    ],
)
def test_the_same_query_in_other_words_is_the_same(one: Query, other: Query) -> None:
    assert canonical(one) == canonical(other)
