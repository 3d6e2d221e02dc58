"""Prompts in English and Chinese, and the pixels that prove what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import pytest
from PIL import ImageStat

from imageway.painting import Wish, finished
from tests.painting.seeing import Form, forms_of, share_of

EDGE = 256
FULLNESS = {
    "circle": pi / 4,
    "square": 1.0,
    "triangle": 0.5,
    "diamond": 0.5,
    "hexagon": 0.75,
    "star": 0.384,
    # Its area is 0.61 of the box, but the last pixels of the thin tip are too pale to be seen.
    "heart": 0.635,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What must be seen of one colour."""

    colour: str
    kind: str
    count: int = 1
    side: str = "anywhere"


def seen_on_the(side: str, form: Form) -> bool:
    x, y = form.middle
    sides = {
        "left": form.right < EDGE / 2,
        "right": form.left > EDGE / 2,
        "top": y < EDGE / 2,
        "bottom": y > EDGE / 2,
        "bottom right": x > EDGE / 2 and y > EDGE / 2,
        "anywhere": True,
    }
    return sides[side]


PROMPTS = (
    ("a red circle over a blue sea", Seen("red", "circle", 1, "top")),
    ("two green triangles", Seen("green", "triangle", 2)),
    (
        "a big yellow star on the left and a small blue square on the right",
        Seen("yellow", "star", 1, "left"),
        Seen("blue", "square", 1, "right"),
    ),
    ("a pink heart in the bottom right corner", Seen("pink", "heart", 1, "bottom right")),
    (
        "An orange diamond to the left of a teal hexagon.",
        Seen("orange", "diamond", 1, "left"),
        Seen("teal", "hexagon", 1, "right"),
    ),
    ("Draw 4 purple circles, please!", Seen("purple", "circle", 4)),
    ("三个绿色的方块", Seen("green", "square", 3)),
    (
        "左边一个红色的圆,右边一个蓝色的三角形",
        Seen("red", "circle", 1, "left"),
        Seen("blue", "triangle", 1, "right"),
    ),
    (
        "蓝色的方块上面有一个黄色的圆",
        Seen("yellow", "circle", 1, "top"),
        Seen("blue", "square", 1, "bottom"),
    ),
    ("五颗紫色的爱心", Seen("purple", "heart", 5)),
    (
        "红色的星星在绿色的圓的右边",
        Seen("red", "star", 1, "right"),
        Seen("green", "circle", 1, "left"),
    ),
    (
        "a black circle on the right, a white square on the left",
        Seen("black", "circle", 1, "right"),
        Seen("white", "square", 1, "left"),
    ),
)


@pytest.mark.parametrize("seed", [0, 1, 77])
@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: str(prompt[0]))
def test_what_was_asked_is_seen(prompt: tuple[str, *tuple[Seen, ...]], seed: int) -> None:
    words, *expected = prompt
    image = finished(Wish(words, EDGE, EDGE, seed))
    for seen in expected:
        forms = [form for form in forms_of(image, seen.colour) if form.area > 150]
        assert len(forms) == seen.count
        for form in forms:
            assert form.fullness == pytest.approx(FULLNESS[seen.kind], abs=0.035)
            assert seen_on_the(seen.side, form)


def test_a_circle_is_round() -> None:
    (circle,) = forms_of(finished(Wish("a red circle", EDGE, EDGE)), "red")
    radius = (circle.right - circle.left) / 2
    assert circle.shape == pytest.approx(1, abs=0.02)
    assert circle.area == pytest.approx(pi * radius**2, rel=0.02)


def test_the_sea_is_below_and_has_its_colour() -> None:
    image = finished(Wish("a red circle over a blue sea", EDGE, EDGE))
    (circle,) = forms_of(image, "red")
    assert share_of(image.crop((0, 200, EDGE, 240)), "blue", 60) > 0.9
    assert share_of(image.crop((0, 0, EDGE, 100)), "blue", 60) < 0.02
    assert circle.bottom < EDGE * 0.62


def test_sizes_are_kept() -> None:
    image = finished(Wish("a big red square and a tiny blue circle", EDGE, EDGE))
    (square,), (circle,) = forms_of(image, "red"), forms_of(image, "blue")
    assert square.right - square.left > 2.5 * (circle.right - circle.left)


@pytest.mark.parametrize("prompt", ["a city at night", "夜晚的城市"])
def test_a_city_at_night_is_dark_with_lit_windows(prompt: str) -> None:
    image = finished(Wish(prompt, EDGE, EDGE))
    (brightness,) = ImageStat.Stat(image.crop((0, 0, EDGE, 12)).convert("L")).mean
    assert brightness < 60
    assert share_of(image, (248, 208, 118), 24) > 0.02


def test_a_house_and_a_tree_stand_under_the_sun() -> None:
    wish = Wish("a yellow sun over a white house and a purple tree", EDGE, EDGE, seed=3)
    image = finished(wish)
    sun = max(forms_of(image, "yellow"), key=lambda form: form.area)
    tree = max(forms_of(image, "purple"), key=lambda form: form.area)
    assert sun.middle[1] < EDGE * 0.4 < tree.middle[1]


@pytest.mark.parametrize("prompt", ["a red fox", "一只红色的狐狸", "🦊 in red"])
def test_a_red_fox_is_mostly_red(prompt: str) -> None:
    image = finished(Wish(prompt, EDGE, EDGE, transparent=True))
    opaque = sum(image.getchannel("A").histogram()[128:])
    red = share_of(image, "red") * EDGE * EDGE
    assert red / opaque > 0.5
