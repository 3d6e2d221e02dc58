"""What a listener hears: the present state, then everything, and always the end."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from imageway.qwen.story import MOST_WAITING, Happening, Story


async def heard(story: Story, *, sees_previews: bool = True) -> list[Happening]:
    with story.listen(sees_previews=sees_previews) as happenings:
        return [each async for each in happenings]


def names(happenings: list[Happening]) -> list[str]:
    return [each.name for each in happenings]


async def test_a_late_listener_hears_the_present_state_and_no_history() -> None:
    story = Story()
    for name in ("queued", "queued", "started", "progress", "preview", "progress"):
        story.tell(name, b"{}")
    with story.listen() as happenings:
        story.end("done", b"{}")
        told = [each async for each in happenings]
    assert names(told) == ["started", "preview", "progress", "done"]


async def test_after_the_end_only_the_end_is_told() -> None:
    story = Story()
    story.tell("started", b"{}")
    story.end("done", b"{}")
    assert names(await heard(story)) == ["done"]


async def test_progress_before_the_degrade_is_of_no_interest_after_it() -> None:
    story = Story()
    for name in ("started", "progress", "preview", "degraded"):
        story.tell(name, b"{}")
    story.end("done", b"{}")
    story = Story()
    for name in ("started", "progress", "preview", "degraded"):
        story.tell(name, b"{}")
    with story.listen() as happenings:
        assert [(await anext(happenings)).name for _ in range(2)] == ["started", "degraded"]


async def test_a_slow_listener_misses_steps_and_never_the_end() -> None:
    story = Story()
    with story.listen() as happenings:
        story.tell("started", b"{}")
        for _ in range(500):
            story.tell("progress", b"{}")
        story.end("done", b"{}")
        told = [each async for each in happenings]
    assert len(told) <= MOST_WAITING + 1
    assert names(told)[0] == "started"
    assert names(told)[-1] == "done"
    assert told[-2].number == 501


async def test_only_the_newest_preview_waits_for_a_slow_listener() -> None:
    story = Story()
    with story.listen() as happenings:
        for number in range(9):
            story.tell("preview", b"%d" % number)
        story.end("done", b"{}")
        told = [each async for each in happenings]
    assert [each.data for each in told] == [b"8", b"{}"]


async def test_who_does_not_see_previews_asks_for_none() -> None:
    story = Story()
    with story.listen(sees_previews=False) as happenings:
        assert not story.is_watched
        story.tell("preview", b"{}")
        story.end("done", b"{}")
        assert [each.name async for each in happenings] == ["done"]


async def test_it_is_watched_as_long_as_somebody_listens() -> None:
    story = Story()
    with story.listen():
        with story.listen():
            pass
        assert story.is_watched
    assert not story.is_watched


async def test_a_listener_is_woken_by_what_comes_later() -> None:
    story = Story()
    listening = asyncio.create_task(heard(story))
    await asyncio.sleep(0)
    story.tell("queued", b"{}")
    await asyncio.sleep(0)
    story.end("done", b"{}")
    assert names(await listening) == ["queued", "done"]


@given(
    told=st.lists(st.sampled_from(["queued", "progress", "preview", "degraded"])),
    ends=st.lists(st.sampled_from(["done", "error", "cancelled"]), min_size=1, max_size=4),
    late=st.integers(0, 20),
)
async def test_whatever_happens_there_is_one_end_and_it_is_the_first_and_last(
    told: list[str], ends: list[str], late: int
) -> None:
    story = Story()
    for name in told[:late]:
        story.tell(name, b"{}")
    with story.listen() as happenings:
        for name in told[late:]:
            story.tell(name, b"{}")
        for name in ends:
            story.end(name, b"{}")
        story.tell("progress", b"{}")
        heard_names = [each.name async for each in happenings]
    finals = [name for name in heard_names if name in {"done", "error", "cancelled"}]
    assert finals == [ends[0]] == heard_names[-1:]


async def test_numbers_increase() -> None:
    story = Story()
    with story.listen() as happenings:
        for _ in range(5):
            story.tell("progress", b"{}")
        story.end("done", b"{}")
        numbers = [each.number async for each in happenings]
    assert numbers == sorted(set(numbers))
    assert story.last_number == numbers[-1]
