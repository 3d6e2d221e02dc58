"""The objects of a stream come out the same, whatever the framing and wherever it is cut."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageway.adapters.gemini.documents import Documents
from imageway.core.errors import ErrorCode, ImagewayError

ONE: dict[str, object] = {"candidates": [{"content": {"parts": [{"text": 'a "{}" \\ b'}]}}]}
TWO: dict[str, object] = {"a": {"b": [{}, "}"]}}
ERROR: dict[str, object] = {"error": {"code": 503, "message": "oh {no}"}}


def line(found: object) -> bytes:
    return json.dumps(found).encode()


# Each framing that was seen of Google or that a proxy makes of one, with what it holds.
FRAMINGS: dict[str, tuple[bytes, list[object]]] = {
    "events": (b"".join(b"data: " + line(x) + b"\r\n\r\n" for x in (ONE, TWO)), [ONE, TWO]),
    "line feeds": (b"".join(b"data: " + line(x) + b"\n\n" for x in (ONE, TWO)), [ONE, TWO]),
    "returns": (b"".join(b"data: " + line(x) + b"\r\r" for x in (ONE, TWO)), [ONE, TWO]),
    "no blank": (b"data:" + line(ONE) + b"\n\ndata:" + line(TWO) + b"\n\n", [ONE, TWO]),
    "an end mark": (b"data: " + line(ONE) + b"\n\ndata: [DONE]\n\n", [ONE]),
    "a comment": (b": keep {alive}\n\ndata: " + line(ONE) + b"\n\n", [ONE]),
    "names and ids": (b"event: {x}\nid: {1}\nretry: 10\ndata: " + line(ONE) + b"\n\n", [ONE]),
    "a byte order mark": (b"\xef\xbb\xbfdata: " + line(ONE) + b"\n\n", [ONE]),
    "an array": (b"[" + line(ONE) + b",\r\n" + line(TWO) + b"]", [ONE, TWO]),
    "a spacious array": (b"[\n" + line(ONE) + b"\n,\n" + line(TWO) + b"\n]\n", [ONE, TWO]),
    "an array with an error": (b"[" + line(ONE) + b",\r\n" + line(ERROR) + b"]", [ONE, ERROR]),
    "an error as an event": (
        b"data: " + line(ONE) + b"\r\n\r\ndata: " + line(ERROR) + b"\r\n\r\n",
        [ONE, ERROR],
    ),
    "an error in bare JSON": (
        b"data: " + line(ONE) + b"\r\n\r\n" + json.dumps(ERROR, indent=2).encode() + b"\r\n",
        [ONE, ERROR],
    ),
    "an error in an array in an event": (b"data: [" + line(ERROR) + b"]\r\n\r\n", [ERROR]),
    "a plain answer": (json.dumps(ONE, indent=2).encode(), [ONE]),
    "no end": (b"data: " + line(ONE), [ONE]),
}


def read(pieces: list[bytes]) -> list[object]:
    documents = Documents()
    found = [json.loads(each) for piece in pieces for each in documents.feed(piece)]
    assert documents.between()
    return found


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_framing_gives_what_it_holds(name: str) -> None:
    body, expected = FRAMINGS[name]
    assert read([body]) == expected


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_framing_gives_the_same_byte_by_byte(name: str) -> None:
    body, expected = FRAMINGS[name]
    assert read([body[at : at + 1] for at in range(len(body))]) == expected


@given(st.sampled_from(sorted(FRAMINGS)), st.data())
def test_every_framing_gives_the_same_objects_however_it_is_split(
    name: str, data: st.DataObject
) -> None:
    body, expected = FRAMINGS[name]
    cuts = data.draw(st.sets(st.integers(0, len(body)), max_size=12))
    places = [0, *sorted(cuts), len(body)]
    assert read([body[start:end] for start, end in pairwise(places)]) == expected


@pytest.mark.slow
@given(
    st.dictionaries(st.text(), st.recursive(st.none() | st.text(), st.lists), max_size=5),
    st.integers(1, 9),
)
def test_any_object_comes_out_whole(found: dict[str, object], step: int) -> None:
    body = b"data: " + json.dumps(found, ensure_ascii=False).encode() + b"\r\n\r\n"
    assert read([body[at : at + step] for at in range(0, len(body), step)]) == [found]


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[1, 2]", b"<html>{}</html>", b"hello {", b'"{}"', b"\r\n\r\n"]
)
def test_what_holds_no_object_gives_none(body: bytes) -> None:
    assert read([body]) == []


def test_an_object_that_has_not_ended_is_known_to_be_open() -> None:
    documents = Documents()
    assert list(documents.feed(b'data: {"a": "}')) == []
    assert not documents.between()


@pytest.mark.parametrize("piece", [b"{", b'"', b'{"a":"\\"\\"'])
def test_an_object_of_endless_parts_is_no_answer(piece: bytes) -> None:
    with pytest.raises(ImagewayError, match="more than") as caught:
        read([b"{" + piece * 10_000] * 200)
    assert caught.value.info.code is ErrorCode.BAD_ANSWER


def test_a_string_of_many_backslashes_is_read_at_once() -> None:
    body = b'{"a": "' + b"\\\\" * 500_000 + b'", "b": "\\\\\\""}'
    assert len(read([body])) == 1
