"""Fitting a size to what a model can draw."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import Option
from imageway.core.size import MAX_EDGE, Aspect, Size

SIZES = st.builds(Size, st.integers(1, MAX_EDGE), st.integers(1, MAX_EDGE))
ASPECTS = st.builds(Aspect, st.integers(1, 99_999), st.integers(1, 99_999))
# As the rules of real models are: bounds on edges, on area, on shape, in steps.
WIDE = SizeRule(
    multiple_of=16,
    least_edge=256,
    most_edge=3840,
    least_pixels=655_360,
    most_pixels=8_294_400,
    widest=3,
)
RULES = st.builds(
    SizeRule,
    multiple_of=st.sampled_from([1, 2, 8, 16, 64]),
    least_edge=st.integers(1, 512),
    most_edge=st.integers(1024, 20_000),
    least_pixels=st.integers(1, 1024 * 1024),
    most_pixels=st.integers(1024 * 1024, 50_000_000),
    widest=st.floats(1, 40),
)
CHOICES = SizeRule(
    choices=(Size(1024, 1024), Size(1536, 1024), Size(1024, 1536), Size(512, 512), Size(2048, 1024))
)


@given(size=SIZES)
@example(Size(3000, 1000))
@example(Size(16_384, 1))
@example(Size(1, 16_384))
def test_what_is_fitted_can_be_drawn(size: Size) -> None:
    assert WIDE.allows(WIDE.fit(size))


@given(rule=RULES, size=SIZES)
def test_what_is_fitted_to_any_sane_rule_can_be_drawn(rule: SizeRule, size: Size) -> None:
    # A megapixel square is within all of these bounds, so each rule allows something.
    assert rule.allows(Size(1024, 1024))
    assert rule.allows(rule.fit(size))


@given(rule=RULES, size=SIZES)
def test_fitting_twice_changes_nothing(rule: SizeRule, size: Size) -> None:
    assert rule.fit(rule.fit(size)) == rule.fit(size)


@given(width=st.integers(16, 240), height=st.integers(16, 240))
def test_a_size_that_can_be_drawn_is_left_alone(width: int, height: int) -> None:
    size = Size(width * 16, height * 16)
    assert not WIDE.allows(size) or WIDE.fit(size) == size


@given(size=SIZES)
def test_the_shape_is_kept_within_one_step(size: Size) -> None:
    fitted = WIDE.fit(size)
    wanted = min(max(size.ratio, 1 / 3), 3)
    assert 1 / 1.1 < fitted.ratio / wanted < 1.1


@given(size=SIZES)
def test_the_area_is_kept_unless_an_edge_is_at_its_bound(size: Size) -> None:
    fitted = WIDE.fit(size)
    wanted = min(max(size.pixels, WIDE.least_pixels), WIDE.most_pixels)
    assert max(fitted.width, fitted.height) == 3840 or 0.9 < fitted.pixels / wanted < 1.1


@given(size=SIZES)
def test_turning_the_wish_turns_the_answer(size: Size) -> None:
    fitted, turned = WIDE.fit(size), WIDE.fit(Size(size.height, size.width))
    assert turned.width == pytest.approx(fitted.height, abs=64)
    assert turned.height == pytest.approx(fitted.width, abs=64)


@pytest.mark.parametrize(
    ("asked", "fitted"),
    [
        (Size(1000, 1000), Size(992, 992)),
        (Size(100, 100), Size(816, 816)),
        (Size(1920, 1080), Size(1920, 1088)),
        (Size(7680, 4320), Size(3840, 2160)),
    ],
)
def test_known_sizes_become_their_nearest(asked: Size, fitted: Size) -> None:
    assert WIDE.fit(asked) == fitted


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        (Size(1024, 1024), Size(1024, 1024)),
        (Size(600, 600), Size(512, 512)),
        (Size(900, 900), Size(1024, 1024)),
        (Size(3000, 2000), Size(1536, 1024)),
        (Size(200, 300), Size(1024, 1536)),
        (Size(16_384, 1), Size(2048, 1024)),
    ],
)
def test_of_a_list_the_nearest_shape_is_chosen_then_the_nearest_area(
    asked: Size, chosen: Size
) -> None:
    assert CHOICES.fit(asked) == chosen


def test_a_list_allows_nothing_else() -> None:
    assert not CHOICES.allows(Size(1024, 1040))


@pytest.mark.parametrize(
    "size",
    [
        Size(1000, 1024),
        Size(240, 3200),
        Size(3856, 2000),
        Size(512, 512),
        Size(3840, 3840),
        Size(3840, 1264),
    ],
    ids=["step", "least edge", "most edge", "least pixels", "most pixels", "widest"],
)
def test_each_bound_is_a_bound(size: Size) -> None:
    assert not WIDE.allows(size)


def test_a_rule_that_allows_nothing_answers_with_the_usual_size() -> None:
    rule = SizeRule(least_pixels=2_000_000, most_pixels=1_000_000, usual=Size(640, 640))
    assert rule.fit(Size(100, 100)) == Size(640, 640)


@given(aspect=ASPECTS)
@example(Aspect(99_999, 1))
def test_any_aspect_becomes_a_size_that_can_be_drawn(aspect: Aspect) -> None:
    assert WIDE.allows(WIDE.shaped(aspect))


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        (Aspect(1, 1), Size(1024, 1024)),
        (Aspect(16, 9), Size(1360, 768)),
        (Aspect(9, 16), Size(768, 1360)),
        (Aspect(3, 2), Size(1248, 832)),
    ],
)
def test_an_aspect_becomes_a_size_of_the_usual_area(aspect: Aspect, size: Size) -> None:
    assert WIDE.shaped(aspect) == size


def test_an_aspect_chooses_from_a_list_by_shape() -> None:
    assert CHOICES.shaped(Aspect(2, 1)) == Size(2048, 1024)
    assert CHOICES.shaped(Aspect(1, 1)) == Size(1024, 1024)


def test_an_unknown_model_is_trusted_with_everything() -> None:
    can = Capabilities.permissive()
    assert not can.known
    assert can.options == frozenset(Option)
    assert can.operations == {"generate", "edit"}
