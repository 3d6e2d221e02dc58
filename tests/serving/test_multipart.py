"""A form is cut into the parts that were put in, or refused; never half read."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageway.serving.multipart import LONGEST_HEADER, Part, split_form
from imageway.serving.problems import Refused

TYPE = "multipart/form-data; boundary=sep"


def form(*sections: bytes) -> bytes:
    return b"".join(b"--sep\r\n" + section + b"\r\n" for section in sections) + b"--sep--\r\n"


def field(name: str, data: bytes, more: str = "") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + data


@given(st.lists(st.binary(max_size=200).filter(lambda data: b"\r\n--sep" not in data), max_size=5))
def test_bytes_come_out_as_they_went_in(values: list[bytes]) -> None:
    body = form(*(field(f"p{place}", value) for place, value in enumerate(values)))
    assert [part.data for part in split_form(body, TYPE)] == values


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_read_but_never_breaks(garbage: bytes) -> None:
    with suppress(Refused):
        assert all(part.name for part in split_form(b"--sep" + garbage, TYPE))


def test_a_file_has_a_name_and_a_file_name() -> None:
    body = form(field("image[]", b"x", '; filename="a \\"b\\".png"\r\nContent-Type: image/png'))
    assert split_form(body, TYPE) == [Part("image[]", b"x", 'a "b".png')]


def test_a_file_name_is_not_taken_for_the_name() -> None:
    body = form(b'Content-Disposition: form-data; filename="f"; name="image"\r\n\r\nx')
    assert split_form(body, TYPE) == [Part("image", b"x", "f")]


def test_a_quoted_boundary_is_found() -> None:
    body = form(field("a", b"1")).replace(b"--sep", b"--s p")
    assert split_form(body, 'multipart/form-data; charset=utf-8; boundary="s p"')[0].data == b"1"


def test_text_before_the_first_boundary_is_skipped() -> None:
    assert split_form(b"hello\r\n" + form(field("a", b"1")), TYPE) == [Part("a", b"1")]


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (form(field("a", b"1")), "multipart/form-data", "names no boundary"),
        (b"no boundary at all", TYPE, "does not begin"),
        (form(field("a", b"1"))[:-8], TYPE, "ends before"),
        (form(b"no header"), TYPE, "no header"),
        (form(b'X: "y"\r\n\r\nz'), TYPE, "no name"),
        (form(b"X: " + b"y" * LONGEST_HEADER + b"\r\n\r\nz"), TYPE, "longer than"),
        (form(*[field("a", b"1")] * 10_000), TYPE, "more than 64 parts"),
    ],
)
def test_a_malformed_form_is_refused(body: bytes, content_type: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        split_form(body, content_type)
    assert said in caught.value.problem.message
