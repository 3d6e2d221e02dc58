"""No client holds a connection without asking, reading, or speaking HTTP."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from imageway.serving.connection import Patience
from tests.serving.site import get, site

pytestmark = pytest.mark.slow


SHORT = Patience(header=0.2, reader=0.2)
LONG = Patience()
BAD = [
    b"\x16\x03\x01\x02\x00TLS hello",
    b"HELLO\r\n\r\n",
    b"GET /hello HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
    b"GET /hello HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
    b"GET /hello HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(500)) + b"\r\n",
]


async def test_a_header_that_does_not_end_is_not_waited_for() -> None:
    async with site(SHORT) as here:
        assert await here.send(b"GET /hello HTTP/1.1\r\nHost: ") == b""


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with site(SHORT) as here:
        assert await here.send(b"") == b""


async def test_a_second_header_that_does_not_end_is_not_waited_for() -> None:
    async with site(SHORT) as here:
        reader, writer = await here.connect()
        writer.write(get("/hello"))
        assert b"200" in await reader.readline()
        writer.write(get("/hello")[:20])
        assert b"HTTP/1.1" not in await asyncio.wait_for(reader.read(), 5)


async def test_slow_loris_sockets_do_not_stop_a_normal_request() -> None:
    async with site(LONG, connections=20) as here:
        slow = [await here.connect() for _ in range(60)]
        for _, writer in slow:
            writer.write(b"GET /hello HTTP/1.1\r\nX: ")
        answer = await here.send(get("/hello", "Connection: close"))
        assert b"HTTP/1.1 200" in answer
        assert here.listener.gate.count <= 20


async def test_one_too_many_at_work_is_told_to_come_back() -> None:
    async with site(LONG, connections=1) as here:
        _, writer = await here.connect()
        writer.write(get("/held"))
        await here.entered.wait()
        answer = await here.send(get("/hello"))
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 1" in answer
        here.held.set()


async def test_a_place_is_free_again_when_its_client_has_gone() -> None:
    async with site(LONG, connections=1) as here:
        _, writer = await here.connect()
        writer.write(get("/held"))
        await here.entered.wait()
        writer.close()
        await asyncio.wait_for(here.left.wait(), 1)
        assert b"HTTP/1.1 200" in await here.send(get("/hello", "Connection: close"))


async def test_a_reader_that_takes_nothing_is_cut() -> None:
    async with site(SHORT) as here:
        _, writer = await here.connect()
        writer.write(get("/flood"))
        await asyncio.wait_for(here.left.wait(), 5)


async def test_a_slow_reader_that_goes_on_reading_is_not_cut() -> None:
    async with site(SHORT) as here:
        reader, writer = await here.connect()
        writer.write(get("/flood"))
        loop = asyncio.get_running_loop()
        until = loop.time() + 3 * SHORT.reader
        while loop.time() < until:
            assert await reader.readexactly(2**20)
        assert not here.left.is_set()


@pytest.mark.parametrize("data", BAD, ids=["tls", "no http", "long", "no colon", "many"])
async def test_what_is_no_http_is_answered_in_the_envelope(data: bytes) -> None:
    async with site(LONG) as here:
        answer = await here.send(data)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
        assert b'"code":"bad_http"' in answer


async def test_an_expectation_that_nobody_meets_is_answered_in_the_envelope() -> None:
    async with site(LONG) as here:
        answer = await here.send(get("/hello", "Expect: miracles", "Connection: close"))
        assert answer.startswith(b"HTTP/1.1 417")
        assert b'"code":"expectation_failed"' in answer


async def test_a_compressed_body_is_refused_unread() -> None:
    body = gzip.compress(b"x" * 10**7)
    head = f"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
    async with site(LONG) as here:
        answer = await here.send(
            f"{head}Content-Encoding: gzip\r\nConnection: close\r\n\r\n".encode() + body
        )
        assert answer.startswith(b"HTTP/1.1 415")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 2000\r\n\r\n", b"413"),
        (b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n", b"413"),
        (b"Transfer-Encoding: chunked\r\n\r\nnot a number\r\n", b"400"),
        (b"Content-Length: 10\r\n\r\nhalf", b"408"),
    ],
    ids=["told", "chunked", "garbled", "stalled"],
)
async def test_a_body_that_is_too_much_or_too_slow_is_refused(head: bytes, status: bytes) -> None:
    async with site(LONG, silent=0.1) as here:
        reader, writer = await here.connect()
        writer.write(b"POST /echo HTTP/1.1\r\nHost: a\r\n" + head)
        line = await asyncio.wait_for(reader.readline(), 5)
        assert line.split()[1] == status


async def test_a_body_that_drips_for_ever_is_cut() -> None:
    async with site(LONG, silent=5, total=0.1) as here:
        reader, writer = await here.connect()
        writer.write(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx")
        line = await asyncio.wait_for(reader.readline(), 5)
        assert line.split()[1] == b"408"
