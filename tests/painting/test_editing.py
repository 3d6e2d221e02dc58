"""References: mirrored, tinted, painted over; and a mask that is respected to the pixel."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps, ImageStat

from imageway.painting import Wish, finished
from tests.painting.seeing import forms_of, share_of

EDGE = 120


@pytest.fixture
def reference() -> Image.Image:
    """Red on the left, grey on the right, too small for a mark."""
    image = Image.new("RGB", (EDGE, EDGE), (150, 150, 150))
    ImageDraw.Draw(image).rectangle((0, 0, 59, EDGE), fill=(200, 30, 30))
    return image


def edited(prompt: str, *references: Image.Image, mask: Image.Image | None = None) -> Image.Image:
    return finished(Wish(prompt, EDGE, EDGE, references=references, mask=mask))


def same(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox() is None


@pytest.mark.parametrize("prompt", ["mirror it", "flip the picture", "镜像", "把图片左右翻转"])
def test_a_mirror_swaps_left_and_right(reference: Image.Image, prompt: str) -> None:
    assert same(edited(prompt, reference), ImageOps.mirror(reference))


@pytest.mark.parametrize("prompt", ["make it black and white", "黑白"])
def test_black_and_white_has_no_colour(reference: Image.Image, prompt: str) -> None:
    red, green, blue = edited(prompt, reference).split()
    assert same(red, green)
    assert same(green, blue)


@pytest.mark.parametrize("prompt", ["make it blue", "变成蓝色"])
def test_a_colour_tints(reference: Image.Image, prompt: str) -> None:
    red, _, blue = ImageStat.Stat(edited(prompt, reference)).mean
    before = ImageStat.Stat(reference).mean
    assert blue > red + 20
    assert before[0] > before[2]


def test_words_that_say_nothing_still_change_the_picture(reference: Image.Image) -> None:
    assert not same(edited("zibble", reference), reference)


def test_a_thing_is_painted_on_top_and_the_rest_stays(reference: Image.Image) -> None:
    image = edited("add a small green circle on the right", reference)
    (circle,) = forms_of(image, "green")
    assert circle.left > EDGE / 2
    assert same(image.crop((0, 0, 59, EDGE)), reference.crop((0, 0, 59, EDGE)))


def test_more_references_become_insets(reference: Image.Image) -> None:
    image = edited("add a circle at the top", reference, Image.new("RGB", (50, 80), (0, 255, 0)))
    assert share_of(image, (0, 255, 0), 5) > 0.03


def test_the_reference_is_fitted_to_the_size(reference: Image.Image) -> None:
    assert finished(Wish("mirror", 200, 90, references=(reference,))).size == (200, 90)


@pytest.mark.parametrize("prompt", ["a blue circle", "make it blue", "a cat in the snow", "mirror"])
@pytest.mark.parametrize("edge", [EDGE, 400])
def test_outside_the_mask_nothing_changes(reference: Image.Image, prompt: str, edge: int) -> None:
    original = ImageOps.fit(reference, (edge, edge))
    mask = Image.new("RGBA", original.size, "black")
    hole = (edge // 4, edge // 4, edge // 2, edge - 10)
    mask.paste((0, 0, 0, 0), hole)
    image = finished(Wish(prompt, edge, edge, references=(original,), mask=mask))
    changed = ImageChops.difference(image, original).getbbox()
    assert changed
    assert changed[0] >= hole[0]
    assert changed[1] >= hole[1]
    assert changed[2] <= hole[2]
    assert changed[3] <= hole[3]


def test_what_is_asked_for_lands_inside_the_mask(reference: Image.Image) -> None:
    mask = Image.new("RGBA", reference.size, "black")
    mask.paste((0, 0, 0, 0), (60, 10, 110, 60))
    (circle,) = forms_of(edited("a green circle", reference, mask=mask), "green")
    assert 60 <= circle.left < circle.right <= 110
    assert circle.shape == pytest.approx(1, abs=0.1)


def test_a_mask_without_alpha_lets_nothing_change(reference: Image.Image) -> None:
    mask = Image.new("RGB", reference.size, "white")
    assert same(edited("a green circle", reference, mask=mask), reference)


def test_a_transparent_reference_stays_transparent() -> None:
    clear = Image.new("RGBA", (EDGE, EDGE), (10, 20, 30, 0))
    image = edited("a red circle in the middle", clear)
    assert image.mode == "RGBA"
    assert image.getpixel((0, 0)) == (10, 20, 30, 0)
