"""Whatever a caller sends: a 4xx that names the field and says what would be right, never a 500."""

from __future__ import annotations

import string

import aiohttp
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from imageway.server.dialects.openai_fields import FIELD_BY_NAME
from tests.server.lab import EDITS, GENERATIONS, Json, Lab, lab, picture, png

TALL = "1" + "0" * 9 + "x1"
WRONG: list[tuple[Json, str]] = [
    ({"prompt": 7}, "prompt"),
    ({"prompt": ""}, "prompt"),
    ({"prompt": " \n"}, "prompt"),
    ({"prompt": ["x"]}, "prompt"),
    ({"prompt": "a\x00b"}, "prompt"),
    ({"prompt": "x" * 2**20}, "prompt"),
    ({"prompt": None}, "prompt"),
    ({"model": 7}, "model"),
    ({"model": "nobody"}, "model"),
    ({"model": "x" * 10_000}, "model"),
    ({"n": 0}, "n"),
    ({"n": 10_000}, "n"),
    ({"n": -1}, "n"),
    ({"n": "2"}, "n"),
    ({"n": 1.5}, "n"),
    ({"n": True}, "n"),
    ({"size": "0x0"}, "size"),
    ({"size": "1e9x1"}, "size"),
    ({"size": TALL}, "size"),
    ({"size": 1024}, "size"),
    ({"size": "large"}, "size"),
    ({"seed": -1}, "seed"),
    ({"seed": 2**60}, "seed"),
    ({"quality": {"a": 1}}, "quality"),
    ({"output_format": []}, "output_format"),
    ({"num_inference_steps": 9999}, "num_inference_steps"),
    ({"cfg_scale": "high"}, "cfg_scale"),
    ({"stream": "yes"}, "stream"),
    ({"stream": True, "partial_images": 99}, "partial_images"),
    ({"response_format": "xml"}, "response_format"),
    ({"strict": "no"}, "strict"),
    ({"strict": True, "promt": "x"}, "promt"),
    ({"image": "http://127.0.0.1/x.png"}, "image"),
    ({"image": "HTTPS://example.org/x.png"}, "image"),
    ({"image": "file:///etc/passwd"}, "image"),
    ({"image": "/etc/passwd"}, "image"),
    ({"image": 7}, "image"),
    ({"image": {"image_url": "data:,x", "file_id": "file-1"}}, "image"),
    ({"image": {"file_id": "file-unknown"}}, "image"),
    ({"image": {"image_url": {"url": 7}}}, "image"),
    ({"image": "data:image/png;base64,PGh0bWw+"}, "image"),
    ({"images": ["x" for _ in range(17)]}, "images"),
    ({"images": [picture().base64, "!"]}, "images[1]"),
    ({"mask": picture().base64}, "mask"),
    ({"format": "png", "output_format": "webp"}, "output_format"),
    ({"size": "64x64", "aspect": "1:1"}, "size"),
]


@pytest.mark.parametrize(("fields", "param"), WRONG, ids=lambda value: repr(value)[:40])
async def test_a_wrong_field_is_named(it: Lab, fields: Json, param: str) -> None:
    answer = await it.draw(**fields)
    assert 400 <= answer.status < 500
    assert answer.error["param"] == param
    assert answer.headers["x-should-retry"] == "false"
    assert it.adapter.asked == []
    assert (await it.draw()).status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"prompt=x", b"\xff", b"<html>", b"[" * 50_000]
)
async def test_a_body_that_is_no_object_is_refused(it: Lab, body: bytes) -> None:
    answer = await it.ask(GENERATIONS, body)
    assert (answer.status, answer.error["code"]) == (400, "invalid_json")
    assert "JSON object" in str(answer.error["message"])


@pytest.mark.parametrize(
    ("body", "param"),
    [(b'{"prompt":"x","seed":NaN}', "seed"), (b'{"prompt":"\\udfff"}', "prompt")],
)
async def test_what_json_forbids_is_named(it: Lab, body: bytes, param: str) -> None:
    answer = await it.ask(GENERATIONS, body)
    assert (answer.status, answer.error["param"]) == (400, param)


FILES = {
    "html": b"<!doctype html><html></html>" * 9,
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 9,
    "pdf": b"%PDF-1.7" * 99,
    "program": b"MZ" + b"\x00" * 99,
    "nothing": b"",
    "cut": png()[:40],
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
async def test_a_file_that_is_no_picture_is_named(it: Lab, data: bytes) -> None:
    form = aiohttp.FormData({"prompt": "x"})
    form.add_field("image", data, filename="x.png", content_type="image/png")
    answer = await it.ask(EDITS, form)
    assert (answer.status, answer.error["param"]) == (400, "image")
    assert "PNG" in str(answer.error["hint"])


async def test_a_picture_of_too_many_pixels_is_refused_from_its_header(it: Lab) -> None:
    header = bytearray(png())
    header[16:24] = (30_000).to_bytes(4) * 2
    form = aiohttp.FormData({"prompt": "x"})
    form.add_field("image", bytes(header), filename="x.png")
    answer = await it.ask(EDITS, form)
    assert (answer.status, answer.error["param"]) == (413, "image")


async def test_a_picture_over_the_limit_is_413() -> None:
    async with lab({"limits": {"input_image": "50B"}}) as it:
        form = aiohttp.FormData({"prompt": "x"})
        form.add_field("image", png(), filename="x.png")
        answer = await it.ask(EDITS, form)
        assert (answer.status, answer.error["param"]) == (413, "image")


async def test_a_body_over_the_limit_is_413() -> None:
    async with lab({"limits": {"body": "100B"}}) as it:
        answer = await it.draw(prompt="x" * 200)
        assert (answer.status, answer.error["code"]) == (413, "too_large")


async def test_a_compressed_body_is_415(it: Lab) -> None:
    answer = await it.ask(GENERATIONS, b"\x1f\x8b", Content_Encoding="gzip")
    assert (answer.status, answer.error["code"]) == (415, "compressed_body")


async def test_a_form_with_a_strange_file_is_refused(it: Lab) -> None:
    form = aiohttp.FormData({"prompt": "x"})
    form.add_field("markup", png(), filename="x.png")
    answer = await it.ask(EDITS, form)
    assert (answer.status, answer.error["param"]) == (400, "markup")


async def test_a_form_with_too_many_parts_is_refused(it: Lab) -> None:
    form = aiohttp.FormData({f"p{number}": "x" for number in range(100)})
    form.add_field("image", png(), filename="x.png")
    answer = await it.ask(EDITS, form)
    assert (answer.status, answer.error["code"]) == (400, "invalid_form")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**62) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*FIELD_BY_NAME, "stream", "response_format", "lab"]) | st.text(
    string.printable, max_size=9
)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(fields=st.dictionaries(NAMES, ANY_JSON, max_size=5))
async def test_no_fields_whatever_make_a_500(it: Lab, fields: dict[str, JsonValue]) -> None:
    answer = await it.ask(GENERATIONS, orjson.dumps({"prompt": "x", **fields}))
    assert answer.status < 500
