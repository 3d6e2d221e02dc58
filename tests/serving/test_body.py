"""A body that is no JSON object is refused with the field that is to blame, if one is."""

from __future__ import annotations

import pytest

from imageway.core.errors import ImagewayError
from imageway.serving.body import parse_object
from imageway.serving.problems import Refused


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"[1]", "a list"),
        (b'"x"', "a text"),
        (b"null", "null"),
        (b"true", "true or false"),
        (b"7", "a number"),
        (b"{", "not JSON"),
        (b"prompt=x", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 40_000, "not JSON"),
        (b"[" * 100_000, "too many"),
        (b'{"messages":[' + b"{}," * 60_000 + b"{}]}", "too many"),
        (b'{"n":[' + b"1," * 600_000 + b"1]}", "too many"),
        (b'{"n":' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_object_is_named(body: bytes, said: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_object(body)
    assert said in caught.value.problem.message
    assert caught.value.problem.status == 400


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b'{"prompt":"x","seed":NaN}', "seed"),
        (b'{"prompt":"x","guidance":-Infinity}', "guidance"),
        (b'{"prompt":"\\ud800"}', "prompt"),
        (b'{"demo":{"deep":[NaN]}}', "demo"),
    ],
)
def test_the_field_that_json_forbids_is_named(body: bytes, param: str) -> None:
    with pytest.raises(ImagewayError) as caught:
        parse_object(body)
    assert caught.value.info.param == param


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse_object(b'\xef\xbb\xbf{"a":1}') == {"a": 1}
