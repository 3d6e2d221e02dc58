"""Whatever a caller sends: the code that the contract names, and the next request unaffected."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from tests.qwen.lab import GENERATE, Json, Lab, lab

ALIAS = "/v1/images/generations"
LARGE = b'{"prompt":"x","padding":"' + b"x" * 65_600 + b'"}'
WRONG: list[tuple[bytes, int]] = [
    (b'{"prompt":"' + "狐".encode() * 513 + b'"}', 1002),
    (b'{"prompt":"' + "🦊".encode() * 513 + b'"}', 1002),
    (b"{}", 1001),
    (b'{"prompt":null}', 1001),
    (b'{"prompt":" "}', 1001),
    (b'{"prompt":"\\udfff"}', 1001),
    (b'{"prompt":"x","negative_prompt":7}', 1904),
    (b'{"prompt":"x","aspect_ratio":"16/9"}', 1003),
    (b'{"prompt":"x","aspect_ratio":"5:4"}', 1003),
    (b'{"prompt":"x","num_steps":19}', 2001),
    (b'{"prompt":"x","num_steps":101}', 2001),
    (b'{"prompt":"x","num_steps":true}', 2001),
    (b'{"prompt":"x","num_steps":"50"}', 2001),
    (b'{"prompt":"x","num_steps":50.5}', 2001),
    (b'{"prompt":"x","num_steps":NaN}', 2001),
    (b'{"prompt":"x","num_steps":1e999}', 2001),
    (b'{"prompt":"x","cfg_scale":NaN}', 2002),
    (b'{"prompt":"x","cfg_scale":-Infinity}', 2002),
    (b'{"prompt":"x","cfg_scale":false}', 2002),
    (b'{"prompt":"x","cfg_scale":0.5}', 2002),
    (b'{"prompt":"x","seed":-2}', 2903),
    (b'{"prompt":"x","seed":9007199254740992}', 2903),
    (b'{"prompt":"x","seed":true}', 2903),
    (b'{"prompt":"x","format":"gif"}', 2904),
    (b'{"prompt":"x","async":"yes"}', 2904),
    (b'{"prompt":"x","allow_degrade":0}', 2904),
    (b'{"prompt":"x","max_wait_seconds":0}', 2904),
    (b"", 1900),
    (b"{", 1900),
    (b"[]", 1900),
    (b'"x"', 1900),
    (b"null", 1900),
    (b"prompt=x", 1900),
    (b"\xff\xfe{\x00}\x00", 1900),
    (b"[" * 50_000, 1900),
    (b'{"seed":' + b"9" * 5000 + b"}", 1900),
]


@pytest.mark.parametrize(("body", "code"), WRONG, ids=lambda each: repr(each)[:50])
async def test_what_is_wrong_has_its_code_and_the_next_is_unaffected(
    it: Lab, body: bytes, code: int
) -> None:
    answer = await it.ask("POST", GENERATE, body)
    assert (answer.status, answer.code) == (400, code)
    assert answer.headers["X-Request-Id"] == answer.json["request_id"]
    assert answer.headers["x-should-retry"] == "false"
    assert it.engine.tasks == []
    assert (await it.generate()).status == 200


@pytest.mark.parametrize("letter", ["a", "狐", "🦊"])
async def test_512_characters_are_not_too_many(it: Lab, letter: str) -> None:
    assert (await it.generate(letter * 512)).status == 200
    assert it.engine.tasks[0].prompt == letter * 512


async def test_the_first_wrong_field_of_the_table_answers(it: Lab) -> None:
    assert (await it.generate(7, num_steps=1, seed=-5)).code == 1001
    assert (await it.generate("x", aspect_ratio="1", num_steps=1, seed=-5)).code == 1003
    assert (await it.generate("x", num_steps=1, cfg_scale=0, seed=-5)).code == 2001


async def test_a_wrong_request_is_told_so_even_while_the_model_loads() -> None:
    async with lab(opens=False) as it:
        assert (await it.generate("")).code == 1001
        assert (await it.generate("x")).code == 3001


async def test_a_body_of_65_kib_is_too_large(it: Lab) -> None:
    answer = await it.ask("POST", GENERATE, LARGE)
    assert (answer.status, answer.code, answer.json["limit"]) == (413, 1900, 65_536)
    assert (await it.generate()).status == 200


async def test_a_compressed_body_is_refused(it: Lab) -> None:
    answer = await it.ask("POST", GENERATE, b"\x1f\x8b", Content_Encoding="gzip")
    assert (answer.status, answer.code) == (415, 1900)


@pytest.mark.parametrize(("field", "allowed"), [("aspect_ratio", "1:1"), ("format", "png")])
async def test_what_would_be_right_is_named(it: Lab, field: str, allowed: str) -> None:
    told = (await it.generate(**{field: "nonsense"})).json
    assert isinstance(told["allowed"], list)
    assert allowed in told["allowed"]
    assert told["got"] == "nonsense"


@pytest.mark.parametrize(
    ("language", "message"),
    [("zh-CN,zh;q=0.9", "提示词超过 512 个字符"), ("en", "Prompt exceeds 512 characters")],
)
async def test_the_message_is_in_the_callers_language(it: Lab, language: str, message: str) -> None:
    body = {"prompt": "x" * 513}
    answer = await it.ask("POST", GENERATE, body, Accept_Language=language)
    assert answer.json == {
        "code": 1002,
        "message": message,
        "request_id": answer.headers["X-Request-Id"],
        "limit": 512,
        "got": 513,
    }
    assert message.encode() in answer.body, "UTF-8 is not escaped"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("GET", "/nothing", 404),
        ("GET", GENERATE, 405),
        ("POST", "/api/health", 405),
        ("DELETE", "/api/requests/", 404),
        ("GET", "/api/requests/a/b/c", 404),
    ],
)
async def test_a_wrong_path_is_said_in_the_same_shape(
    it: Lab, method: str, path: str, status: int
) -> None:
    answer = await it.ask(method, path)
    assert (answer.status, answer.code) == (status, 1905)
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "sent",
    [
        b"HELLO\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n",
        b"POST /api/generate HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ],
    ids=["no HTTP", "bad header", "bad chunk"],
)
async def test_what_is_no_http_is_said_in_the_same_shape(it: Lab, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(it.url.rpartition(":")[2]))
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readuntil(b"}")
    writer.close()
    await writer.wait_closed()
    assert head.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert orjson.loads(body)["code"] == 1900


async def test_two_hosts_are_refused(it: Lab) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(it.url.rpartition(":")[2]))
    writer.write(
        b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n"
        b"Connection: close\r\n\r\n"
    )
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.split()[1] in {b"400", b"403"}


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**62) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)
OWN = ("negative_prompt", "aspect_ratio", "num_steps", "cfg_scale", "seed", "format", "async")
OPENAIS = ("n", "size", "quality", "output_format", "response_format", "stream", "partial_images")
NAMES = st.sampled_from([*OWN, *OPENAIS, "max_wait_seconds", "allow_degrade", "model"])


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(fields=st.dictionaries(NAMES, ANY_JSON, max_size=4), path=st.sampled_from([GENERATE, ALIAS]))
async def test_no_fields_whatever_make_a_500(
    it: Lab, fields: dict[str, JsonValue], path: str
) -> None:
    body: Json = {"prompt": "x", "num_steps": 20, **fields}
    answer = await it.ask("POST", path, orjson.dumps(body, default=str))
    assert answer.status < 500 or answer.code == 3903
