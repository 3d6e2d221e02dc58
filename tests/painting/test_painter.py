"""Steps, seeds, sizes and marks: what holds for every picture."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from imageway.painting import Wish, encode, finished, paint
from imageway.painting.words import GROUNDS, SKIES, THINGS
from tests.painting.seeing import forms_of, share_of

FOX = "a red fox and a yellow star at night"


def changed(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox()


def test_the_same_wish_paints_the_same_bytes() -> None:
    wish = Wish(FOX, 160, 160, seed=5)
    assert encode(finished(wish)) == encode(finished(wish))


def test_another_seed_paints_another_picture() -> None:
    one, other = (finished(Wish("two green triangles", 128, 128, seed)) for seed in (1, 2))
    difference = ImageChops.difference(one, other).convert("L").histogram()
    assert sum(difference[12:]) > 128 * 128 * 0.05


@pytest.mark.parametrize("size", [(16, 16), (127, 300), (640, 48), (48, 640), (333, 257)])
@pytest.mark.parametrize("prompt", [FOX, "abstract zibble", "海边的城市"])
def test_every_size_is_painted_exactly(size: tuple[int, int], prompt: str) -> None:
    assert finished(Wish(prompt, *size)).size == size


def test_the_largest_size_works() -> None:
    assert finished(Wish("two green triangles", 4096, 4096)).size == (4096, 4096)


@pytest.mark.parametrize("size", [(0, 10), (10, -1), (9000, 10)])
def test_an_impossible_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="each edge must be 1 to 8192"):
        next(paint(Wish("a fox", *size)))


@pytest.mark.parametrize(("steps", "expected"), [(-3, 1), (1, 1), (8, 8), (97, 97), (400, 150)])
def test_there_are_as_many_steps_as_wished(steps: int, expected: int) -> None:
    found = list(paint(Wish(FOX, 64, 64, steps=steps)))
    assert [step.number for step in found] == list(range(1, expected + 1))
    assert {step.total for step in found} == {expected}
    assert all(step.stage for step in found)


@pytest.mark.parametrize("prompt", [FOX, "a red circle", "blorf"])
def test_every_step_shows_progress(prompt: str) -> None:
    before = Image.new("RGB", (256, 256), "white")
    for step in paint(Wish(prompt, 256, 256, steps=10)):
        assert changed(before, step.image), step
        before = step.image.copy()


@pytest.mark.parametrize("steps", [1, 40, 150])
def test_the_number_of_steps_does_not_change_the_picture(steps: int) -> None:
    usual, other = finished(Wish(FOX, 96, 96)), finished(Wish(FOX, 96, 96, steps=steps))
    assert changed(usual, other) is None


def last_stroke(wish: Wish) -> tuple[int, int, int, int] | None:
    """What the last of very many steps changes: the mark alone."""
    before = None
    for step in paint(wish):
        if step.number == step.total - 1:
            before = step.image.copy()
        if step.number == step.total:
            assert before
            return changed(before, step.image)
    return None


@pytest.mark.parametrize("size", [(128, 128), (256, 128), (1024, 1024)])
def test_the_mark_is_in_the_corner(size: tuple[int, int]) -> None:
    mark = last_stroke(Wish("a circle", *size, steps=150))
    assert mark
    left, top, right, bottom = mark
    assert left > size[0] * 0.4
    assert top > size[1] * 0.8
    assert 50 <= right - left <= size[0] * 0.6
    assert 10 <= bottom - top <= size[1] * 0.2


def test_the_mark_can_be_read() -> None:
    image = finished(Wish("a white sky over a white sea", 512, 512))
    mark = last_stroke(Wish("a white sky over a white sea", 512, 512, steps=150))
    label = image.crop(mark).convert("L").histogram()
    assert sum(label[225:]) > 40
    assert sum(label[:170]) > 300


def test_a_tiny_picture_has_no_mark() -> None:
    assert last_stroke(Wish("a circle", 127, 127, steps=150)) is None


def test_transparent_means_no_background() -> None:
    image = finished(Wish("a red circle over a blue sea", 256, 256, transparent=True))
    alpha = image.getchannel("A")
    (circle,) = forms_of(image, "red")
    assert image.mode == "RGBA"
    assert all(alpha.getpixel(corner) == 0 for corner in ((0, 0), (255, 0), (0, 255)))
    assert alpha.getpixel((int(circle.middle[0]), int(circle.middle[1]))) == 255
    assert share_of(image, "blue") == 0


@pytest.mark.parametrize(
    ("prompt", "negative"),
    [
        ("a red circle and a blue square", "square"),
        ("a red circle and a blue square", "方块, trees"),
        ("a red circle without a blue square", ""),
        ("红色的圆,没有蓝色的方块", ""),
    ],
)
def test_what_is_not_wanted_is_left_out(prompt: str, negative: str) -> None:
    image = finished(Wish(prompt, 128, 128, negative_prompt=negative))
    assert forms_of(image, "red")
    assert not forms_of(image, "blue")


def test_decorations_can_be_left_out_too() -> None:
    with_moon, without = (
        finished(Wish("the night sky", 120, 120, negative_prompt=words))
        for words in ("", "moon, stars")
    )
    assert share_of(with_moon, (250, 240, 206), 40) > 0.004
    assert share_of(without, (250, 240, 206), 40) == 0


@pytest.mark.parametrize("kind", [kind for kind in THINGS if kind != "rainbow"])
def test_every_thing_wears_its_colour(kind: str) -> None:
    word = THINGS[kind].split("|")[0]
    image = finished(Wish(f"a purple {word}", 120, 120, transparent=True))
    opaque = sum(image.getchannel("A").histogram()[128:])
    assert opaque > 300
    assert share_of(image, "purple") * 120 * 120 / opaque > 0.12


def test_every_landscape_looks_different() -> None:
    landscapes = [line.split("|")[0] for table in (SKIES, GROUNDS) for line in table.values()]
    pictures = {finished(Wish(each, 64, 64)).tobytes() for each in landscapes}
    assert len(pictures) == len(landscapes)


HOSTILE = (
    "",
    " \n\t\x00",
    "a" * 8000,
    "左" * 8000,
    "a big red " * 800,
    "🦊" * 8000,
    "\ufdfa" * 8000,
    "on the left of " * 500,
    "99999999999999999999999 cats and 0 dogs and ٣ birds ² ½",
    "\"'`${{%s}}\\ <script> '; drop table",
    "\ud800 lone surrogate, 👩‍👩‍👧‍👦 family, ‮right to left‬",
    "no no not without 没有 a",
    "#ff0000 #zzz #12",
)


@pytest.mark.parametrize("prompt", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_prompt_neither_breaks_nor_stalls(prompt: str) -> None:
    start = perf_counter()
    image = finished(Wish(prompt, 64, 64, negative_prompt=prompt))
    assert image.size == (64, 64)
    assert perf_counter() - start < 3


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.integers())
def test_any_words_and_any_seed_paint_something(prompt: str, seed: int) -> None:
    assert finished(Wish(prompt, 24, 24, seed)).size == (24, 24)
