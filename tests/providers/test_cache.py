"""Only a request with a seed is remembered, only for its caller, and a note says so."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.request import ImageRequest, InputImage
from imageway.core.run import Maker, Run
from imageway.providers.cache import Answers, fingerprint
from tests.core.samples import dot
from tests.stack.house import House
from tests.stack.vendor import Called, Vendor, draws, fails
from tests.virtual import run_virtually


def test_the_same_question_with_a_seed_is_answered_from_memory_and_says_so() -> None:
    async def scene() -> None:
        vendor = Vendor("a")
        house = House(vendor)
        first, second = await house.draw(2, seed=7), await house.draw(2, seed=7)
        assert len(vendor.calls) == 2
        assert [each.picture for each in second.images] == [each.picture for each in first.images]
        assert [(each.provider, each.model) for each in second.images] == [("a", "a-1")] * 2
        assert [note.kind for note in second.notes] == ["stale"]

    run_virtually(scene())


def test_without_a_seed_the_same_question_means_another_picture() -> None:
    async def scene() -> None:
        vendor = Vendor("a")
        house = House(vendor)
        await house.draw()
        await house.draw()
        assert len(vendor.calls) == 2

    run_virtually(scene())


def test_another_caller_is_not_answered_with_it() -> None:
    async def scene() -> None:
        vendor = Vendor("a")
        house = House(vendor)
        request = ImageRequest(prompt="a fox", seed=7)
        for caller in ("ann", "ben", "ann"):
            await house.way.start(request, caller).result()
        assert len(vendor.calls) == 2

    run_virtually(scene())


def test_what_does_not_say_its_seed_is_not_kept() -> None:
    async def scene() -> None:
        async def heedless(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
            await vendor.pay(called, run)
            run.image(dot())

        vendor = Vendor("a", [heedless])
        house = House(vendor)
        await house.draw(seed=7)
        await house.draw(seed=7)
        assert len(vendor.calls) == 2

    run_virtually(scene())


def test_a_partial_result_is_not_kept() -> None:
    async def scene() -> None:
        vendor = Vendor("a", [draws, fails(ErrorCode.REJECTED), draws])
        house = House(vendor)
        await house.draw(2, seed=7)
        assert (await house.draw(2, seed=7)).status == "succeeded"
        assert len(vendor.calls) == 4

    run_virtually(scene())


def test_it_can_be_turned_off() -> None:
    async def scene() -> None:
        vendor = Vendor("a")
        house = House(vendor, cache={"keep": "0s"})
        await house.draw(seed=7)
        await house.draw(seed=7)
        assert len(vendor.calls) == 2

    run_virtually(scene())


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


PICTURES = ((dot(), Maker("a", "a-1")),)


def test_it_forgets_by_time() -> None:
    clock = Clock()
    answers = Answers(1 << 20, 10, clock)
    answers.keep("k", PICTURES, "photo")
    clock.now = 9
    assert answers.find("k") is not None
    clock.now = 10
    assert answers.find("k") is None
    assert answers.size == 0


def test_it_forgets_the_oldest_when_there_is_no_room() -> None:
    answers = Answers(2 * dot().weight, 10, Clock())
    for key in "abc":
        answers.keep(key, PICTURES, "photo")
    assert [answers.find(key) is not None for key in "abc"] == [False, True, True]
    assert answers.size <= answers.most


def test_what_is_larger_than_everything_is_not_kept() -> None:
    answers = Answers(dot().weight - 1, 10, Clock())
    answers.keep("k", PICTURES, "photo")
    assert answers.find("k") is None


def test_keeping_again_does_not_count_twice() -> None:
    answers = Answers(1 << 20, 10, Clock())
    answers.keep("k", PICTURES, "photo")
    answers.keep("k", PICTURES, "photo")
    assert answers.size == dot().weight


BASE = ImageRequest(prompt="a fox", seed=7)
IMAGE = InputImage(picture=dot())


@pytest.mark.parametrize(
    "other",
    [
        BASE.having(prompt="a cat"),
        BASE.having(seed=8),
        BASE.having(count=2),
        BASE.having(model="b"),
        BASE.having(references=(IMAGE,)),
        BASE.having(references=(IMAGE,), mask=IMAGE),
        BASE.having(extras={"a": {"x": 1}}),
        BASE.having(strict=True),
    ],
)
def test_whatever_decides_what_is_drawn_tells_questions_apart(other: ImageRequest) -> None:
    assert fingerprint(BASE, "ann") != fingerprint(other, "ann")


def test_pictures_are_compared_by_what_they_show_and_not_by_their_names() -> None:
    one = BASE.having(references=(InputImage(picture=dot(), name="x.png"),))
    two = BASE.having(references=(IMAGE,))
    other = BASE.having(references=(InputImage(picture=dot(2)),))
    assert fingerprint(one, "ann") == fingerprint(two, "ann")
    assert fingerprint(other, "ann") != fingerprint(two, "ann")


def test_how_many_previews_are_wanted_makes_no_other_question() -> None:
    assert fingerprint(BASE.having(previews=2), "ann") == fingerprint(BASE, "ann")
