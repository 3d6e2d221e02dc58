"""What reached a vendor, compared and searched."""

from __future__ import annotations

import base64

from imageway.emulators.heard import Heard, Part
from imageway.emulators.pictures import paint
from imageway.testing.wire import differences, pictures, texts

PICTURE = paint(64, 48)


def heard(**fields: object) -> Heard:
    return Heard(1, "POST", "/make", "", (), **fields)  # type: ignore[arg-type]  # each test names real fields


def test_texts_are_found_in_json_forms_and_queries() -> None:
    body = {"a": ["one", {"b": "two"}], "c": 3, "d": None, "e": True}
    assert [*texts(heard(body=body))] == ["one", "two", "3", "True"]
    parts = (Part("p", None, None, b"four"), Part("f", "f.png", "image/png", b"five"))
    assert [*texts(heard(parts=parts))] == ["four"]
    assert [*texts(Heard(1, "GET", "/", "q=a%20b", ()))] == ["a b"]


def test_pictures_are_found_in_json_forms_and_raw_bodies() -> None:
    text = base64.b64encode(PICTURE).decode()
    in_json = heard(body={"images": [text, f"data:image/png;base64,{text}", "x" * 100]})
    in_form = heard(parts=(Part("f", "f.png", "image/png", PICTURE),))
    sizes = [[(p.width, p.height) for p in pictures(each)] for each in (in_json, in_form)]
    assert sizes == [[(64, 48), (64, 48)], [(64, 48)]]
    assert len([*pictures(heard(raw=PICTURE))]) == 1


def test_a_place_that_one_trace_lacks_is_a_difference() -> None:
    assert differences({"a": "1", "b": "2"}, {"a": "1", "c": "2"}) == {"b", "c"}
