"""Texts of a form become what their fields want; pictures keep their order."""

from __future__ import annotations

import pytest

from imageway.core.errors import ImagewayError
from imageway.server.dialects.openai_form import form_fields
from imageway.serving.multipart import Part


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("n", "2", 2),
        ("n", " 2\n", 2),
        ("n", "two", "two"),
        ("n", "9" * 30, "9" * 30),
        ("seed", "-1", -1),
        ("guidance_scale", "7.5", 7.5),
        ("stream", "true", True),
        ("stream", "False", False),
        ("stream", "maybe", "maybe"),
        ("partial_images", "2", 2),
        ("prompt", "7", "7"),
        ("prompt", '{"a":1}', '{"a":1}'),
        ("demo", '{"pace":1}', {"pace": 1}),
        ("demo", "{broken", "{broken"),
    ],
)
def test_a_text_is_read_as_its_field_wants(name: str, text: str, value: object) -> None:
    assert form_fields([Part(name, text.encode())]) == {name: value}


@pytest.mark.parametrize("name", ["image", "image[]", "images"])
def test_repeated_pictures_keep_their_order(name: str) -> None:
    first, second = Part(name, b"1", "a"), Part(name, b"2", "b")
    assert form_fields([first, second]) == {"image": [first, second]}


def test_numbered_pictures_are_pictures_too() -> None:
    first, second = Part("image[0]", b"1", "a"), Part("image[1]", b"2", "b")
    assert form_fields([first, second]) == {"image": [first, second]}


def test_text_that_is_not_utf_8_is_named() -> None:
    with pytest.raises(ImagewayError) as caught:
        form_fields([Part("prompt", b"\xff")])
    assert caught.value.info.param == "prompt"
