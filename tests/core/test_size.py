"""Sizes and aspects as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageway.core.size import MAX_EDGE, Aspect, Size

EDGES = st.integers(1, MAX_EDGE)


@given(width=EDGES, height=EDGES)
def test_a_size_reads_what_it_writes(width: int, height: int) -> None:
    assert Size.parse(str(Size(width, height))) == Size(width, height)


@pytest.mark.parametrize("text", ["1024x768", " 1024 X 768 ", "1024×768", "1024*768", "01024x768"])
def test_a_size_may_be_written_in_several_ways(text: str) -> None:
    assert Size.parse(text) == Size(1024, 768)


@pytest.mark.parametrize("text", ["", "axb", "1024", "1024x", "x768", "10.5x3", "-1x5", "1e9x1"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="WIDTHxHEIGHT, such as 1024x768"):
        Size.parse(text)


@pytest.mark.parametrize("text", ["0x0", "0x768", "1024x0", "16385x1", "1x999999999"])
def test_an_edge_out_of_bounds_is_refused_with_the_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="from 1 to 16384 pixels, got "):
        Size.parse(text)


def test_a_refusal_repeats_only_the_beginning_of_a_long_text() -> None:
    with pytest.raises(ValueError, match="WIDTHxHEIGHT") as caught:
        Size.parse("9" * 100_000)
    assert len(str(caught.value)) < 200


def test_a_size_tells_its_pixels_its_ratio_and_its_aspect() -> None:
    size = Size(1920, 1080)
    assert (size.pixels, size.ratio, str(size.aspect)) == (2_073_600, 16 / 9, "16:9")


@given(width=EDGES, height=EDGES)
def test_an_aspect_keeps_the_ratio_of_its_size(width: int, height: int) -> None:
    size = Size(width, height)
    assert size.aspect.ratio == pytest.approx(size.ratio)


@pytest.mark.parametrize("text", ["16:9", " 16 : 9 ", "16/9"])
def test_an_aspect_may_be_written_in_several_ways(text: str) -> None:
    assert Aspect.parse(text) == Aspect(16, 9)


@pytest.mark.parametrize("text", ["", "0:1", "1:0", "0:0", "wide", "16", "1.5:1", "-1:2", "33:1"])
def test_what_is_no_aspect_to_draw_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="WIDTH:HEIGHT, such as 16:9, at most 32:1"):
        Aspect.parse(text)


@pytest.mark.parametrize(("text", "drawable"), [("32:1", True), ("1:32", True)])
def test_the_widest_aspect_is_allowed_both_ways(text: str, drawable: bool) -> None:
    assert Aspect.parse(text).is_drawable is drawable
