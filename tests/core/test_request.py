"""What a caller may ask for, and how a mistake is answered."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.core.options import ROW_BY_OPTION, Option
from imageway.core.request import ImageRequest, InputImage
from imageway.core.size import Aspect, Size
from tests.core.samples import dot

IMAGE = InputImage(picture=dot())
FOX: Mapping[str, object] = {"prompt": "a fox"}


def refusal(**fields: object) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        ImageRequest.build({**FOX, **fields})
    return caught.value.info


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


WRONG: list[tuple[str, object, str]] = [
    ("prompt", ["a"], "must be a text, got ['a']"),
    ("prompt", 5, "must be a text, got 5"),
    ("prompt", b"a fox", "must be a text"),
    ("prompt", None, "must be a text, got None"),
    ("prompt", "", "must not be empty"),
    ("prompt", " \n ", "must say what to draw"),
    ("prompt", "x" * 1_000_000, "at most 32000 characters long, got 1000000 characters"),
    ("prompt", "a\0fox", "NUL"),
    ("prompt", "a\ud800", "lone surrogate at character 1"),
    ("model", "", "must not be empty"),
    ("model", None, "must be a text"),
    ("model", "x" * 301, "at most 300 characters"),
    ("count", True, "must be a whole number, got True"),
    ("count", "3", "must be a whole number, got '3'"),
    ("count", 1.5, "must be a whole number"),
    ("count", 0, "must be at least 1, got 0"),
    ("count", -1, "must be at least 1, got -1"),
    ("count", 10_000, "must be at most 100, got 10000"),
    ("size", "0x0", "from 1 to 16384 pixels, got 0x0"),
    ("size", "1e9x1", "written WIDTHxHEIGHT, such as 1024x768, got '1e9x1'"),
    ("size", "999999999x1", "from 1 to 16384 pixels"),
    ("size", "axb", "written WIDTHxHEIGHT"),
    ("size", (1024, 768), "written WIDTHxHEIGHT, such as 1024x768, got '(1024, 768)'"),
    ("size", 1024, "written WIDTHxHEIGHT, such as 1024x768, got '1024'"),
    ("aspect", "0:1", "written WIDTH:HEIGHT, such as 16:9"),
    ("aspect", Aspect(0, 1), "written WIDTH:HEIGHT, such as 16:9"),
    ("aspect", 1.5, "written WIDTH:HEIGHT, such as 16:9"),
    ("seed", -1, "must be at least 0, got -1"),
    ("seed", 2**53, "must be at most 9007199254740991"),
    ("seed", 10**5000, "must be at most 9007199254740991, got an enormous int"),
    ("seed", 1.0, "must be a whole number"),
    ("guidance", math.nan, "must be a finite number, got nan"),
    ("guidance", math.inf, "must be a finite number, got inf"),
    ("guidance", True, "must be a number, got True"),
    ("guidance", "7", "must be a number, got '7'"),
    ("guidance", 50.1, "must be at most 50, got 50.1"),
    ("steps", 0, "must be at least 1"),
    ("steps", math.nan, "must be a whole number, got nan"),
    ("previews", 11, "must be at most 10"),
    ("previews", False, "must be a whole number, got False"),
    ("quality", "", "must not be empty"),
    ("quality", 3, "must be a text, got 3"),
    ("style", "x" * 101, "at most 100 characters"),
    ("format", "png\0", "NUL"),
    ("background", "\udfff", "lone surrogate"),
    ("negative_prompt", "x" * 32_001, "at most 32000 characters"),
    ("mask", "picture.png", "must be an image, got 'picture.png'"),
    ("references", "picture.png", "must be a list of images"),
    ("references", [IMAGE] * 17, "at most 16 images, got 17"),
    ("strict", 1, "must be true or false, got 1"),
    ("extras", [], "must be an object, got []"),
]


@pytest.mark.parametrize(
    ("field", "value", "words"), WRONG, ids=[f"{field}: {words}" for field, _, words in WRONG]
)
def test_a_mistake_names_its_field_and_says_what_would_be_right(
    field: str, value: object, words: str
) -> None:
    info = refusal(**{field: value})
    assert (info.code, info.param) == ("invalid_request", field)
    assert info.message.startswith(f"{field}: ")
    assert words in info.message
    assert len(info.message) < 200


@pytest.mark.parametrize("option", [each for each in Option if ROW_BY_OPTION[each].range])
def test_a_number_out_of_range_is_answered_with_its_range(option: Option) -> None:
    info = refusal(**{option.value: -1})
    assert str(ROW_BY_OPTION[option].range) in (info.hint or "")


DEEPER: list[tuple[dict[str, object], str, str]] = [
    ({"references": [1]}, "references.0", "must be an image, got 1"),
    ({"references": [IMAGE, {}]}, "references.1.picture", "is missing"),
    ({"references": [{"picture": 1}]}, "references.0.picture", "must be a Picture, got 1"),
    ({"size": "8x8", "aspect": "1:1"}, "size", "a size or an aspect, not both"),
    ({"mask": IMAGE}, "mask", "needs an image that it belongs to"),
    ({"extras": {"a": 1}}, "extras.a", "must be an object, got 1"),
    ({"extras": {"a": {"b": "\ud800"}}}, "extras", "lone surrogate"),
]


@pytest.mark.parametrize(("fields", "param", "words"), DEEPER)
def test_a_mistake_deeper_inside_is_named_too(
    fields: dict[str, object], param: str, words: str
) -> None:
    info = refusal(**fields)
    assert (info.code, info.param) == ("invalid_request", param)
    assert words in info.message


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, object(), {1: 2}, nested(5000), 10**5000],
    ids=["nan", "infinity", "an object", "a numbered key", "lists in lists", "a huge number"],
)
def test_extras_that_are_no_json_are_refused(value: object) -> None:
    info = refusal(extras={"qwen": {"field": value}})
    assert info.code == "invalid_request"
    assert (info.param or "").startswith("extras")


def test_a_request_without_a_prompt_is_told_to_send_one() -> None:
    with pytest.raises(ImagewayError) as caught:
        ImageRequest.build({})
    assert (caught.value.info.message, caught.value.info.param) == ("prompt is missing", "prompt")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sed", "did you mean 'seed'?"),
        ("negativ_prompt", "did you mean 'negative_prompt'?"),
        ("cfg_scale", "did you mean 'guidance'?"),
        ("zzzz", "the fields are prompt, model, count, size"),
    ],
)
def test_an_unknown_field_is_answered_with_the_nearest(name: str, hint: str) -> None:
    info = refusal(**{name: 1})
    assert (info.code, info.param) == ("invalid_request", name)
    assert info.message == f"{name!r} is no field of a request"
    assert (info.hint or "").startswith(hint)


@given(
    fields=st.dictionaries(
        st.sampled_from(sorted(ImageRequest.model_fields)),
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())
        ),
    )
)
def test_whatever_comes_in_there_is_a_request_or_one_kind_of_error(
    fields: dict[str, object],
) -> None:
    try:
        assert ImageRequest.build(fields).prompt.strip()
    except ImagewayError as error:
        wrong = error.info
    else:
        return
    assert wrong.code == "invalid_request"
    assert wrong.message == "prompt is missing" or (wrong.param or "").split(".")[0] in fields


def test_everything_that_is_right_is_kept() -> None:
    request = ImageRequest.build(
        {
            **FOX,
            "model": "google/nano",
            "count": 100,
            "size": "1024x768",
            "seed": 2**53 - 1,
            "guidance": 7,
            "steps": 150,
            "references": [IMAGE] * 16,
            "mask": IMAGE,
        }
    )
    assert (request.size, request.guidance) == (Size(1024, 768), 7.0)
    assert (request.count, len(request.references)) == (100, 16)


def test_a_request_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ImageRequest(prompt="a fox").prompt = "a cat"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def test_a_request_does_not_change_with_what_it_was_made_from() -> None:
    extras: dict[str, object] = {"qwen": {"lora": ["a"]}}
    references = [IMAGE]
    request = ImageRequest.build({**FOX, "extras": extras, "references": references})
    extras.clear()
    references.clear()
    assert request.extra("qwen") == {"lora": ["a"]}
    assert request.references == (IMAGE,)


def test_equal_wishes_are_equal_requests() -> None:
    first = ImageRequest.build({**FOX, "size": "8x8", "extras": {"a": {"b": 1}}})
    assert first == ImageRequest.build({**FOX, "size": Size(8, 8), "extras": {"a": {"b": 1}}})
    assert first != first.having(seed=1)


def test_every_option_is_a_field_of_the_request() -> None:
    assert {option.value for option in Option} <= set(ImageRequest.model_fields)
    assert set(ROW_BY_OPTION) == set(Option)


def test_only_what_was_set_is_a_wish() -> None:
    assert ImageRequest(prompt="a fox", count=3, strict=True).wishes == {}


def test_nought_is_a_wish_too() -> None:
    request = ImageRequest(prompt="a fox", seed=0, previews=0, guidance=0.0)
    assert request.wishes == {Option.SEED: 0, Option.PREVIEWS: 0, Option.GUIDANCE: 0.0}


def test_wishes_come_in_the_order_of_the_table() -> None:
    request = ImageRequest.build({**FOX, "style": "s", "references": [IMAGE], "size": "8x8"})
    assert list(request.wishes) == [Option.SIZE, Option.REFERENCES, Option.STYLE]


def test_a_dropped_wish_is_no_wish_and_the_rest_stays() -> None:
    request = ImageRequest.build({**FOX, "seed": 1, "references": [IMAGE], "mask": IMAGE})
    rest = request.without(Option.REFERENCES, Option.MASK, Option.STYLE)
    assert rest.wishes == {Option.SEED: 1}
    assert request.references == (IMAGE,)


def test_a_replaced_field_leaves_the_original_alone() -> None:
    request = ImageRequest(prompt="a fox", seed=1)
    assert (request.having(seed=2, count=4).seed, request.seed, request.count) == (2, 1, 1)


def test_a_field_that_does_not_exist_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match="no field 'sed'"):
        ImageRequest(prompt="a fox").having(sed=2)


def test_of_several_names_for_extras_the_earlier_wins() -> None:
    request = ImageRequest.build(
        {**FOX, "extras": {"house": {"a": 1}, "qwen": {"a": 2, "b": 3}, "quen": {"c": 4}}}
    )
    assert request.extra("house", "qwen") == {"a": 1, "b": 3}
    assert request.extra("qwen", "house") == {"a": 2, "b": 3}


def test_extras_for_nobody_in_particular_are_empty() -> None:
    request = ImageRequest.build({**FOX, "extras": {"qwen": {"a": 2}}})
    assert request.extra("Qwen") == request.extra() == {}
