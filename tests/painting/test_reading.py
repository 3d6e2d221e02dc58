"""What the reader makes of sentences."""

from __future__ import annotations

import pytest

from imageway.painting.catalogue import KINDS
from imageway.painting.colours import COLOUR_BY_NAME
from imageway.painting.grounds import GROUNDS, HORIZON_BY_GROUND
from imageway.painting.reading import read
from imageway.painting.skies import DRIFTING_BY_SKY, STOPS_BY_SKY
from imageway.painting.vocabulary import WORD_BY_TOKENS, Role

RED, BLUE = COLOUR_BY_NAME["red"], COLOUR_BY_NAME["blue"]


def kinds(prompt: str) -> list[tuple[str, int]]:
    return [(thing.kind, thing.count) for thing in read(prompt).things]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("two foxes and three mice", [("fox", 2), ("mouse", 3)]),
        ("a dozen butterflies", [("butterfly", 12)]),
        ("3 cats, 1 dog", [("cat", 3), ("dog", 1)]),
        ("trees", [("tree", 3)]),
        ("a hot air balloon", [("airship", 1)]),
        ("两只小猫和一只狗", [("cat", 2), ("dog", 1)]),
        ("十二颗星星", [("star", 12)]),
        ("三角形", [("triangle", 1)]),
        ("三个三角形", [("triangle", 3)]),
        ("一個紅色的圓", [("circle", 1)]),
        ("🐱🐱", [("cat", 1), ("cat", 1)]),
        ("a city, 4k, 1000 years ago", []),
    ],
)
def test_things_are_counted(prompt: str, expected: list[tuple[str, int]]) -> None:
    assert kinds(prompt) == expected


def test_a_thousand_things_are_some_thirty() -> None:
    assert sum(count for _, count in kinds("99 cats and 99 dogs")) == 30


@pytest.mark.parametrize(
    "prompt",
    [
        "a red circle and a blue square",
        "the circle is red and the square is blue",
        "a circle in red, a square in blue",
        "red circle blue square",
        "红色的圆和蓝色的方块",
        "圆是红色的,方块是蓝色的",
    ],
)
def test_a_colour_binds_to_its_noun(prompt: str) -> None:
    found = {thing.kind: thing.colours for thing in read(prompt).things}
    assert found == {"circle": (RED,), "square": (BLUE,)}


def test_the_colour_of_a_stranger_stays_with_the_stranger() -> None:
    scene = read("a red giraffe and a circle")
    assert scene.things[0].colours == ()
    assert scene.palette == (RED,)


@pytest.mark.parametrize(
    ("prompt", "columns"),
    [
        ("a cat on the left and a dog on the right", ["left", "right"]),
        ("on the left a cat, on the right a dog", ["left", "right"]),
        ("on the left a cat on the right a dog", ["left", "right"]),
        ("a cat to the right of a dog", ["right", "left"]),
        ("猫在左边,狗在右边", ["left", "right"]),
        ("左边是猫,右边是狗", ["left", "right"]),
        ("猫在狗的右边", ["right", "left"]),
        ("猫的左边有一只狗", ["right", "left"]),
        ("a cat in the middle and a dog", ["centre", None]),
    ],
)
def test_left_and_right_are_understood(prompt: str, columns: list[str | None]) -> None:
    assert [thing.column for thing in read(prompt).things] == columns


def test_a_sea_above_somebody_is_seen_from_below() -> None:
    assert [ground.kind for ground in read("a fish under the sea").grounds] == ["underwater"]


def test_shades_change_a_colour() -> None:
    dark, plain, light = (read(f"a {shade} red circle") for shade in ("dark", "", "light"))
    brightness = [sum(scene.things[0].colours[0]) for scene in (dark, plain, light)]
    assert brightness == sorted(set(brightness))


def test_a_colour_may_be_given_in_digits() -> None:
    assert read("a #0a141e circle").things[0].colours == ((10, 20, 30),)


def test_a_denial_ends_with_its_noun() -> None:
    scene = read("a fox without trees, and a house")
    assert [thing.kind for thing in scene.things] == ["fox", "house"]
    assert scene.without == {"tree"}


def test_every_word_means_something_that_can_be_painted() -> None:
    known = {
        Role.THING: set(KINDS),
        Role.GROUND: set(GROUNDS) & set(HORIZON_BY_GROUND),
        Role.SKY: set(STOPS_BY_SKY) & set(DRIFTING_BY_SKY),
        Role.COLOUR: set(COLOUR_BY_NAME),
    }
    for word in WORD_BY_TOKENS.values():
        assert word.value in known.get(word.role, {word.value})
