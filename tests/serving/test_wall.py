"""Whatever goes wrong is an answer in one shape, and its id is in the log."""

from __future__ import annotations

import logging

import orjson
import pytest
from aiohttp import web

from imageway.serving.connection import Patience
from imageway.serving.problems import Refused
from imageway.serving.wall import Voice
from tests.serving.site import get, site


async def test_a_bug_is_a_500_whose_id_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with site(Patience()) as here:
        with caplog.at_level(logging.ERROR, "imageway"):
            answer = await here.send(get("/bug", "Connection: close"))
    error = orjson.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert answer.startswith(b"HTTP/1.1 500")
    assert error["request_id"] in caplog.text
    assert "secret detail" not in str(error)


async def test_an_unknown_path_names_a_near_one() -> None:
    async with site(Patience()) as here:
        answer = await here.send(get("/helo", "Connection: close"))
    error = orjson.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert error["code"] == "unknown_url"
    assert error["hint"] == "did you mean '/hello'?"


async def test_a_clients_own_request_id_is_replaced() -> None:
    async with site(Patience()) as here:
        answer = await here.send(get("/hello", "X-Request-Id: mine", "Connection: close"))
    assert b"X-Request-Id: req_" in answer or b"X-Request-ID: req_" in answer
    assert b"mine" not in answer


def in_one_word(request: web.BaseRequest, refused: Refused) -> web.Response:
    return web.Response(text=refused.problem.code, status=refused.problem.status)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (get("/bug", "Connection: close"), b"internal_error"),
        (get("/helo", "Connection: close"), b"unknown_url"),
        (get("/hello", "Expect: miracles", "Connection: close"), b"expectation_failed"),
        (b"HELLO\r\n\r\n", b"bad_http"),
    ],
)
async def test_a_service_says_everything_in_its_own_envelope(sent: bytes, said: bytes) -> None:
    async with site(Patience(), voice=Voice(in_one_word, b"busy")) as here:
        assert (await here.send(sent)).endswith(b"\r\n\r\n" + said)


async def test_a_service_says_in_its_own_words_that_it_is_full() -> None:
    async with site(Patience(), connections=1, voice=Voice(in_one_word, b"busy")) as here:
        _, writer = await here.connect()
        writer.write(get("/held"))
        await here.entered.wait()
        assert (await here.send(get("/hello"))).endswith(b"\r\n\r\nbusy")
