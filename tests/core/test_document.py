"""What is no JSON, or could be read in two ways, is refused in no time and little memory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import BaseModel, JsonValue

from imageway.core.document import LONG, MOST_PARTS, Unreadable, read
from tests.memory import growth

pytestmark = pytest.mark.slow

MIB = 1 << 20


class Picture(BaseModel):
    b64_json: str | None = None


class Answer(BaseModel):
    data: list[Picture] = []


def ending(end: str, size: int) -> str:
    return "x" * size + end


# Of all JSON, with strings on both sides of what is long, quotes and backslashes among them.
words = some.text('ab"\\/\n\u20ac', max_size=6) | some.builds(
    ending,
    some.sampled_from(["", '"', "\\", '\\"', '"x', "\\\\", "\u20ac"]),
    some.integers(LONG - 3, LONG + 3),
)
numbers = some.integers() | some.floats(allow_nan=False, allow_infinity=False)
leaves: some.SearchStrategy[JsonValue] = some.none() | some.booleans() | numbers | words


def around(
    inner: some.SearchStrategy[JsonValue],
) -> some.SearchStrategy[list[JsonValue] | dict[str, JsonValue]]:
    return some.lists(inner, max_size=4) | some.dictionaries(words, inner, max_size=4)


values = some.recursive(leaves, around, max_leaves=12)


@given(some.dictionaries(words, values, max_size=3), some.booleans())
def test_whatever_is_json_is_read(value: dict[str, JsonValue], is_ascii: bool) -> None:
    value.pop("data", None)
    read(Answer, json.dumps(value, ensure_ascii=is_ascii).encode())


@given(words, values)
def test_a_name_that_comes_twice_is_found_wherever_it_is(name: str, value: JsonValue) -> None:
    key, one = json.dumps(name), json.dumps(value)
    if len(name) > LONG:
        return  # taken for no name
    body = f'{{"rest": [{one}, {{{key}: {one}, {key}: 2}}], "data": []}}'
    with pytest.raises(Unreadable, match="twice"):
        read(Answer, body.encode())


def test_backslashes_are_counted_however_many_there_are() -> None:
    for many in range(LONG - 2, LONG + 3):
        body = b'{"a": "%s", "a": 1}' % (b"x" * 9 + b"\\\\" * many)
        with pytest.raises(Unreadable, match="twice"):
            read(Answer, body)


def test_names_that_are_long_are_told_apart() -> None:
    read(Answer, json.dumps({"x" * LONG + "a": 1, "x" * LONG + "b": 1}).encode())


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_though_nobody_reads_it(word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        read(Answer, f'{{"cost": {word}}}'.encode())


def test_a_complaint_says_where_and_not_what() -> None:
    with pytest.raises(Unreadable) as caught:
        read(Answer, b'{"data": [{}, {"b64_json": 7}]}')
    assert str(caught.value) == "['data.1.b64_json']"
    assert caught.value.__suppress_context__


def test_many_complaints_are_counted() -> None:
    with pytest.raises(Unreadable) as caught:
        read(Answer, b'{"data": [' + b"1," * 99 + b"1]}")
    assert str(caught.value) == "100 places"


def test_a_complaint_is_short_however_long_the_names_are() -> None:
    class Prices(BaseModel):
        prices: dict[str, float]

    body = json.dumps({"prices": {f"{number}{'x' * 5000}": "y" for number in range(9)}})
    with pytest.raises(Unreadable) as caught:
        read(Prices, body.encode())
    assert len(str(caught.value)) < 400


BOMBS: dict[str, Callable[[], bytes]] = {
    "nested": lambda: b'{"junk": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "nested_objects": lambda: b'{"junk":' * 10_000 + b"1" + b"}" * 10_000,
    "a_number": lambda: b'{"junk": ' + b"9" * (60 * MIB) + b"}",
    "a_fraction": lambda: b'{"junk": ' + b"9" * (60 * MIB) + b".5}",
    "an_exponent": lambda: b'{"junk": 1e' + b"9" * (60 * MIB) + b"}",
    "an_open_string": lambda: b'{"junk": "' + b"x" * (60 * MIB),
    "backslashes": lambda: b'{"junk": "' + b"\\" * (60 * MIB),
    "text": lambda: b'{"junk": [' + b'"%s",' % (b"x" * LONG) * (300 * 1024) + b"1]}",
    "wrong_items": lambda: b'{"data": [' + b"1," * (MOST_PARTS - 1) + b"1]}",
    "more_items": lambda: b'{"data": [' + b"1," * (30 * MIB) + b"1]}",
    "more_objects": lambda: b'{"data": [' + b"{}," * (20 * MIB) + b"{}]}",
    "more_names": lambda: b"{" + b",".join(b'"%d":1' % n for n in range(MOST_PARTS + 2)) + b"}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_a_second_and_50_megabytes(name: str) -> None:
    body = BOMBS[name]()
    with growth() as grown:
        began = time.process_time()
        with pytest.raises(Unreadable):
            read(Answer, body)
        seconds = time.process_time() - began
    assert seconds < 1
    assert grown.bytes < 50 * MIB


def test_most_of_an_answer_with_pictures_is_not_looked_at_twice() -> None:
    pictures: JsonValue = [{"b64_json": "x" * (2 * MIB)} for _ in range(4)]
    body = json.dumps({"data": pictures}).encode()
    with growth() as grown:
        read(Answer, body)
    # What pydantic makes of it, and nothing of the kind besides.
    assert grown.bytes < 1.5 * len(body)
